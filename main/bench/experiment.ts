import { setImmediate } from 'node:timers/promises'
import {
  type EngineLane,
  type ExperimentSpec,
  isKernelLane,
  LabError,
  type LabFault,
  laneLabel,
  PAGE_SIZE,
  type SeriesSample,
} from '../contract/index.ts'
import { policyFileNotes } from '../zcache/index.ts'
import { burdened } from './burden.ts'
import type { KernelSession } from './kernel-lanes/index.ts'
import { checkLanes, LANES, laneMemory, needsFuture } from './lanes/index.ts'
import { type SeriesReading, sampleBetween } from './measure/series.ts'
import { prepareMeasurement } from './measured-world.ts'
import { BlockOrder, placesFor, slotsFor } from './plan.ts'
import type { EnginePhase, FromEngine, ToEngine } from './protocol.ts'
import { prepareSimulation } from './simulate/index.ts'
import { layoutNote } from './swap-area.ts'
import { runTrial, type TrialHooks, type TrialPhase, type TrialResult } from './trial/index.ts'
import type { OpenWorld, Worlds } from './world.ts'

/** Carries out one experiment: prepares swap file and contents, then all trials of all lanes in their shuffled order. */

const PROGRESS_EVERY_MS = 1000
/** Where in a trial's time its phases begin and end, as shares of it: assumed, for what a person is told of the time left. */
const PHASE_START: Record<TrialPhase, number> = { populate: 0, warmup: 0.15, measure: 0.25, drain: 0.95, verify: 0.95 }
const PHASE_END: Record<TrialPhase, number> = { populate: 0.15, warmup: 0.25, measure: 0.95, drain: 0.95, verify: 1 }

export interface ExperimentHooks {
  send(message: FromEngine): void
  /** Aborted where the lab asks to cancel. */
  signal: AbortSignal
  /** The lab's answer to `waiting`. @throws LabError cancelled */
  answer(): Promise<Extract<ToEngine, { kind: 'more' | 'enough' }>>
  /** The CPU this process is pinned to; null or absent: any. */
  cpu?: number | null
}

/** Nothing of it is left on the disk, however it ends. @throws LabError of what it is made of; `cancelled` */
export async function runExperiment(
  request: Extract<ToEngine, { kind: 'run' }>,
  hooks: ExperimentHooks,
): Promise<void> {
  const experiment = new Experiment(request, hooks)
  try {
    await experiment.run()
  } finally {
    experiment.close()
  }
}

class Experiment {
  private readonly request: Extract<ToEngine, { kind: 'run' }>
  private readonly spec: ExperimentSpec
  private readonly hooks: ExperimentHooks
  private worlds: Worlds | null = null
  private kernel: KernelSession | null = null
  private readonly blocks: BlockOrder
  private readonly plan: { lane: number; block: number }[] = []
  /** Into the plan: the trial under way. */
  private trial = 0
  private nextBlock = 0
  private lastProgress = 0
  private lastPhase: EnginePhase | null = null
  private readonly laneMs: { total: number; trials: number }[]

  constructor(request: Extract<ToEngine, { kind: 'run' }>, hooks: ExperimentHooks) {
    this.request = request
    this.spec = request.spec
    this.hooks = hooks
    this.laneMs = request.spec.lanes.map(() => ({ total: 0, trials: 0 }))
    this.blocks = new BlockOrder(request.spec.seed)
  }

  /** Trials that an earlier process carried out. */
  private get before(): number {
    return this.request.after?.trials ?? 0
  }

  private add(blocks: number, lanes: readonly number[]): void {
    for (let n = 0; n < blocks; n++, this.nextBlock++)
      for (const lane of this.blocks.next(lanes)) this.plan.push({ lane, block: this.nextBlock })
  }

