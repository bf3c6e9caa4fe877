import { type ExperimentInput, ExperimentSpec, type Preset } from '../../main/contract/index.ts'

/** What the made-up runs are runs of. */

export const spec = (input: ExperimentInput): ExperimentSpec => ExperimentSpec.parse(input)

/** Every kind of lane of the engine at once, with a share of the workload in a file, on a log, after preconditioning. */
export const EVERY_LANE = spec({
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
    { lane: 'ramster' },
    { lane: 'zram', writeback: 'huge_idle' },
  ],
})

/** As much of everything as the contract allows, with names that break what is not built for them. */
export const HARSH_NAMES = [
  '<b>bold</b> & "quoted"',
  'שדה מבחן מימין לשמאל',
  '🧪🧊 frozen then thawed 🧵',
  'W'.repeat(48),
  'a label of many short words that goes on and on for as long as labels may',
  '遅延が少ない圧縮レーン',
]
export const HARSH = spec({
  name: `مقارنة <script>alert(1)</script> 🧪 ${'x'.repeat(60)}`,
  trials: 30,
  lanes: Array.from({ length: 12 }, (_, at) => ({
    lane: 'zcache',
    label: at < HARSH_NAMES.length ? HARSH_NAMES[at].slice(0, 60) : `lane ${at + 1}`,
    writeback: 'on',
  })),
})

/** The engine's zswap beside the kernel's, whose RAM is real. */
export const TWIN = spec({
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
    name: 'remote',
    title: 'Remote memory',
    description: 'The disk beside the memory of another machine; needs a server: redis-server --port 6379.',
    spec: spec({ name: 'remote', lanes: [{ lane: 'zcache', writeback: 'on' }, { lane: 'ramster' }] }),
  },
  {
    name: 'twin',
    title: 'Model and kernel',
    description: "The engine's zswap beside this host's own, which takes the evictions of the model one by one.",
    spec: TWIN,
  },
]
