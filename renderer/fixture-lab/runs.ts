import {
  type ExperimentInput,
  ExperimentSpec,
  isCompressedLane,
  isKernelLane,
  type LaneReport,
  type LaneSpec,
  laneLabel,
  type Metric,
  type Preset,
  type RunCharts,
  type RunDocument,
  type RunSeries,
  type RunStatus,
  type RunSummary,
  type SeriesSample,
  type TrialFacts,
  type Twin,
  twinLanes,
} from '../../main/contract/index.ts'
import { host } from './hosts.ts'

/** Made-up runs. Every figure is drawn from a formula; none was measured. */

const MINUTE = 60_000
const NEWEST = Date.parse('2026-11-20T09:30:00.000Z')

const spec = (input: ExperimentInput): ExperimentSpec => ExperimentSpec.parse(input)

/** Every kind of lane of the engine at once, with a share of the workload in a file, on a log, after preconditioning. */
const EVERY_LANE = spec({
  name: 'every lane of the engine',
  trials: 3,
  memory: { frames: 4096, pool: 1792 },
  workload: { file: { share: 0.25 } },
  swapfile: { layout: 'log', precondition: 4 },
  cpu: 'any',
  lanes: [
    { lane: 'raw' },
    { lane: 'zcache', writeback: 'on', policy: 'keep-clean' },
    {
      lane: 'zcache',
      writeback: 'on',
      writebackForm: 'zpage',
      writebackCluster: 8,
      writethrough: 'on',
      activeOnly: 'on',
    },
    { lane: 'zswap', writeback: 'on', shrinker: 'on' },
    { lane: 'zswap-2013' },
    { lane: 'zswap-2013', form: 'v4', codec: 'zstd', level: 3 },
    { lane: 'xen-tmem', selfShrink: 'by-age' },
    { lane: 'zram', writeback: 'huge_idle' },
  ],
})

/** As much of everything as the contract allows, with names that break what is not built for them. */
const HARSH_NAMES = [
  '<b>bold</b> & "quoted"',
  'שדה מבחן מימין לשמאל',
  '🧪🧊 frozen then thawed 🧵',
  'W'.repeat(48),
  'a label of many short words that goes on and on for as long as labels may',
  '遅延が少ない圧縮レーン',
]
const HARSH = spec({
  name: `مقارنة <script>alert(1)</script> 🧪 ${'x'.repeat(60)}`,
  trials: 30,
  lanes: Array.from({ length: 12 }, (_, at) => ({
    lane: 'zcache',
    label: at < HARSH_NAMES.length ? HARSH_NAMES[at].slice(0, 60) : `lane ${at + 1}`,
    writeback: 'on',
  })),
})

/** The engine's zswap beside the kernel's, whose RAM is real. */
const TWIN = spec({
  name: 'zswap: the model and this kernel',
  trials: 3,
  memory: { frames: 4096, pool: 3584 },
  lanes: [
    { lane: 'zswap', codec: 'lzo', writeback: 'on' },
    { lane: 'kernel-zswap', compressor: 'lzo', reclaim: 'model' },
    { lane: 'kernel-swap' },
    { lane: 'live', mode: 'handler', threads: 2, writeback: 'on' },
  ],
})

export const presets: Preset[] = [
  {
    name: 'quick',
    title: 'Quick',
    description: 'Raw swap beside zcache with writeback off and on, three short trials each. Under a minute.',
    spec: spec({ name: 'quick', trials: 3 }),
  },
  {
    name: 'standard',
    title: 'Standard',
    description: 'The same question with more memory and enough trials for intervals worth quoting.',
    spec: spec({
      name: 'standard',
      memory: { frames: 16_384, pool: 8192 },
      workload: { pages: 65_536, operations: 400_000 },
    }),
  },
  {
    name: 'thorough',
    title: 'Thorough',
    description: 'Two codecs, ten trials, percentiles up to p99.99.',
    spec: spec({
      name: 'thorough',
      trials: 10,
      memory: { frames: 16_384, pool: 8192 },
      workload: { pages: 65_536, operations: 2_000_000 },
      lanes: [
        { lane: 'raw' },
        { lane: 'zcache', codec: 'lz4', writeback: 'off' },
        { lane: 'zcache', codec: 'lz4', writeback: 'on' },
        { lane: 'zcache', codec: 'zstd', writeback: 'on' },
      ],
    }),
  },
  {
    name: 'twin',
    title: 'Model and kernel',
    description: "The engine's zswap beside this host's own, which takes the evictions of the model one by one.",
    spec: TWIN,
  },
]

