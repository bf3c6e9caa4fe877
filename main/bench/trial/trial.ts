import type { ExperimentSpec, LaneSpec, SeriesSample, TrialFacts, TrialReport } from '../../contract/index.ts'
import { type LaneEvent, mostPages, needsFuture } from '../lanes/index.ts'
import type { HistogramData } from '../measure/histogram.ts'
import { Rounds } from '../measure/rounds.ts'
import { Series, type SeriesReading, sampleBetween } from '../measure/series.ts'
import { type AccessStream, ForeseenAccesses, openAccess } from '../workloads/index.ts'
import type { OpenWorld } from '../world.ts'
import { AccessLoop, type AccessObserver } from './access-loop.ts'
import { countedBetween } from './counters.ts'
import { checkEveryPage } from './final-check.ts'
import { leastReads } from './least-reads.ts'
import { Machine } from './machine.ts'
import { type MeasuredPart, metricsOf } from './metrics.ts'

/** One run of one lane: the statistical sample. Populate, warm up, measure, drain, check every page. */

export interface TrialSetup {
  spec: ExperimentSpec
  lane: LaneSpec
  slots: number
  /** Its swap area has every slot free, its arena memory.frames + SCRATCH_PAGES pages. */
  openWorld: OpenWorld
  /** Default: what the specification's pattern gives. */
  accesses?: AccessStream
  /** Hears of every access and of every page that leaves memory, in their order. */
  observer?: AccessObserver
}

export type TrialPhase = 'populate' | 'warmup' | 'measure' | 'drain' | 'verify'

export interface TrialHooks {
  /** Called a few times a second between two accesses. @throws to end the trial */
  tick(phase: TrialPhase, fraction: number, reading: SeriesReading): Promise<void>
}

export interface TrialResult {
  metrics: Record<string, number>
  counters: Record<string, number>
  verified: TrialReport['verified']
  histograms: Record<string, HistogramData>
  series: SeriesSample[]
  facts: TrialFacts
}

/** @throws LabError io_error, mismatch, invariant, codec_unavailable; whatever hooks.tick throws */
export async function runTrial(setup: TrialSetup, hooks: TrialHooks): Promise<TrialResult> {
  const { spec, lane } = setup
  const { pages, operations, access } = spec.workload
  const accesses = setup.accesses ?? (await openAccess(access, { pages, operations, seed: spec.seed }))
  const foreseen = needsFuture(lane) ? new ForeseenAccesses(accesses, { pages, operations }) : null
  const trial = new Trial(setup, hooks, foreseen ?? accesses, foreseen)
  try {
    return await trial.run()
  } finally {
    trial.close()
  }
}

class Trial {
  private readonly spec: ExperimentSpec
  private readonly hooks: TrialHooks
  private readonly machine: Machine
  private readonly loop: AccessLoop
  private readonly leastReads: number | null
  private readonly series = new Series()
  private lastReading: SeriesReading
  private startNs = 0
  private nextSample = 0
  /** Accesses of the stream so far, and after how many the lane's next event is due. */
  private driven = 0
  private eventAfter: number
  private readonly events: LaneEvent[]

  constructor(setup: TrialSetup, hooks: TrialHooks, stream: AccessStream, foreseen: ForeseenAccesses | null) {
    const { spec, lane, slots, openWorld, observer } = setup
    this.spec = spec
    this.hooks = hooks
    this.leastReads = foreseen && leastReadsOf(setup, foreseen)
    const onEvict = observer && ((vpn: number) => observer.evict(vpn))
    this.machine = new Machine({ spec, lane, slots, openWorld, foreseen, onEvict })
    this.loop = new AccessLoop(this.machine, stream, { load: spec.workload.load, seed: spec.seed, observer })
    this.events = [...(this.machine.lane.events ?? [])]
    this.eventAfter = this.nextEvent()
    this.lastReading = this.read()
  }

  async run(): Promise<TrialResult> {
    const { machine, spec } = this
    await this.populate()
    await this.drive(warmupOf(spec), 'warmup')
    // A stop of the warm-up is told of in a turn.
    if (machine.world.stoppedNs) await this.tick('warmup', 1)
    const stoppedBefore = this.stoppedNs()
    const { part, facts } = await this.measure()
    await this.tick('drain', 0)
    const stop = stopFacts(this.stoppedNs() - stoppedBefore, part.elapsedNs)
    machine.comeToRest()
    await checkEveryPage(machine, spec, (fraction) => this.tick('verify', fraction))
    machine.takeDown()
    const { verified, mismatches } = machine.world.contents
    return {
      metrics: metricsOf(part),
      counters: part.counters,
      verified: { pages: verified, mismatches },
      histograms: part.histograms,
      series: this.series.samples,
      facts: { ...facts, ...stop },
    }
  }

  private stoppedNs(): number {
    return this.machine.world.stoppedNs?.() ?? 0
  }

  close(): void {
    this.machine.close()
  }

  private async populate(): Promise<void> {
    const { loop } = this
    const { world } = this.machine
    const { pages } = this.spec.workload
    this.startNs = world.clock.now()
    this.nextSample = this.startNs + this.series.intervalNs
    world.turnTaken(this.startNs)
    for (let vpn = 0; vpn < pages; ) {
      vpn += loop.populate(vpn, Math.min(loop.stretchLength, pages - vpn))
      if (this.due(true)) await this.tick('populate', vpn / pages)
    }
  }

