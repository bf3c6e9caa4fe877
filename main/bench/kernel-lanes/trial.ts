import { MEMORY_KINDS, native } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
import { KernelTree, type MeasureAnswers, type MeasuringProcess } from '../../kernel/index.ts'
import { type HistogramData, totalCount } from '../measure/histogram.ts'
import { percentileMetrics } from '../measure/percentile-metrics.ts'
import { ROUNDS, Rounds } from '../measure/rounds.ts'
import type { Sensors } from '../measure/sensors.ts'
import { Series, type SeriesReading, sampleBetween } from '../measure/series.ts'
import type { TrialHooks, TrialPhase, TrialResult } from '../trial/index.ts'
import { FaultTimes } from './fault-times.ts'
import { PAGE_OUT } from './model-order.ts'
import { onKernel } from './on-kernel.ts'
import { Pace } from './pace.ts'
import { type KernelPool, poolOf } from './pool.ts'
import { probe, ZERO_PAGES } from './probe.ts'
import { drawn, type Part, replayed } from './rows.ts'
import { kernelSensors } from './sensors.ts'
import { type KernelTrialSetup, mismatch } from './setup.ts'
import { countersBetween, grown } from './vmstat.ts'

/**
 * One trial of a kernel lane: the accesses of the workload, made here, are carried out on real memory by a process of its own
 * under a memory limit, while the kernel swaps. Then the cost of one store and one load, and every page is checked.
 */

/** Most rows in one message: a few ms to some hundred, so that progress, cancel and samples come in between. */
const BATCH = 4096
/** At least: rounds end where messages do. */
const MESSAGES_A_ROUND = 2
/** Beside the workload's RAM: page tables (8 bytes a page), and what the measuring process itself still allocates. */
const ALLOWANCE_BYTES = 4 * 2 ** 20
/** Beside them where the model decides: the limit must never press. */
const MODEL_ALLOWANCE_BYTES = 32 * 2 ** 20

type Usage = MeasureAnswers['usage']

/** @throws LabError mismatch, and those of onKernel; whatever hooks.tick throws */
export async function runKernelTrial(setup: KernelTrialSetup, hooks: TrialHooks): Promise<TrialResult> {
  const { spec, corpus, corpusPages, order } = setup
  return await onKernel(setup, async (measuring, prepare) => {
    await measuring.ask({ kind: 'open', corpus, corpusPages, zeroPages: ZERO_PAGES })
    await prepare(spec.memory.frames * PAGE_SIZE + ALLOWANCE_BYTES + (order ? MODEL_ALLOWANCE_BYTES : 0))
    return await new KernelTrial(setup, hooks, measuring, await measuring.ask({ kind: 'usage' })).run()
  })
}

class KernelTrial {
  private readonly setup: KernelTrialSetup
  private readonly hooks: TrialHooks
  private readonly measuring: MeasuringProcess
  private readonly sensors: Sensors
  private readonly tree = new KernelTree()
  private readonly series = new Series()
  private readonly faults: FaultTimes
  /** null: a closed loop. */
  private readonly pace: Pace | null
  /** Most rows, or pages, of a message here: below half of the memory, see MeasuringProcess. */
  private readonly batch: number
  private readonly begun = performance.now()
  /** The kernel's counters at the beginning, and as of the last answer. */
  private readonly start: Float64Array
  private vmstat: Float64Array
  private used: Usage
  private accesses = 0
  private verified = 0
  /** Time inside the loops of accesses, ns: neither messages nor checking. */
  private elapsedNs = 0
  private poolPeak = 0
  private nextSample = 0
  private lastReading: SeriesReading

  constructor(setup: KernelTrialSetup, hooks: TrialHooks, measuring: MeasuringProcess, used: Usage) {
    this.setup = setup
    this.hooks = hooks
    this.measuring = measuring
    this.faults = new FaultTimes(setup.lane)
    const { load } = setup.spec.workload
    this.pace = load.kind === 'open' ? new Pace(load, setup.spec.seed) : null
    this.batch = Math.min(BATCH, setup.spec.memory.frames >> 1)
    this.used = used
    this.start = used.vmstat
    this.vmstat = used.vmstat
    this.sensors = kernelSensors(setup, measuring, () => this.used)
    this.lastReading = this.read()
  }