const metric = (median: number, unit: Metric['unit'], n: number, better: Metric['better'] = 'lower'): Metric => ({
  median,
  low: n < 3 ? null : median * 0.93,
  high: n < 3 ? null : median * 1.08,
  unit,
  n,
  better,
})

const DISTRIBUTIONS: Record<string, { p50: number; count: number }> = {
  'fault.ns': { p50: 24_000, count: 62_000 },
  'fault.pool.ns': { p50: 6_200, count: 41_000 },
  'fault.disk.ns': { p50: 96_000, count: 19_000 },
  'fault.swapcache.ns': { p50: 900, count: 1_700 },
  'store.ns': { p50: 7_900, count: 50_000 },
  'load.ns': { p50: 2_100, count: 41_000 },
  'writeback.ns': { p50: 140_000, count: 12_000 },
  'fsync.ns': { p50: 1_300_000, count: 400 },
}

function distributionsOf(lane: LaneSpec): readonly string[] {
  if (isKernelLane(lane)) return ['fault.ns']
  if (isCompressedLane(lane)) return Object.keys(DISTRIBUTIONS)
  return ['fault.ns', 'fault.disk.ns', 'fault.swapcache.ns', 'fsync.ns']
}

const writesBack = (lane: LaneSpec): boolean => 'writeback' in lane && lane.writeback !== 'off'

const QUANTILES = [0.5, 0.9, 0.99, 0.999, 0.9999] as const
const QUANTILE_NAMES = ['p50', 'p90', 'p99', 'p999', 'p9999'] as const

/** A lognormal-like shape with a heavy tail: value at a quantile, ns. */
function valueAt(p50: number, quantile: number, lane: number): number {
  const odds = Math.log(quantile / (1 - quantile))
  return p50 * Math.exp(0.42 * odds) * (1 + lane * 0.12) * (lane === 0 ? 2.4 : 1)
}

/** What a trial says of itself; in an open loop the first lane cannot hold the rate. */
function trialFacts(experiment: ExperimentSpec, index: number, trial: number): TrialFacts {
  const open = experiment.workload.load.kind === 'open'
  const reached = (index + trial) % 4 !== 3
  const values = Array.from({ length: 20 }, (_, round) => (round < trial ? 60_000 : 91_000) * (1 + 0.01 * (round % 3)))
  const disturbed = index === 1 && trial === 2
  return {
    steady: {
      reached,
      fromRound: reached ? trial + 1 : null,
      quantity: open ? 'access.ns.mean' : 'accesses.per_s',
      values,
      reason: reached
        ? `Reached at round ${trial + 1}: range 4.1 % (limit 20.0 %), trend 1.2 % (limit 10.0 %) over 5 rounds.`
        : 'Not reached in 20 rounds; the last 5: range 31.4 % (limit 20.0 %), trend 12.0 % (limit 10.0 %).',
    },
    sensors: {
      steal: disturbed ? 0.084 : 0.002 + trial * 0.001,
      foreignCpu: 0.03 + index * 0.01,
      foreignIo: disturbed ? 18e6 : 12_000,
      pressureCpu: 0.011,
      pressureMemory: 0,
      pressureIo: 0.42,
      temperature: 61 + trial,
      memoryAvailable: 11.2 * 2 ** 30,
    },
    ...(open && {
      load: {
        askedPerS: 20_013,
        achievedPerS: index === 0 ? 17_204 : 20_011,
        lateMaxNs: index === 0 ? 611e6 : 12.4e6,
        lateEndNs: index === 0 ? 610e6 : 0,
      },
    }),
    ...(open && index === 0 && { invalid: RATE_NOT_HELD }),
  }
}

const RATE_NOT_HELD = 'The rate was not held: 17204 of 20013 accesses per second (86.0 %, at least 99 % are needed).'

