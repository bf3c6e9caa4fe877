import { type KernelLane, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { KernelTree, MeasuringProcess } from '../../kernel/index.ts'
import { Histogram } from '../measure/histogram.ts'
import { percentileMetrics } from '../measure/percentile-metrics.ts'
import { Series, type SeriesReading, sampleBetween } from '../measure/series.ts'
import type { TrialHooks, TrialResult } from '../trial.ts'
import { Random } from '../workloads/index.ts'
import { type KernelTrialSetup, mismatch, settingsOf } from './trial.ts'
import { zramMemory } from './zram-memory.ts'

/**
 * One trial of zram as a block device: every page of the workload is written in one random order and read in another, round after
 * round until the accesses of the workload are used up. A write is a store, a read a load, without reclaim and without a fault.
 */

type BlockLane = Extract<KernelLane, { lane: 'kernel-zram' }>

const DEVICE = '/dev/zram0'
const ZERO_PAGES = 512
/** Pages in one message. */
const BATCH = 4096
/** Stream number of the orders; 1 to 5 are taken. */
const BLOCK_RANDOM = 6
const ALLOWANCE_BYTES = 64 * 2 ** 20

/** @throws LabError unavailable, no_permission, engine_died, io_error, mismatch; whatever hooks.tick throws */
export async function runBlockTrial(setup: KernelTrialSetup, lane: BlockLane, hooks: TrialHooks): Promise<TrialResult> {
  const { spec, corpus, corpusPages, helper, slots, swapDir } = setup
  const { pages, operations } = spec.workload
  const measuring = new MeasuringProcess()
  const { pid } = measuring
  if (pid === undefined)
    throw new LabError({ code: 'engine_died', message: 'The measuring process could not be started.' })
  try {
    await helper.prepare({
      settings: settingsOf(lane),
      directory: swapDir,
      slots,
      memoryBytes: (corpusPages.length + ZERO_PAGES) * PAGE_SIZE + corpus.length + ALLOWANCE_BYTES,
      pid,
      pageCluster: lane.pageCluster,
    })
    await measuring.ask({ kind: 'block-open', path: DEVICE, corpus, corpusPages, zeroPages: ZERO_PAGES })
    return await new BlockTrial(
      measuring,
      { pages, operations, seed: spec.seed, warmup: spec.warmup },
      lane,
      hooks,
    ).run()
  } finally {
    await measuring.end()
    await helper.restore()
  }
}

class BlockTrial {
  private readonly measuring: MeasuringProcess
  private readonly shape: { pages: number; operations: number; seed: number; warmup: number }
  private readonly lane: BlockLane
  private readonly hooks: TrialHooks
  private readonly tree = new KernelTree()
  private readonly series = new Series()
  private readonly begun = performance.now()
  private readonly meters = {
    'store.ns': new Histogram(),
    'load.ns': new Histogram(),
    'path.store.ns': new Histogram(),
    'path.load.ns': new Histogram(),
  }
  private done = 0
  private verified = 0
  private last: SeriesReading

  constructor(
    measuring: MeasuringProcess,
    shape: { pages: number; operations: number; seed: number; warmup: number },
    lane: BlockLane,
    hooks: TrialHooks,
  ) {
    this.measuring = measuring
    this.shape = shape
    this.lane = lane
    this.hooks = hooks
    this.last = this.read()
  }

  async run(): Promise<TrialResult> {
    const { pages, operations, seed, warmup } = this.shape
    const { meters, measuring } = this
    const random = new Random(seed, BLOCK_RANDOM)
    const order = Uint32Array.from({ length: pages }, (_, page) => page)
    const zeros = Uint32Array.from({ length: ZERO_PAGES }, (_, page) => pages + page)
    // The first round writes to an empty device, and is warm-up in any case.
    const rounds = Math.max(2, Math.round(operations / (2 * pages)))
    const warmRounds = Math.max(1, Math.floor(rounds * warmup))
    const from = await measuring.ask({ kind: 'usage' })
    for (let round = 0; round < rounds; round++) {
      const warm = round < warmRounds
      if (round === warmRounds) for (const meter of Object.values(meters)) meter.clear()
      await this.carryOut('write', random.shuffle(order), meters['store.ns'], warm)
      await this.carryOut('write', random.shuffle(zeros), meters['path.store.ns'], warm)
      await this.carryOut('read', random.shuffle(order), meters['load.ns'], warm)
      await this.carryOut('read', random.shuffle(zeros), meters['path.load.ns'], warm)
      this.sample(warm)
      await this.hooks.tick(warm ? 'warmup' : 'measure', round / rounds, this.read())
    }
    const to = await measuring.ask({ kind: 'usage' })
    const { original, compressed, used, levels } = zramMemory(this.tree)
    const metrics: Record<string, number> = {
      'pool.frames.peak': Math.ceil(used / PAGE_SIZE),
      'cpu.user_s': to.userS - from.userS,
      'cpu.sys_s': to.sysS - from.sysS,
      'rss.peak_bytes': to.maxRssBytes,
    }
    if (used > 0) metrics['pool.ratio.effective'] = original / used
    if (compressed > 0) metrics['pool.ratio.true'] = original / compressed
    const histograms = Object.fromEntries(Object.entries(meters).map(([name, meter]) => [name, meter.toData()]))
    Object.assign(metrics, percentileMetrics(histograms))
    return {
      metrics,
      counters: levels,
      verified: { pages: this.verified, mismatches: 0 },
      histograms,
      series: this.series.samples,
      facts: {},
    }
  }

  private async carryOut(op: 'write' | 'read', order: Uint32Array, meter: Histogram, warm: boolean): Promise<void> {
    for (let at = 0; at < order.length; at += BATCH) {
      const pages = order.slice(at, at + BATCH)
      const answer = await this.measuring.ask({ kind: 'block', op, pages })
      if (answer.mismatch >= 0) throw mismatch(answer.mismatch, this.lane)
      for (const ns of answer.latencies) meter.record(ns)
      this.done += pages.length
      if (op === 'read') this.verified += pages.length
      await this.hooks.tick(warm ? 'warmup' : 'measure', 0, this.read())
    }
  }

  private sample(warm: boolean): void {
    const reading = this.read()
    this.series.add(sampleBetween(this.last, reading, performance.now() - this.begun, warm))
    this.last = reading
  }

  private read(): SeriesReading {
    return {
      accesses: this.done,
      faultsZero: 0,
      faultsPool: 0,
      faultsDisk: 0,
      faultsSwapcache: 0,
      faultsZeromap: 0,
      faultsFile: 0,
      faultsCleancache: 0,
      writtenBack: 0,
      bytesWritten: 0,
      bytesRead: 0,
      poolFrames: Math.ceil(zramMemory(this.tree).used / PAGE_SIZE),
      freeFrames: 0,
      inflight: 0,
    }
  }
}