  async run(): Promise<TrialResult> {
    const { spec, lane, order } = this.setup
    const { operations } = spec.workload
    const warmup = Math.floor(operations * spec.warmup)
    const parts = order ? replayed(order) : await drawn(spec, warmup)
    await this.replay('populate', parts.populate)
    await this.replay('warmup', parts.warmup, { accesses: warmup })

    this.sample(true)
    this.faults.clear()
    this.elapsedNs = 0
    this.poolPeak = this.pool().frames
    const from = await this.use({ restartPeak: true })
    const counted = operations - warmup
    const rounds = new Rounds({ accesses: counted, open: this.pace !== null, now: 0 })
    this.sensors.start()
    await this.replay('measure', parts.measure, { accesses: counted, rounds })
    const to = await this.use()
    const sensors = this.sensors.end()
    this.sample(false)
    const { elapsedNs } = this
    const pool = this.pool()
    const counters = { ...countersBetween(from.vmstat, to.vmstat), ...pool.levels }
    const histograms: Record<string, HistogramData> = { ...this.faults.data(counters), ...this.pace?.data() }
    const held = this.pace?.facts()

    await this.hooks.tick('drain', 0, this.read())
    const probed = await probe(this.setup, this.measuring)
    this.verified += probed.verified
    Object.assign(histograms, probed.histograms)
    if (order) histograms['store.ns'] = this.faults.pageouts.toData()
    await this.verify()

    const zram = lane.lane === 'kernel-zram'
    const metrics: Record<string, number> = {
      'accesses.per_s': (counted / elapsedNs) * 1e9,
      'faults.per_s': (countOf(histograms['fault.ns']) / elapsedNs) * 1e9,
      'disk.bytes_written': zram ? 0 : (counters.pswpout ?? 0) * PAGE_SIZE,
      'disk.bytes_read': zram ? 0 : (counters.pswpin ?? 0) * PAGE_SIZE,
      'cpu.user_s': to.userS - from.userS,
      'cpu.sys_s': to.sysS - from.sysS,
      ...(from.peakRestarted && { 'rss.peak_bytes': to.maxRssBytes }),
    }
    if (lane.lane !== 'kernel-swap') {
      metrics['pool.frames.peak'] = this.poolPeak
      if (pool.ratio !== null) metrics['pool.ratio.effective'] = pool.ratio
      if (pool.trueRatio !== null) metrics['pool.ratio.true'] = pool.trueRatio
    }
    if (lane.lane === 'kernel-zswap') metrics['writeback.pages_per_s'] = ((counters.zswpwb ?? 0) / elapsedNs) * 1e9
    Object.assign(metrics, percentileMetrics(histograms))
    return {
      metrics,
      counters,
      verified: { pages: this.verified, mismatches: 0 },
      histograms,
      series: this.series.samples,
      facts: {
        steady: rounds.facts(),
        sensors,
        ...(held && { load: held.load }),
        ...(held?.invalid && { invalid: held.invalid }),
      },
    }
  }

  /** @param driven not of the populating: how many of the rows are accesses; `rounds` of the measured part */
  private async replay(
    phase: TrialPhase,
    { count, next }: Part,
    driven?: { accesses: number; rounds?: Rounds },
  ): Promise<void> {
    const { lane } = this.setup
    const rounds = driven?.rounds
    const pace = driven ? this.pace : null
    pace?.start(this.elapsedNs, driven?.accesses ?? 0)
    const most = Math.min(
      pace?.batch ?? BATCH,
      this.batch,
      rounds ? Math.ceil(count / ROUNDS / MESSAGES_A_ROUND) : BATCH,
    )
    const before = this.accesses
    for (let done = 0; done < count; ) {
      const accesses = Uint32Array.from({ length: Math.min(most, count - done) }, next)
      const starts = pace?.take(accesses, this.elapsedNs)
      const classify = lane.tiers === 'fault'
      const batch = await this.measuring.ask({ kind: 'replay', accesses, classify, ...(starts && { starts }) })
      pace?.took(accesses, batch, this.elapsedNs)
      done += accesses.length
      for (const access of accesses) if ((access & 3) !== PAGE_OUT) this.accesses++
      this.verified += batch.verified
      this.elapsedNs += batch.elapsedNs
      this.vmstat = batch.vmstat
      for (const [index, kind] of batch.kinds.entries()) this.faults.record(MEMORY_KINDS[kind], batch.latencies[index])
      if (batch.mismatch >= 0) throw mismatch(batch.mismatch, lane)
      if (rounds?.ends(this.accesses - before))
        rounds.end(this.accesses - before, this.elapsedNs, pace?.responseNs ?? 0)
      this.sensors.look(native.now())
      if (performance.now() >= this.nextSample) this.sample(phase === 'populate' || phase === 'warmup')
      await this.hooks.tick(phase, done / count, this.read())
    }
  }

  private async verify(): Promise<void> {
    const { pages } = this.setup.spec.workload
    for (let from = 0; from < pages; from += this.batch) {
      const part = { kind: 'verify', from, pages: Math.min(this.batch, pages - from) } as const
      const { verified, mismatch: vpn } = await this.measuring.ask(part)
      if (vpn >= 0) throw mismatch(vpn, this.setup.lane)
      this.verified += verified
      await this.hooks.tick('verify', from / pages, this.read())
    }
  }

  private async use(how: { restartPeak?: boolean } = {}): Promise<Usage> {
    this.used = await this.measuring.ask({ kind: 'usage', ...how })
    return this.used
  }

  private sample(warmup: boolean): void {
    const reading = this.read()
    const now = performance.now()
    this.series.add(sampleBetween(this.lastReading, reading, now - this.begun, warmup))
    this.lastReading = reading
    this.poolPeak = Math.max(this.poolPeak, reading.poolFrames)
    this.nextSample = now + this.series.intervalNs / 1e6
  }

  private read(): SeriesReading {
    const zram = this.setup.lane.lane === 'kernel-zram'
    const since = (name: Parameters<typeof grown>[2]) => grown(this.start, this.vmstat, name)
    const swappedIn = since('pswpin')
    return {
      accesses: this.accesses,
      faultsZero: this.faults.firstTouches,
      faultsPool: since('zswpin') + (zram ? swappedIn : 0),
      faultsDisk: zram ? 0 : swappedIn,
      faultsSwapcache: this.faults.fromSwapCache,
      faultsZeromap: since('swpin_zero'),
      faultsFile: 0,
      faultsCleancache: 0,
      faultsRemote: 0,
      writtenBack: since('zswpwb'),
      bytesWritten: zram ? 0 : since('pswpout') * PAGE_SIZE,
      bytesRead: zram ? 0 : swappedIn * PAGE_SIZE,
      poolFrames: this.pool().frames,
      freeFrames: 0,
      inflight: 0,
    }
  }

  private pool(): KernelPool {
    return poolOf(this.setup.lane, this.tree)
  }
}

function countOf(data: HistogramData | undefined): number {
  return data ? totalCount(data) : 0
}
