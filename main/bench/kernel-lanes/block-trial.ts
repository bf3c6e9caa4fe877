import { native } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
import { KernelTree, type MeasureAnswers, type MeasuringProcess } from '../../kernel/index.ts'
import { Histogram } from '../measure/histogram.ts'
import { percentileMetrics } from '../measure/percentile-metrics.ts'
import { ROUNDS, Rounds } from '../measure/rounds.ts'
import type { Sensors } from '../measure/sensors.ts'
import { Series, type SeriesReading, sampleBetween } from '../measure/series.ts'
import type { TrialHooks, TrialResult } from '../trial/index.ts'
import { Random } from '../workloads/index.ts'
import { onKernel } from './on-kernel.ts'
import { poolOf } from './pool.ts'
import { kernelSensors } from './sensors.ts'
import { type KernelTrialSetup, mismatch } from './setup.ts'

/**
 * One trial of zram as a block device: every page of the workload is written in one random order and read in another, pass after
 * pass until the accesses of the workload are used up. A write is a store, a read a load, without reclaim and without a fault.
 */

const DEVICE = '/dev/zram0'
const ZERO_PAGES = 512
/** Pages in one message. */
const BATCH = 4096
/** Stream number of the orders; 1 to 5 are taken. */
const BLOCK_RANDOM = 6
const ALLOWANCE_BYTES = 64 * 2 ** 20

/** @throws LabError io_error, mismatch, and those of onKernel; whatever hooks.tick throws */
export async function runBlockTrial(setup: KernelTrialSetup, hooks: TrialHooks): Promise<TrialResult> {
  const { corpus, corpusPages } = setup
  return await onKernel(setup, async (measuring, prepare) => {
    await prepare((corpusPages.length + ZERO_PAGES) * PAGE_SIZE + corpus.length + ALLOWANCE_BYTES)
    await measuring.ask({ kind: 'block-open', path: DEVICE, corpus, corpusPages, zeroPages: ZERO_PAGES })
    return await new BlockTrial(setup, hooks, measuring, await measuring.ask({ kind: 'usage' })).run()
  })
}

class BlockTrial {
  private readonly setup: KernelTrialSetup
  private readonly hooks: TrialHooks
  private readonly measuring: MeasuringProcess
  private readonly sensors: Sensors
  private readonly tree = new KernelTree()
  private readonly series = new Series()
  private readonly begun = performance.now()
  private readonly meters = {
    'store.ns': new Histogram(),
    'load.ns': new Histogram(),
    'path.store.ns': new Histogram(),
    'path.load.ns': new Histogram(),
  }
  private readonly random: Random
  private readonly writes: Uint32Array
  private readonly reads: Uint32Array
  private readonly zeros: Uint32Array
  private used: MeasureAnswers['usage']
  /** Pages written or read, those of zeros with them. */
  private done = 0
  /** Pages of the workload written or read in the part under way, and the time of the calls that did, ns. */
  private counted = { pages: 0, ns: 0 }
  private verified = 0
  private last: SeriesReading

  constructor(setup: KernelTrialSetup, hooks: TrialHooks, measuring: MeasuringProcess, used: MeasureAnswers['usage']) {
    const { pages } = setup.spec.workload
    this.setup = setup
    this.hooks = hooks
    this.measuring = measuring
    this.used = used
    this.random = new Random(setup.spec.seed, BLOCK_RANDOM)
    this.writes = Uint32Array.from({ length: pages }, (_, page) => page)
    this.reads = this.writes.slice()
    this.zeros = Uint32Array.from({ length: ZERO_PAGES }, (_, page) => pages + page)
    this.sensors = kernelSensors(setup, measuring, () => this.used)
    this.last = this.read()
  }