  async run(): Promise<void> {
    const { spec, request, hooks } = this
    checkLanes(spec)
    const all = spec.lanes.map((_, lane) => lane)
    for (const trials of request.after?.blocks ?? []) {
      this.blocks.next(all.slice(0, trials))
      this.nextBlock++
    }
    if (!request.after) this.add(spec.trials, all)
    this.progress('prepare', 'collecting page contents', 0, null)
    const worlds =
      spec.mode === 'simulate'
        ? prepareSimulation(spec, { slots: placesFor(spec), selfCorpus: request.selfCorpus })
        : await this.prepareHost()
    this.worlds = worlds
    this.checkCancelled()
    hooks.send({
      kind: 'prepared',
      corpus: worlds.corpus,
      swapfile: worlds.swapfile,
      trialOrder: this.plan.map(({ lane }) => lane),
      notes: spec.lanes.map((lane) =>
        isKernelLane(lane)
          ? (this.kernel?.notes(lane) ?? [])
          : [
              ramNote(lane, spec),
              ...layoutNote(spec, slotsFor(spec)),
              ...('policy' in lane ? policyFileNotes(lane.policy) : []),
              ...(needsFuture(lane) ? [BOUND_NOTE] : []),
              ...worlds.notes(lane),
            ],
      ),
      observer: worlds.observer,
    })
    for (;;) {
      for (; this.trial < this.plan.length; this.trial++) await this.carryOut(worlds, this.plan[this.trial])
      if (!request.growing) return
      hooks.send({ kind: 'waiting' })
      const answer = await hooks.answer()
      if (answer.kind === 'enough') return
      this.add(answer.blocks, answer.lanes)
    }
  }

  close(): void {
    this.worlds?.close()
  }

  private async carryOut(worlds: Worlds, { lane: laneIndex, block }: { lane: number; block: number }): Promise<void> {
    const { spec, hooks } = this
    const lane = spec.lanes[laneIndex]
    const startedAt = new Date().toISOString()
    const start = performance.now()
    let last: SeriesReading | null = null
    const trialHooks: TrialHooks = {
      tick: async (phase, fraction, reading) => {
        await setImmediate() // a cancel comes in as a message
        this.checkCancelled()
        const now = performance.now()
        if (last === null) last = reading
        if (now - this.lastProgress < PROGRESS_EVERY_MS) return
        const within = PHASE_START[phase] + (PHASE_END[phase] - PHASE_START[phase]) * fraction
        const sample = sampleBetween(last, reading, now - start, phase === 'populate' || phase === 'warmup')
        this.progress(phase, `${laneLabel(lane)}: ${PHASE_WORDS[phase]}`, within, sample)
        last = reading
      },
    }
    let result = NOTHING
    let fault: LabFault | undefined
    try {
      result = await this.runLane(worlds, laneIndex, block, trialHooks)
    } catch (error) {
      // That says something of this lane and this RAM, and nothing of the other lanes.
      if (!(error instanceof LabError) || error.code !== 'out_of_memory') throw error
      fault = error.toFault()
    }
    const { metrics, counters, verified, histograms, series, facts } = result
    const durationMs = performance.now() - start
    if (!fault) {
      this.laneMs[laneIndex].total += durationMs
      this.laneMs[laneIndex].trials++
    }
    hooks.send({
      kind: 'trial',
      lane: laneIndex,
      report: {
        order: this.before + this.trial,
        block,
        status: fault ? 'failed' : facts.invalid ? 'invalid' : 'done',
        startedAt,
        durationMs,
        metrics,
        counters,
        verified,
        ...facts,
        ...(fault && { fault }),
      },
      histograms,
      series,
    })
  }

  private async prepareHost(): Promise<Worlds> {
    const { spec, request, hooks } = this
    const worlds = await prepareMeasurement(spec, {
      slots: placesFor(spec),
      swapDir: request.swapDir,
      runId: request.runId,
      selfCorpus: request.selfCorpus,
      cpu: hooks.cpu ?? null,
      kernel: request.kernel,
      signal: hooks.signal,
      onPermission: () => this.progress('permission', 'waiting for the permission to change swap settings', 0, null),
      onProgress: (fraction) => this.progress('prepare', 'writing the swap file through', fraction, null),
      onPrecondition: (fraction) => this.progress('prepare', 'preconditioning the swap file', fraction, null),
    })
    this.kernel = worlds.kernel
    return worlds
  }