function laneReport(experiment: ExperimentSpec, index: number, trials: number): LaneReport {
  const lane = experiment.lanes[index]
  const metrics: Record<string, Metric> = {
    'accesses.per_s': metric(91_000 * (index + 1), 'per_s', trials, 'higher'),
    'faults.per_s': metric(28_400 * (index + 1), 'per_s', trials, 'higher'),
    'disk.bytes_written': metric(182e6 / (index + 1), 'bytes', trials),
    'disk.bytes_read': metric(241e6 / (index + 1), 'bytes', trials),
    'cpu.user_s': metric(1.9 + index, 's', trials),
    'cpu.sys_s': metric(1.2, 's', trials),
    'rss.peak_bytes': metric(94e6, 'bytes', trials),
  }
  if (isCompressedLane(lane)) {
    metrics['pool.frames.peak'] = metric(experiment.memory.pool, 'pages', trials, 'higher')
    metrics['pool.ratio.true'] = metric(2.41, 'ratio', trials, 'higher')
    metrics['pool.ratio.effective'] = metric(1.68, 'ratio', trials, 'higher')
    metrics['writeback.pages_per_s'] = metric(writesBack(lane) ? 4_100 : 0, 'per_s', trials, 'higher')
  }
  for (const name of distributionsOf(lane)) {
    const { p50, count } = DISTRIBUTIONS[name]
    for (const [at, quantile] of QUANTILES.entries())
      if (count * (1 - quantile) >= 10)
        metrics[`${name}.${QUANTILE_NAMES[at]}`] = metric(valueAt(p50, quantile, index), 'ns', trials)
  }
  const counters: Record<string, number> = {
    pgfault: 62_000,
    pswpin: 19_000 - index * 4000,
    pswpout: 44_000 - index * 9000,
    swap_ra: 8_100,
    swap_ra_hit: 3_300,
  }
  if (isCompressedLane(lane))
    Object.assign(counters, {
      succ_stores: 50_211,
      failed_stores: 3_120,
      loads: 41_007,
      invalidates: 21_400,
      compress_poor: 1_204,
      mean_compress_poor: 16,
      pers_zpages: 3_410,
      pers_pageframes: 2_031,
      writtenback_pages: writesBack(lane) ? 12_400 : 0,
      outstanding_writeback_pages_max: writesBack(lane) ? 64 : 0,
    })
  return {
    label: laneLabel(lane),
    spec: lane,
    trials: Array.from({ length: trials }, (_, trial) => ({
      order: trial * experiment.lanes.length + index,
      block: trial,
      status: 'done' as const,
      startedAt: new Date(NEWEST + trial * 4000).toISOString(),
      durationMs: 3200 + index * 310,
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, { median }]) => [name, median * (0.97 + trial * 0.015)]),
      ),
      counters,
      verified: { pages: 41_000, mismatches: 0 },
      ...trialFacts(experiment, index, trial),
      ...(index === 0 && experiment.workload.load.kind === 'open' && { status: 'invalid' as const }),
      ...(index === 1 &&
        trial === 2 && {
          flags: ['Steal 8.4 %: its accesses.per_s is an outlier of the lane'],
        }),
    })),
    metrics: index === 0 && experiment.workload.load.kind === 'open' ? {} : metrics,
    counters,
    outliers: trials < 5 ? [] : [{ metric: 'accesses.per_s', order: index, mark: 'outside' }],
    notes: [
      `${experiment.memory.frames} frames of RAM = ${experiment.memory.frames - 158} for pages and pool, 128 reserve, 30 metadata`,
    ],
  }
}

const figure = (median: number, spread = 0) => ({ median, low: median - spread, high: median + spread, n: 3 })

const twin: Twin = {
  model: 'zswap lzo writeback watermark',
  kernel: 'kernel zswap lzo, model reclaim',
  compares: 'zswap',
  differences: [
    'the model stops at memory.pool, the kernel at a share of the RAM of the host: the same only while neither is full',
  ],
  rows: [
    {
      name: 'stored',
      title: 'Stored in the pool',
      unit: 'pages',
      model: figure(11_380),
      kernel: figure(11_456),
      deviation: -0.0066,
    },
    {
      name: 'ratio',
      title: 'Compression, pages ÷ pool',
      unit: 'ratio',
      model: figure(2.28),
      kernel: figure(2.29),
      deviation: -0.0044,
    },
    {
      name: 'fault_pool',
      title: 'Fault from the pool, p50',
      unit: 'ns',
      model: figure(5_100, 300),
      kernel: figure(8_900, 500),
      deviation: -0.427,
    },
    { name: 'fault_disk', title: 'Fault from disk, p50', unit: 'ns', model: null, kernel: null, deviation: null },
  ],
}

