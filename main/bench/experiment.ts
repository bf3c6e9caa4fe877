import { setImmediate } from 'node:timers/promises'
import { Arena, native } from '../../native-bench/index.ts'
import {
  type ExperimentSpec,
  faultOf,
  LabError,
  type LaneSpec,
  laneLabel,
  PAGE_SIZE,
  type SeriesSample,
} from '../contract/index.ts'
import { createSwapfile, DirectSwap, type Swapfile, sweepLeftovers } from '../swapfile/index.ts'
import { LANES, laneMemory } from './lanes/index.ts'
import { measureObserver } from './measure/observer.ts'
import { type SeriesReading, sampleBetween } from './measure/series.ts'
import { measuredWorld } from './measured-world.ts'
import type { EnginePhase, FromEngine, ToEngine } from './protocol.ts'
import { runTrial, SCRATCH_PAGES, type TrialPhase } from './trial.ts'
import { buildCorpus, type Corpus, Random } from './workloads/index.ts'

/** Carries out one experiment: prepares swap file and contents, then all trials of all lanes in their shuffled order. */

/** Slots beyond one for each page: those whose last write is still under way when a page wants another. */
const SPARE_SLOTS = 4096
/** Random stream of the trial order; 1 and 2 are the accesses' and the contents'. */
const ORDER_RANDOM = 3
const PROGRESS_EVERY_MS = 1000
/** Share of a trial's time that its measured part takes, until a trial has shown otherwise. */
const PHASE_START: Record<TrialPhase, number> = { populate: 0, warmup: 0.15, measure: 0.25, drain: 0.95, verify: 0.95 }
const PHASE_END: Record<TrialPhase, number> = { populate: 0.15, warmup: 0.25, measure: 0.95, drain: 0.95, verify: 1 }

export interface ExperimentHooks {
  send(message: FromEngine): void
  /** Aborted where the lab asks to cancel. */
  signal: AbortSignal
}

/**
 * Lanes in the order their trials are carried out: blocks in which each lane comes once, each block shuffled, so that heat
 * and background load hit all lanes alike.
 */
export function trialOrder(lanes: number, trials: number, seed: number): number[] {
  const random = new Random(seed, ORDER_RANDOM)
  const order: number[] = []
  for (let block = 0; block < trials; block++)
    order.push(...random.shuffle(Array.from({ length: lanes }, (_, lane) => lane)))
  return order
}

/** Slots of the swap file of an experiment. */
export function slotsFor(spec: ExperimentSpec): number {
  return spec.workload.pages + Math.min(SPARE_SLOTS, spec.memory.frames)
}

/** Ends in exactly one `end` message; nothing of it is left on the disk. */
export async function runExperiment(
  request: Extract<ToEngine, { kind: 'run' }>,
  hooks: ExperimentHooks,
): Promise<void> {
  const experiment = new Experiment(request, hooks)
  try {
    await experiment.run()
    hooks.send({ kind: 'end', status: 'done' })
  } catch (error) {
    const fault = faultOf(error)
    hooks.send(
      fault.code === 'cancelled' ? { kind: 'end', status: 'cancelled' } : { kind: 'end', status: 'failed', fault },
    )
  } finally {
    experiment.close()
  }
}

class Experiment {
  private readonly request: Extract<ToEngine, { kind: 'run' }>
  private readonly spec: ExperimentSpec
  private readonly hooks: ExperimentHooks
  private swapfile: Swapfile | null = null
  private swap: DirectSwap | null = null
  private arena: Arena | null = null
  private corpus: Corpus | null = null
  private order: number[] = []
  private trial = 0
  private lastProgress = 0
  private readonly laneMs: { total: number; trials: number }[]

  constructor(request: Extract<ToEngine, { kind: 'run' }>, hooks: ExperimentHooks) {
    this.request = request
    this.spec = request.spec
    this.hooks = hooks
    this.laneMs = request.spec.lanes.map(() => ({ total: 0, trials: 0 }))
  }

  async run(): Promise<void> {
    const { spec, request, hooks } = this
    this.order = trialOrder(spec.lanes.length, spec.trials, spec.seed)
    this.checkLanes()
    this.progress('prepare', 'collecting page contents', 0, null)
    const corpus = buildCorpus(spec.workload.content, { seed: spec.seed, selfCorpus: request.selfCorpus })
    this.corpus = corpus
    this.arena = new Arena(spec.memory.frames + SCRATCH_PAGES)
    await this.prepareSwap(this.arena)
    this.checkCancelled()
    const swap = this.openSwap()
    hooks.send({
      kind: 'prepared',
      corpus: corpus.facts,
      swapfile: swap.facts,
      trialOrder: this.order,
      notes: spec.lanes.map((lane) => this.notesFor(lane, swap)),
      observer: measureObserver(),
    })
    for (this.trial = 0; this.trial < this.order.length; this.trial++) await this.carryOut(this.order[this.trial])
  }

  close(): void {
    try {
      this.swap?.close()
    } finally {
      this.swapfile?.close()
    }
    this.corpus?.release()
    this.arena?.release()
  }