  private runLane(worlds: Worlds, laneIndex: number, block: number, hooks: TrialHooks): Promise<TrialResult> {
    const { spec } = this
    const { burden } = this.request
    const lane = spec.lanes[laneIndex]
    if (!isKernelLane(lane)) {
      const openWorld = worlds.open(lane, block)
      const slower: OpenWorld =
        burden?.lane === laneIndex ? (meters) => burdened(openWorld(meters), burden.share) : openWorld
      return runTrial({ spec, lane, slots: slotsFor(spec), openWorld: slower }, hooks)
    }
    if (!this.kernel) throw new Error(`${lane.lane} has no kernel to run on`)
    return this.kernel.run(lane, hooks)
  }

  /** @param within share of the current step, 0..1 */
  private progress(phase: EnginePhase, message: string, within: number, sample: SeriesSample | null): void {
    const now = performance.now()
    const same = phase === this.lastPhase
    if (same && now - this.lastProgress < PROGRESS_EVERY_MS) return
    this.lastProgress = now
    this.lastPhase = phase
    const preparing = phase === 'prepare' || phase === 'permission'
    const { plan } = this
    const measured = this.laneMs.filter((lane) => lane.trials > 0)
    const meanMs = measured.reduce((sum, lane) => sum + lane.total / lane.trials, 0) / measured.length
    const expectedMs = (lane: number) =>
      this.laneMs[lane].trials > 0 ? this.laneMs[lane].total / this.laneMs[lane].trials : meanMs
    const rest = preparing ? 0 : plan.slice(this.trial + 1).reduce((sum, { lane }) => sum + expectedMs(lane), 0)
    const current = preparing ? 0 : expectedMs(plan[this.trial].lane)
    const etaMs = measured.length === 0 || preparing ? null : rest + current * (1 - within)
    this.hooks.send({
      kind: 'progress',
      progress: {
        phase,
        message,
        lane: preparing ? null : plan[this.trial].lane,
        trial: this.before + this.trial,
        trials: this.before + plan.length,
        fraction: preparing ? 0 : Math.min(1, (this.trial + within) / plan.length),
        etaMs,
        sample,
      },
    })
  }

  private checkCancelled(): void {
    if (this.hooks.signal.aborted) throw new LabError({ code: 'cancelled', message: 'The run was cancelled.' })
  }
}

/** What a trial that could not go on has measured. */
const NOTHING: TrialResult = {
  metrics: {},
  counters: {},
  verified: { pages: 0, mismatches: 0 },
  histograms: {},
  series: [],
  facts: {},
}

const PHASE_WORDS: Record<TrialPhase, string> = {
  populate: 'touching every page once',
  warmup: 'warming up',
  measure: 'measuring',
  drain: 'waiting for the last writes',
  verify: 'checking every page',
}

const BOUND_NOTE =
  'a bound, not a way to run: its policy knows the accesses to come, in tables that are charged to no lane'

/** How the RAM of a lane is shared out before the first access. */
function ramNote(lane: EngineLane, spec: ExperimentSpec): string {
  const { reserve, metadataBytes, bufferPages } = laneMemory(lane, spec, slotsFor(spec))
  const metadata = Math.ceil(metadataBytes / PAGE_SIZE)
  return (
    `${LANES[lane.lane].title}: ${spec.memory.frames} frames of RAM = ${spec.memory.frames - metadata - bufferPages - reserve} for pages and pool, ` +
    `${reserve} reserve, ${metadata} metadata${bufferPages > 0 ? `, ${bufferPages} buffers of the log` : ''}`
  )
}