export function document(id: string, experiment: ExperimentSpec, status: RunStatus, at = NEWEST): RunDocument {
  const complete = status === 'done' || status === 'invalid'
  const trials = complete ? experiment.trials : status === 'queued' || status === 'running' ? 0 : 1
  const lanes = trials === 0 ? [] : experiment.lanes.map((_, index) => laneReport(experiment, index, trials))
  return {
    run: {
      id,
      name: experiment.name,
      mode: experiment.mode,
      status,
      startedAt: new Date(at).toISOString(),
      endedAt: status === 'running' || status === 'queued' ? null : new Date(at + 41_000).toISOString(),
      durationMs: status === 'running' || status === 'queued' ? null : 41_000,
      experimentHash: 'f1x7u2e0',
      hostId: host.id,
      trialsDone: trials * experiment.lanes.length,
      trialsTotal: experiment.trials * experiment.lanes.length,
      tags: status === 'done' ? ['fixture', 'nvme'] : [],
      note: status === 'done' ? 'Made up: no disk was touched.' : '',
      headline: complete ? 'Writeback is worth it here: faults at p99 are 41 % faster [36 %, 47 %].' : null,
      baseline: false,
      baselineId: null,
      collection: null,
      host,
      warnings: complete
        ? ['A hypervisor sits between this system and the disk.', 'Load average was 1.82 at the start.']
        : [],
      fault: faultOf(status),
      swapfile: {
        directory: '/home/fixture/.local/share/swaplab',
        bytes: 67_112_960,
        direct: true,
        io: 'psync',
        ioReason: 'io_uring is disabled (kernel.io_uring_disabled = 2)',
        syncVerb: 'fdatasync',
        cpu: 1,
        ...(experiment.swapfile.precondition > 0 && {
          precondition: {
            bytes: 268_435_456,
            passes: 4,
            perS: [41_000, 38_000, 36_500, 36_200, 36_300, 36_100],
            steady: true,
            reason: 'Steady after 4.00 passes: range 1.2 % (limit 20.0 %), trend 0.6 % (limit 10.0 %).',
          },
        }),
      },
      corpus: {
        source: 'capture of pid 4711 (node)',
        synthetic: false,
        pages: 4096,
        zeroPages: 0,
        skippedZeroPages: 812,
        sha256: '0'.repeat(64),
      },
      version: '0.1.0',
    },
    spec: experiment,
    trialOrder: Array.from({ length: trials }).flatMap(() => experiment.lanes.map(laneLabel)),
    lanes,
    twin: complete && experiment.lanes.some(({ lane }) => lane === 'kernel-zswap') ? [twin] : [],
    verdicts: complete
      ? [
          {
            question: 'Is writeback worth it here?',
            answer: status === 'invalid' ? 'unknown' : 'yes',
            sentence:
              status === 'invalid'
                ? 'The intervals overlap: collect more trials before deciding.'
                : 'Faults at p99 take 0.71 ms with writeback and 1.20 ms without: 41 % less [36 %, 47 %], 10 of 10 trials.',
          },
          {
            question: 'Is compressed swap worth it here?',
            answer: 'same',
            sentence:
              'The median fault differs by 0.4 % [−1.1 %, 1.9 %], below the 1 % that this lab calls a difference.',
          },
        ]
      : [],
    verified: { pages: trials * 41_000, mismatches: 0 },
    observer: trials === 0 ? null : { clockNs: 21, nullFaultNs: 148, nullStoreNs: 92, nullLoadNs: 54, nullIoNs: 270 },
  }
}

