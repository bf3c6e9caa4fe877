import { MEMORY_KINDS, VMSTAT_COUNTERS } from '../../../native-bench/index.ts'
import { type ExperimentSpec, type KernelLane, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { type Helper, type KernelSettings, KernelTree, MeasuringProcess } from '../../kernel/index.ts'
import { Histogram, type HistogramData, mergeHistograms, totalCount } from '../measure/histogram.ts'
import { percentileMetrics } from '../measure/percentile-metrics.ts'
import { Series, type SeriesReading, sampleBetween } from '../measure/series.ts'
import type { TrialHooks, TrialPhase, TrialResult } from '../trial.ts'
import { openAccess, Random, WRITE } from '../workloads/index.ts'
import { type ModelOrder, PAGE_OUT } from './model-order.ts'
import { zramMemory } from './zram-memory.ts'

/**
 * One trial of a kernel lane: the accesses of the workload, made here, are carried out on real memory by a process of its own
 * under a memory limit, while the kernel swaps. Then the cost of one store and one load, and every page is checked.
 */

export interface KernelTrialSetup {
  spec: ExperimentSpec
  lane: KernelLane
  slots: number
  /** Absolute and resolved: where the kernel's swap file goes. */
  swapDir: string
  helper: Helper
  corpus: Uint8Array
  /** By vpn. */
  corpusPages: Uint32Array
  /** What leaves memory, and when; null: the kernel's own reclaim decides. */
  order: ModelOrder | null
}

/** Accesses in one message: a few ms to some hundred, so that progress, cancel and samples come in between. */
const BATCH = 4096
const PROBE_PAGES = 1024
const ZERO_PAGES = 512
/** Beside the workload's RAM: page tables (8 bytes a page), and what the measuring process itself still allocates. */
const ALLOWANCE_BYTES = 4 * 2 ** 20
/** Beside them where the model decides: the limit must never press. */
const MODEL_ALLOWANCE_BYTES = 32 * 2 ** 20
/** Stream number of the order in which probed pages are loaded; 1 to 4 are the workload's and the trial order's. */
const PROBE_RANDOM = 5

type Kind = (typeof MEMORY_KINDS)[number]
type Counter = (typeof VMSTAT_COUNTERS)[number]
const at = (name: Counter) => VMSTAT_COUNTERS.indexOf(name)

/** @throws LabError unavailable, busy, no_permission, engine_died, mismatch; whatever hooks.tick throws */
export async function runKernelTrial(setup: KernelTrialSetup, hooks: TrialHooks): Promise<TrialResult> {
  const trial = new KernelTrial(setup, hooks)
  try {
    return await trial.run()
  } finally {
    await trial.close()
  }
}

class KernelTrial {
  private readonly setup: KernelTrialSetup
  private readonly hooks: TrialHooks
  private readonly measuring = new MeasuringProcess()
  private readonly tree = new KernelTree()
  private readonly series = new Series()
  private readonly histograms = new Map<string, Histogram>()
  /** Page-outs that the model asked for. */
  private readonly pageouts = new Histogram()
  private readonly counts = { accesses: 0, firstTouch: 0, swapCache: 0, verified: 0 }
  private start: Float64Array = new Float64Array(VMSTAT_COUNTERS.length)
  private vmstat: Float64Array = new Float64Array(VMSTAT_COUNTERS.length)
  /** Time inside the loops of accesses, ns: neither messages nor checking. */
  private elapsedNs = 0
  private poolPeak = 0
  private begun = 0
  private nextSample = 0
  private lastReading: SeriesReading | null = null

  constructor(setup: KernelTrialSetup, hooks: TrialHooks) {
    this.setup = setup
    this.hooks = hooks
  }

  async run(): Promise<TrialResult> {
    const { spec, lane, corpus, corpusPages, helper, slots, swapDir, order } = this.setup
    const { operations } = spec.workload
    const { pid } = await this.measuring.ask({ kind: 'open', corpus, corpusPages, zeroPages: ZERO_PAGES })
    await helper.prepare({
      settings: settingsOf(lane),
      directory: swapDir,
      slots,
      memoryBytes: spec.memory.frames * PAGE_SIZE + ALLOWANCE_BYTES + (order ? MODEL_ALLOWANCE_BYTES : 0),
      pid,
      pageCluster: lane.pageCluster,
    })
    this.begun = performance.now()
    const before = await this.measuring.ask({ kind: 'usage' })
    this.start = before.vmstat
    this.vmstat = before.vmstat
    this.lastReading = this.read()

    const warmup = Math.floor(operations * spec.warmup)
    const parts = order ? replayed(order) : await drawn(spec, warmup)
    await this.replay('populate', parts.populate)
    await this.replay('warmup', parts.warmup)

    this.sample(true)
    this.histograms.clear()
    this.pageouts.clear()
    this.elapsedNs = 0
    this.poolPeak = this.pool().frames
    const from = await this.measuring.ask({ kind: 'usage' })
    const counted = operations - warmup
    await this.replay('measure', parts.measure)
    const to = await this.measuring.ask({ kind: 'usage' })
    this.sample(false)
    const elapsedNs = this.elapsedNs
    const pool = this.pool()
    const counters = { ...counterDifference(from.vmstat, to.vmstat), ...pool.levels }
    const histograms = this.faults(counters)
    const faults = histograms['fault.ns'] ? totalCount(histograms['fault.ns']) : 0

    await this.hooks.tick('drain', 0, this.read())
    Object.assign(histograms, await this.probe())
    if (order) histograms['store.ns'] = this.pageouts.toData()
    await this.verify()

    const zram = lane.lane === 'kernel-zram'
    const metrics: Record<string, number> = {
      'accesses.per_s': (counted / elapsedNs) * 1e9,
      'faults.per_s': (faults / elapsedNs) * 1e9,
      'disk.bytes_written': zram ? 0 : (counters.pswpout ?? 0) * PAGE_SIZE,
      'disk.bytes_read': zram ? 0 : (counters.pswpin ?? 0) * PAGE_SIZE,
      'cpu.user_s': to.userS - from.userS,
      'cpu.sys_s': to.sysS - from.sysS,
      'rss.peak_bytes': to.maxRssBytes,
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
      verified: { pages: this.counts.verified, mismatches: 0 },
      histograms,
      series: this.series.samples,
      facts: {},
    }
  }

  /** The workload ends before its swap is taken away: reading it all back would take seconds. */
  async close(): Promise<void> {
    await this.measuring.end()
    const { left } = await this.setup.helper.restore()
    if (left.length > 0)
      throw new LabError({
        code: 'internal',
        message: `The kernel's settings could not all be put back: ${left.join('; ')}.`,
        remedy: 'Put right what it names, then say "swaplab restore".',
      })
  }

  private async replay(phase: TrialPhase, { count, next }: Part): Promise<void> {
    const { lane } = this.setup
    for (let done = 0; done < count; ) {
      const accesses = Uint32Array.from({ length: Math.min(BATCH, count - done) }, next)
      const batch = await this.measuring.ask({ kind: 'replay', accesses, classify: lane.tiers === 'fault' })
      done += accesses.length
      for (const access of accesses) if ((access & 3) !== PAGE_OUT) this.counts.accesses++
      this.counts.verified += batch.verified
      this.elapsedNs += batch.elapsedNs
      this.vmstat = batch.vmstat
      for (const [index, kind] of batch.kinds.entries()) this.record(MEMORY_KINDS[kind], batch.latencies[index])
      if (batch.mismatch >= 0) throw mismatch(batch.mismatch, lane)
      const now = performance.now()
      if (now >= this.nextSample) this.sample(phase === 'populate' || phase === 'warmup')
      await this.hooks.tick(phase, done / count, this.read())
    }
  }

  private record(kind: Kind, ns: number): void {
    if (kind === 'paged-out') this.pageouts.record(ns)
    const name = this.histogramFor(kind)
    if (name === null) return
    if (kind === 'first-touch') this.counts.firstTouch++
    if (kind === 'swap-cache') this.counts.swapCache++
    this.histogram(name).record(ns)
  }

  /** Null: no page was missing (a permission was, or nothing at all). */
  private histogramFor(kind: Kind): string | null {
    switch (kind) {
      case 'hit':
      case 'freed':
      case 'write-protect':
      case 'paged-out':
        return null
      case 'first-touch':
        return 'fault.zero.ns'
      case 'swap-cache':
        return 'fault.swapcache.ns'
      case 'zswap':
        return 'fault.pool.ns'
      case 'swap':
        return this.setup.lane.lane === 'kernel-zram' ? 'fault.pool.ns' : 'fault.disk.ns'
      case 'zero-map':
        return 'fault.zeromap.ns'
      case 'swapped-in':
        return UNTOLD
    }
  }

  private histogram(name: string): Histogram {
    let histogram = this.histograms.get(name)
    if (!histogram) {
      histogram = new Histogram()
      this.histograms.set(name, histogram)
    }
    return histogram
  }

  /** Faults by tier, and all of them. What was not told by tier has a tier all the same where only one of them answered. */
  private faults(counters: Record<string, number>): Record<string, HistogramData> {
    const data = Object.fromEntries([...this.histograms].map(([name, histogram]) => [name, histogram.toData()]))
    const all = mergeHistograms(Object.values(data))
    const untold = data[UNTOLD]
    delete data[UNTOLD]
    const tiers = (
      [
        ['zswpin', 'fault.pool.ns'],
        ['pswpin', this.setup.lane.lane === 'kernel-zram' ? 'fault.pool.ns' : 'fault.disk.ns'],
        ['swpin_zero', 'fault.zeromap.ns'],
      ] as const
    ).filter(([counter]) => (counters[counter] ?? 0) > 0)
    if (untold && tiers.length === 1) data[tiers[0][1]] = untold
    if (totalCount(all) > 0) data['fault.ns'] = all
    return data
  }

  /** One page out, one page in, and the same for pages of zeros, which need no codec and no disk: the way itself. */
  private async probe(): Promise<Record<string, HistogramData>> {
    const { spec, lane, helper } = this.setup
    const random = new Random(spec.seed, PROBE_RANDOM)
    const every = Math.max(1, Math.floor(spec.workload.pages / PROBE_PAGES))
    const vpns = Array.from({ length: Math.min(PROBE_PAGES, spec.workload.pages) }, (_, index) => index * every)
    const stores = await this.measuring.ask({ kind: 'store', vpns: Uint32Array.from(vpns) })
    // Written pages stay in the swap cache until they are dropped; the touch would read nothing.
    if (lane.lane === 'kernel-swap') await helper.drop()
    const loads = await this.measuring.ask({ kind: 'load', vpns: Uint32Array.from(random.shuffle(vpns)) })
    if (loads.mismatch >= 0) throw mismatch(loads.mismatch, lane)
    this.counts.verified += vpns.length
    const path = await this.measuring.ask({ kind: 'path' })
    return {
      'store.ns': histogramOf(stores.latencies),
      'load.ns': histogramOf(loads.latencies),
      'path.store.ns': histogramOf(path.stores),
      'path.load.ns': histogramOf(path.loads),
    }
  }

  private async verify(): Promise<void> {
    const { pages } = this.setup.spec.workload
    for (let from = 0; from < pages; from += BATCH) {
      const part = { kind: 'verify', from, pages: Math.min(BATCH, pages - from) } as const
      const { verified, mismatch: vpn } = await this.measuring.ask(part)
      if (vpn >= 0) throw mismatch(vpn, this.setup.lane)
      this.counts.verified += verified
      await this.hooks.tick('verify', from / pages, this.read())
    }
  }

  private sample(warmup: boolean): void {
    const reading = this.read()
    const now = performance.now()
    if (this.lastReading) this.series.add(sampleBetween(this.lastReading, reading, now - this.begun, warmup))
    this.lastReading = reading
    this.poolPeak = Math.max(this.poolPeak, reading.poolFrames)
    this.nextSample = now + this.series.intervalNs / 1e6
  }

  private since(name: Counter): number {
    const index = at(name)
    return Math.max(0, this.vmstat[index] - this.start[index])
  }

  private read(): SeriesReading {
    const zram = this.setup.lane.lane === 'kernel-zram'
    const swappedIn = this.since('pswpin')
    return {
      accesses: this.counts.accesses,
      faultsZero: this.counts.firstTouch,
      faultsPool: this.since('zswpin') + (zram ? swappedIn : 0),
      faultsDisk: zram ? 0 : swappedIn,
      faultsSwapcache: this.counts.swapCache,
      faultsZeromap: this.since('swpin_zero'),
      faultsFile: 0,
      faultsCleancache: 0,
      writtenBack: this.since('zswpwb'),
      bytesWritten: zram ? 0 : this.since('pswpout') * PAGE_SIZE,
      bytesRead: zram ? 0 : swappedIn * PAGE_SIZE,
      poolFrames: this.pool().frames,
      freeFrames: 0,
      inflight: 0,
    }
  }

  /**
   * The pool as it stands: Zswap and Zswapped of /proc/meminfo, or zram's mm_stat. Ours alone: no other swap is active. `levels`
   * go among the counters, by the names the kernel has for them.
   */
  private pool(): { frames: number; ratio: number | null; trueRatio: number | null; levels: Record<string, number> } {
    switch (this.setup.lane.lane) {
      case 'kernel-swap':
        return { frames: 0, ratio: null, trueRatio: null, levels: {} }
      case 'kernel-zswap': {
        const pool = (this.tree.meminfo('Zswap') ?? 0) * 1024
        const stored = (this.tree.meminfo('Zswapped') ?? 0) * 1024
        return {
          frames: Math.ceil(pool / PAGE_SIZE),
          ratio: pool > 0 ? stored / pool : null,
          trueRatio: null,
          levels: { pool_total_size: pool, stored_pages: stored / PAGE_SIZE },
        }
      }
      case 'kernel-zram': {
        const { original, compressed, used, levels } = zramMemory(this.tree)
        return {
          frames: Math.ceil(used / PAGE_SIZE),
          ratio: used > 0 ? original / used : null,
          trueRatio: compressed > 0 ? original / compressed : null,
          levels,
        }
      }
    }
  }
}

/** A part of a trial: rows for memoryReplay, one by one. */
interface Part {
  count: number
  next: () => number
}

type Parts = Record<'populate' | 'warmup' | 'measure', Part>

/** The accesses of the workload; what leaves memory is the kernel's business. */
async function drawn(spec: ExperimentSpec, warmup: number): Promise<Parts> {
  const { pages, operations, access } = spec.workload
  const stream = await openAccess(access, { pages, operations, seed: spec.seed })
  const next = () => {
    stream.next()
    return (stream.vpn << 2) | stream.op
  }
  let vpn = 0
  return {
    populate: { count: pages, next: () => (vpn++ << 2) | WRITE },
    warmup: { count: warmup, next },
    measure: { count: operations - warmup, next },
  }
}

/** The model's accesses and evictions. */
function replayed({ populate, warmup, measure }: ModelOrder): Parts {
  const part = (rows: Uint32Array): Part => {
    let row = 0
    return { count: rows.length, next: () => rows[row++] }
  }
  return { populate: part(populate), warmup: part(warmup), measure: part(measure) }
}

/** Faults whose tier was not asked for. */
const UNTOLD = 'untold'

export function histogramOf(latencies: Float64Array): HistogramData {
  const histogram = new Histogram()
  for (const ns of latencies) histogram.record(ns)
  return histogram.toData()
}

/** By name; a counter this kernel does not have is left out. */
function counterDifference(from: Float64Array, to: Float64Array): Record<string, number> {
  return Object.fromEntries(
    VMSTAT_COUNTERS.map((name, index) => [name, to[index] < 0 ? -1 : to[index] - from[index]] as const).filter(
      ([, value]) => value >= 0,
    ),
  )
}

export function settingsOf(lane: KernelLane): KernelSettings {
  switch (lane.lane) {
    case 'kernel-swap':
      return { lane: 'kernel-swap' }
    case 'kernel-zswap': {
      const { compressor, poolPercent, acceptPercent, shrinker } = lane
      return { lane: 'kernel-zswap', compressor, poolPercent, acceptPercent, shrinker: shrinker === 'on' }
    }
    case 'kernel-zram':
      return { lane: 'kernel-zram', algorithm: lane.algorithm, swap: lane.as === 'swap' }
  }
}

export function mismatch(vpn: number, lane: KernelLane): LabError {
  return new LabError({
    code: 'mismatch',
    message: `Page ${vpn} came back from ${lane.lane} with other content than was last written.`,
    remedy: 'This is a defect of Swaplab, of the kernel or of the disk: keep the run, note its seed, and report it.',
  })
}