  async run(): Promise<TrialResult> {
    const { meters } = this
    const { warmup, workload } = this.setup.spec
    // The first pass writes to an empty device, and is warm-up in any case.
    const passes = Math.max(2, Math.round(workload.operations / (2 * workload.pages)))
    const warmPasses = Math.max(1, Math.floor(passes * warmup))
    // What was never written cannot be read: in a pass of warm-up everything is written first.
    for (let pass = 0; pass < warmPasses; pass++) await this.pass('warmup', pass / passes, 1)

    for (const meter of Object.values(meters)) meter.clear()
    this.counted = { pages: 0, ns: 0 }
    const measured = passes - warmPasses
    const rounds = new Rounds({ accesses: measured * 2 * workload.pages, open: false, now: 0 })
    const from = await this.use({ restartPeak: true })
    this.sensors.start()
    for (let pass = warmPasses; pass < passes; pass++)
      await this.pass('measure', pass / passes, Math.ceil(ROUNDS / measured), rounds)
    const to = await this.use()
    const sensors = this.sensors.end()

    const { frames, ratio, trueRatio, levels } = poolOf(this.setup.lane, this.tree)
    const metrics: Record<string, number> = {
      'pool.frames.peak': frames,
      'cpu.user_s': to.userS - from.userS,
      'cpu.sys_s': to.sysS - from.sysS,
      ...(from.peakRestarted && { 'rss.peak_bytes': to.maxRssBytes }),
    }
    if (ratio !== null) metrics['pool.ratio.effective'] = ratio
    if (trueRatio !== null) metrics['pool.ratio.true'] = trueRatio
    const histograms = Object.fromEntries(Object.entries(meters).map(([name, meter]) => [name, meter.toData()]))
    Object.assign(metrics, percentileMetrics(histograms))
    return {
      metrics,
      counters: levels,
      verified: { pages: this.verified, mismatches: 0 },
      histograms,
      series: this.series.samples,
      facts: { steady: rounds.facts(), sensors },
    }
  }

  /** Writes every page once and reads every page once, in so many turns of both: a round of the steady state needs both kinds. */
  private async pass(phase: 'warmup' | 'measure', fraction: number, turns: number, rounds?: Rounds): Promise<void> {
    const { meters, random } = this
    const { pages } = this.setup.spec.workload
    const writes = random.shuffle(this.writes)
    const reads = random.shuffle(this.reads)
    const tick = () => this.hooks.tick(phase, fraction, this.read())
    for (let turn = 0; turn < turns; turn++) {
      const [from, to] = [turn, turn + 1].map((cut) => Math.ceil((cut * pages) / turns))
      this.counted.ns += await this.carryOut('write', writes.subarray(from, to), meters['store.ns'], tick)
      this.counted.ns += await this.carryOut('read', reads.subarray(from, to), meters['load.ns'], tick)
      this.counted.pages += 2 * (to - from)
      if (rounds?.ends(this.counted.pages)) rounds.end(this.counted.pages, this.counted.ns, 0)
      this.sample(phase === 'warmup')
    }
    await this.carryOut('write', random.shuffle(this.zeros), meters['path.store.ns'], tick)
    await this.carryOut('read', random.shuffle(this.zeros), meters['path.load.ns'], tick)
  }

  /** Returns the time of the calls, ns. */
  private async carryOut(
    op: 'write' | 'read',
    order: Uint32Array,
    meter: Histogram,
    tick: () => Promise<void>,
  ): Promise<number> {
    let ns = 0
    for (let at = 0; at < order.length; at += BATCH) {
      const pages = order.slice(at, at + BATCH)
      const answer = await this.measuring.ask({ kind: 'block', op, pages })
      if (answer.mismatch >= 0) throw mismatch(answer.mismatch, this.setup.lane)
      for (const latency of answer.latencies) {
        meter.record(latency)
        ns += latency
      }
      this.done += pages.length
      if (op === 'read') this.verified += pages.length
      this.sensors.look(native.now())
      await tick()
    }
    return ns
  }

  private async use(how: { restartPeak?: boolean } = {}): Promise<MeasureAnswers['usage']> {
    this.used = await this.measuring.ask({ kind: 'usage', ...how })
    return this.used
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
      faultsRemote: 0,
      writtenBack: 0,
      bytesWritten: 0,
      bytesRead: 0,
      poolFrames: poolOf(this.setup.lane, this.tree).frames,
      freeFrames: 0,
      inflight: 0,
    }
  }
}