function faultOf(status: RunStatus): RunDocument['run']['fault'] {
  switch (status) {
    case 'failed':
      return {
        code: 'engine_died',
        message: 'The engine process was killed by SIGKILL in trial 4 of 9.',
        remedy: 'The finished trials are kept. See "dmesg" for an out-of-memory kill, then run again.',
      }
    case 'interrupted':
      return {
        code: 'engine_died',
        message: 'The lab itself ended during this run.',
        remedy: 'Run it again; finished trials are kept.',
      }
    case 'invalid':
      return {
        code: 'invalid',
        message: `No valid trial is left of "raw". ${RATE_NOT_HELD}`,
        remedy: 'Ask for a lower rate (workload.load.rate), or measure what the lane can do in a closed loop.',
        field: 'workload.load.rate',
      }
    case 'cancelled':
      return { code: 'cancelled', message: 'Cancelled after trial 3 of 9.' }
    default:
      return undefined
  }
}

export function summary({ run, spec: experiment }: RunDocument): RunSummary {
  const {
    host: _host,
    warnings: _warnings,
    fault: _fault,
    baselineId: _baselineId,
    collection: _collection,
    swapfile: _swapfile,
    corpus: _corpus,
    version: _version,
    ...rest
  } = run
  return { ...rest, lanes: experiment.lanes.map(laneLabel) }
}

function samples(lane: number, trial: number): SeriesSample[] {
  return Array.from({ length: 900 }, (_, at) => {
    const wave = 1 + 0.25 * Math.sin(at / 40 + lane) + 0.05 * Math.sin(at * 1.7 + trial)
    const pool = lane === 0 ? 0 : Math.min(2048, at * 14)
    return {
      t: at * 4,
      warmup: at < 180,
      accesses: Math.round(400 * wave),
      faultsPool: lane === 0 ? 0 : Math.round(70 * wave),
      faultsDisk: Math.round((lane === 0 ? 110 : 30) * wave),
      faultsSwapcache: Math.round(4 * wave),
      faultsZero: at < 60 ? 20 : 0,
      faultsZeromap: 0,
      faultsFile: 0,
      faultsCleancache: 0,
      poolFrames: pool,
      freeFrames: 64,
      inflight: lane === 2 ? 32 : 0,
      writtenBack: lane === 2 && pool === 2048 ? Math.round(16 * wave) : 0,
      bytesWritten: Math.round((lane === 1 ? 40_000 : 90_000) * wave),
      bytesRead: Math.round((lane === 0 ? 450_000 : 123_000) * wave),
    }
  })
}

export function charts({ lanes }: RunDocument): RunCharts {
  return {
    lanes: lanes.map((lane, index) => ({
      label: lane.label,
      distributions: distributionsOf(lane.spec).map((name) => {
        const { p50, count } = DISTRIBUTIONS[name]
        return {
          metric: name,
          count,
          sumNs: p50 * count * 1.6,
          points: Array.from({ length: 700 }, (_, at) => {
            const quantile = 1 - 10 ** (-((at + 1) / 700) * 4.5)
            return { ns: valueAt(p50, quantile, index), quantile }
          }),
        }
      }),
      faultTime:
        lane.spec.lane === 'raw'
          ? [
              { path: 'disk', ns: 2.4e9, count: 19_000 },
              { path: 'swapcache', ns: 2.2e6, count: 1700 },
              { path: 'zero', ns: 3.1e7, count: 16_384 },
              { path: 'reclaim', ns: 0.9e9, count: 31_000 },
            ]
          : [
              { path: 'pool', ns: 0.26e9, count: 41_000 },
              { path: 'disk', ns: 0.8e9 / (index + 1), count: 9_000 },
              { path: 'swapcache', ns: 2.2e6, count: 1700 },
              { path: 'zero', ns: 3.1e7, count: 16_384 },
              { path: 'reclaim', ns: 0.5e9, count: 31_000 },
            ],
    })),
  }
}

export function series({ lanes }: RunDocument, block: number): RunSeries {
  return {
    lanes: lanes.map(({ label, trials }, index) => {
      const trial = trials.find((entry) => entry.block === block)
      return { label, trial: trial?.order ?? null, samples: trial ? samples(index, block) : [] }
    }),
  }
}

const STATES = [
  'done',
  'failed',
  'cancelled',
  'interrupted',
  'invalid',
  'done',
  'done',
] as const satisfies readonly RunStatus[]