  private async prepareSwap(arena: Arena): Promise<void> {
    const { spec, request, hooks } = this
    sweepLeftovers(request.swapDir)
    this.swapfile = await createSwapfile({
      directory: request.swapDir,
      slots: slotsFor(spec),
      runId: request.runId,
      buffered: spec.swapfile.buffered,
      signal: hooks.signal,
      onProgress: (fraction) => this.progress('prepare', 'writing the swap file through', fraction, null),
    })
    this.swap = new DirectSwap(this.swapfile, arena, spec.swapfile)
  }

  private openSwap(): DirectSwap {
    if (!this.swap) throw new Error('the swap file is not prepared')
    return this.swap
  }

  private async carryOut(laneIndex: number): Promise<void> {
    const { spec, hooks, arena, corpus } = this
    if (!arena || !corpus) throw new Error('the experiment is not prepared')
    const lane = spec.lanes[laneIndex]
    const startedAt = new Date().toISOString()
    const start = performance.now()
    let last: SeriesReading | null = null
    const result = await runTrial(
      {
        spec,
        lane,
        slots: slotsFor(spec),
        openWorld: measuredWorld({
          spec,
          arena,
          corpus: { arena: corpus.arena.id, pages: corpus.pages },
          openSwap: (observer) => {
            const swap = this.openSwap()
            swap.observer = observer
            return swap
          },
        }),
      },
      {
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
      },
    )
    const durationMs = performance.now() - start
    this.laneMs[laneIndex].total += durationMs
    this.laneMs[laneIndex].trials++
    hooks.send({
      kind: 'trial',
      lane: laneIndex,
      report: {
        order: this.trial,
        status: 'done',
        startedAt,
        durationMs,
        metrics: result.metrics,
        counters: result.counters,
        verified: result.verified,
      },
      histograms: result.histograms,
      series: result.series,
    })
  }

  /** @param within share of the current step, 0..1 */
  private progress(phase: EnginePhase, message: string, within: number, sample: SeriesSample | null): void {
    const now = performance.now()
    if (now - this.lastProgress < PROGRESS_EVERY_MS && this.lastProgress !== 0) return
    this.lastProgress = now
    const preparing = phase === 'prepare'
    const { order } = this
    const measured = this.laneMs.filter((lane) => lane.trials > 0)
    const meanMs = measured.reduce((sum, lane) => sum + lane.total / lane.trials, 0) / measured.length
    const expectedMs = (lane: number) =>
      this.laneMs[lane].trials > 0 ? this.laneMs[lane].total / this.laneMs[lane].trials : meanMs
    const rest = preparing ? 0 : order.slice(this.trial + 1).reduce((sum, lane) => sum + expectedMs(lane), 0)
    const current = preparing ? 0 : expectedMs(order[this.trial])
    const etaMs = measured.length === 0 || preparing ? null : rest + current * (1 - within)
    this.hooks.send({
      kind: 'progress',
      progress: {
        phase,
        message,
        lane: preparing ? null : order[this.trial],
        trial: preparing ? 0 : this.trial + 1,
        trials: order.length,
        fraction: preparing ? 0 : Math.min(1, (this.trial + within) / order.length),
        etaMs,
        sample,
      },
    })
  }

  private checkCancelled(): void {
    if (this.hooks.signal.aborted) throw new LabError({ code: 'cancelled', message: 'The run was cancelled.' })
  }

  /** Fails before anything is written where a lane cannot run here. */
  private checkLanes(): void {
    const available = new Map(native.codecList().map((codec) => [codec.codec, codec]))
    for (const [index, lane] of this.spec.lanes.entries()) {
      if (lane.lane !== 'zcache') continue
      const codec = available.get(lane.codec)
      if (codec?.available) continue
      throw new LabError({
        code: 'codec_unavailable',
        message: `${lane.codec} is unavailable here: ${codec?.reason ?? 'unknown codec'}.`,
        remedy: `Install it (Debian: apt-get install ${codec?.package ?? lane.codec}), or choose another codec.`,
        field: `lanes.${index}.codec`,
      })
    }
  }

  private notesFor(lane: LaneSpec, swap: DirectSwap): string[] {
    const { spec } = this
    const notes: string[] = []
    const { reserve, metadataBytes } = laneMemory(lane, spec, slotsFor(spec))
    const metadata = Math.ceil(metadataBytes / PAGE_SIZE)
    notes.push(
      `${LANES[lane.lane].title}: ${spec.memory.frames} frames of RAM = ${spec.memory.frames - metadata - reserve} for pages and pool, ` +
        `${reserve} reserve, ${metadata} metadata`,
    )
    if (!swap.facts.direct) notes.push('buffered: the page cache of the host stands between the engine and the disk')
    if (swap.facts.ioReason) notes.push(`psync stands in for io_uring: ${swap.facts.ioReason}`)
    return notes
  }
}

const PHASE_WORDS: Record<TrialPhase, string> = {
  populate: 'touching every page once',
  warmup: 'warming up',
  measure: 'measuring',
  drain: 'waiting for the last writes',
  verify: 'checking every page',
}