  private async measure(): Promise<{ part: MeasuredPart; facts: TrialFacts }> {
    const { machine, loop } = this
    const { meters, codecTime, hookTime, lane, world } = machine
    const { clock } = world
    const accesses = this.spec.workload.operations - warmupOf(this.spec)
    this.sample(clock.now(), true)
    meters.clear()
    codecTime.clear()
    hookTime?.clear()
    lane.clearPeaks?.()
    const countersBefore = machine.counters()
    const chunksBefore = lane.cumulChunkCounts?.()
    const writtenBefore = lane.gauges().writtenBack
    world.sensors?.start()
    const peakIsOfIt = world.restartPeak?.() ?? false
    const before = world.usage()
    const aside = loop.asideNs
    const start = clock.now()
    const rounds = new Rounds({ accesses, open: loop.arrivals !== null, now: start - aside })
    await this.drive(accesses, 'measure', rounds)
    const held = loop.arrivals?.facts()
    const elapsedNs = clock.now() - start - (loop.asideNs - aside)
    const after = world.usage()
    const sensors = world.sensors?.end()
    this.sample(clock.now(), false)
    const hooks = hookTime?.facts(elapsedNs) ?? []
    const part: MeasuredPart = {
      accesses,
      elapsedNs,
      faults: meters.faults,
      pagesRead: meters.pagesRead,
      counters: countedBetween(countersBefore, machine.counters()),
      poolMetrics: {
        ...lane.poolMetrics(),
        ...codecTime.metrics(),
        ...(hooks.length > 0 && { 'policy.share': hooks.reduce((sum, { share }) => sum + share, 0) }),
      },
      writtenBack: lane.backend && lane.gauges().writtenBack - writtenBefore,
      usage: before && after && { before, after, peakIsOfIt },
      histograms: meters.data(),
      leastReads: this.leastReads,
    }
    const chunks = chunksBefore && lane.cumulChunkCounts?.()?.map((count, at) => count - chunksBefore[at])
    if (world.live) part.histograms['fault.null.ns'] = world.live.nullFaults()
    return {
      part,
      facts: {
        steady: rounds.facts(),
        ...(chunks && { cumulChunkCounts: chunks }),
        ...(hooks.length > 0 && { hooks }),
        ...(sensors && { sensors }),
        ...(held && { load: held.load }),
        ...(held?.invalid && { invalid: held.invalid }),
      },
    }
  }

  private async drive(count: number, phase: 'warmup' | 'measure', rounds?: Rounds): Promise<void> {
    const { loop } = this
    const { meters, world } = this.machine
    loop.arrivals?.start(world.clock.now() - loop.asideNs, count)
    for (let done = 0; done < count; ) {
      while (this.driven >= this.eventAfter) {
        this.events.shift()?.act()
        this.eventAfter = this.nextEvent()
      }
      const made = loop.carryOut(Math.min(loop.stretchLength, count - done, this.eventAfter - this.driven))
      done += made
      this.driven += made
      if (rounds?.ends(done)) rounds.end(done, world.clock.now() - loop.asideNs, meters.response.sum)
      if (this.due(phase === 'warmup')) await this.tick(phase, done / count)
    }
  }

  private nextEvent(): number {
    const next = this.events.at(0)
    return next ? Math.floor(next.at * this.spec.workload.operations) : Number.POSITIVE_INFINITY
  }

  /** Looks at the clock: takes a sample when one is due, and says whether the event loop is. */
  private due(warmup: boolean): boolean {
    const { mm, world } = this.machine
    const now = world.clock.now()
    mm.tick(now)
    if (now >= this.nextSample) this.sample(now, warmup)
    return world.turnDue(now)
  }

  private async tick(phase: TrialPhase, fraction: number): Promise<void> {
    const { world } = this.machine
    const start = world.clock.now()
    world.sensors?.look(start)
    await this.hooks.tick(phase, fraction, this.read())
    const end = world.clock.now()
    this.loop.asideNs += end - start
    world.turnTaken(end)
  }

  private sample(now: number, warmup: boolean): void {
    const reading = this.read()
    this.series.add(sampleBetween(this.lastReading, reading, (now - this.startNs) / 1e6, warmup))
    this.lastReading = reading
    this.nextSample = now + this.series.intervalNs
  }

  private read(): SeriesReading {
    return this.machine.reading(this.loop.accesses)
  }
}

/** A stop this long, as a share of the measured part, makes another thing of its figures; below, no verdict would see it. */
const STOPPED_SHARE = 0.01

function stopFacts(stoppedNs: number, elapsedNs: number): Pick<TrialFacts, 'stoppedMs' | 'invalid'> {
  if (stoppedNs < STOPPED_SHARE * elapsedNs || stoppedNs === 0) return {}
  return {
    stoppedMs: stoppedNs / 1e6,
    invalid: `The engine was stopped while it was measured, for up to ${(stoppedNs / 1e9).toFixed(1)} s (SIGSTOP, as by a limiter of CPU time), and went on.`,
  }
}

/** Accesses of the warm-up. */
function warmupOf({ workload, warmup }: ExperimentSpec): number {
  return Math.floor(workload.operations * warmup)
}

function leastReadsOf({ spec, lane, slots }: TrialSetup, foreseen: ForeseenAccesses): number | null {
  const capacity = mostPages(lane, spec, slots)
  if (capacity === null) return null
  return leastReads(foreseen, { pages: spec.workload.pages, from: warmupOf(spec), capacity })
}