function specOf(status: RunStatus, index: number): ExperimentSpec {
  const { name, spec } = presets[index % presets.length]
  const load: ExperimentSpec['workload']['load'] =
    status === 'invalid' ? { kind: 'open', rate: 20_000, arrivals: 'poisson' } : spec.workload.load
  return { ...spec, name: `${name} on the fixture`, workload: { ...spec.workload, load } }
}

/** One run of every state, newest first, with ids that say what they are ("done-0", "failed-1", …). */
export function everyState(): RunDocument[] {
  return [...specialRuns(), ...plainStates()].sort((a, b) => b.run.startedAt.localeCompare(a.run.startedAt))
}

/** One that collected until its verdicts stood (and is compared with a baseline), the baseline, an A/A, and the kinds of lanes. */
function specialRuns(): RunDocument[] {
  const growing = document(
    'growing',
    spec({ name: 'adaptive on the fixture', trials: 6, adaptive: { limit: 120 } }),
    'done',
    NEWEST + 30 * MINUTE,
  )
  const pinned = document('pinned', { ...growing.spec, name: 'pinned baseline' }, 'done', NEWEST - 9 * 24 * 60 * MINUTE)
  const aa = document('aa', twinLanes(spec({ name: 'quick' })), 'done', NEWEST + 15 * MINUTE)
  return [
    harsh(),
    document('lanes', EVERY_LANE, 'done', NEWEST + 12 * MINUTE),
    document('twin', TWIN, 'done', NEWEST + 10 * MINUTE),
    document('simulated', spec({ name: 'a model of this disk', mode: 'simulate' }), 'done', NEWEST + 8 * MINUTE),
    {
      ...growing,
      run: {
        ...growing.run,
        baselineId: 'pinned',
        trialsDone: 27,
        trialsTotal: 27,
        collection: {
          planned: 18,
          added: 9,
          decision: 'Every comparison is settled.',
          later: [{ startedAt: new Date(NEWEST + 50 * MINUTE).toISOString(), firstBlock: 6, otherContents: true }],
        },
      },
    },
    { ...pinned, run: { ...pinned.run, baseline: true, baselineId: 'pinned' } },
    {
      ...aa,
      verdicts: [
        {
          question: 'Is a lane the same as itself here (A/A)?',
          answer: 'unknown',
          sentence:
            'Unknown, collect more trials: of 38 metrics 31 (82 %) are the same, none different, 7 (fsync.ns.p50, fsync.ns.p90, fault.ns.p999, disk.read.ns.p99 and 3 more) unknown; accesses per second differ by +0.8 % (−3.1 to +5.2 %); a change of 7.0 % would show in 4 of 5 such runs; 6 trials a lane.',
        },
      ],
    },
  ]
}

function harsh(): RunDocument {
  const made = document('harsh', HARSH, 'done', NEWEST + 5 * MINUTE)
  const sizes = { 'disk.bytes_written': 9.9e17, 'cpu.sys_s': 1e-9, 'rss.peak_bytes': 0, 'faults.per_s': 1.234e12 }
  return {
    ...made,
    run: { ...made.run, tags: Array.from({ length: 20 }, (_, at) => `${HARSH_NAMES[at % 6]} ${at}`.slice(0, 40)) },
    lanes: made.lanes.map((lane) => ({
      ...lane,
      metrics: {
        ...lane.metrics,
        ...Object.fromEntries(
          Object.entries(sizes).map(([name, median]) => [
            name,
            { ...lane.metrics[name], median, low: median * 0.9, high: median * 1.1 },
          ]),
        ),
      },
      // A host without sensors.
      trials: lane.trials.map(({ sensors: _sensors, ...trial }) => trial),
    })),
  }
}

function plainStates(): RunDocument[] {
  return STATES.map((status, index) =>
    document(`${status}-${index}`, specOf(status, index), status, NEWEST - index * 47 * MINUTE),
  )
}

/** `count` finished runs, for paging. */
export function many(count: number): RunDocument[] {
  const base = document('many-0', presets[0].spec, 'done')
  return Array.from({ length: count }, (_, index) => ({
    ...base,
    run: {
      ...base.run,
      id: `many-${index}`,
      name: `nightly ${count - index}`,
      startedAt: new Date(NEWEST - index * 60 * MINUTE).toISOString(),
    },
  }))
}
