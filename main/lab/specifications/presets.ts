import { ExperimentSpec, type Preset } from '../../contract/index.ts'

const LANES = [
  { lane: 'raw' },
  { lane: 'zcache', codec: 'lz4', writeback: 'off' },
  { lane: 'zcache', codec: 'lz4', writeback: 'on' },
] as const

const MEMORY = { frames: 4096, pool: 1792 }
const ZIPF = { pattern: 'zipf', theta: 0.9, writes: 0.3 } as const
const SWAPFILE = { sync: 'batch', batch: 32 } as const

/**
 * Complete specifications: three by how long one has, one that asks other machines, and one that asks the kernel. The address space is three times the RAM, so that the pool fills and
 * writeback has work; operations are sized for a disk of about 100 µs a synchronous write and two cores.
 */
export const PRESETS: readonly Preset[] = [
  {
    name: 'quick',
    title: 'Quick look',
    description:
      'Under a minute. Plain swap, and zcache with writeback off and on; six short trials each, the least that can prove anything.',
    spec: ExperimentSpec.parse({
      name: 'quick: is writeback worth it here?',
      memory: MEMORY,
      workload: { content: { source: 'capture' }, pages: 12_288, access: ZIPF, operations: 40_000 },
      lanes: LANES,
      swapfile: SWAPFILE,
      trials: 6,
    }),
  },
  {
    name: 'standard',
    title: 'Standard',
    description:
      'A few minutes. The same three lanes, ten trials of six times the accesses: tails to p99.9, and differences of a few per cent.',
    spec: ExperimentSpec.parse({
      name: 'standard: is writeback worth it here?',
      memory: MEMORY,
      workload: { content: { source: 'capture' }, pages: 12_288, access: ZIPF, operations: 240_000 },
      lanes: LANES,
      swapfile: SWAPFILE,
      trials: 10,
    }),
  },
  {
    name: 'thorough',
    title: 'Thorough',
    description: 'About half an hour. Adds zstd and a larger RAM; twenty trials, so that small differences show.',
    spec: ExperimentSpec.parse({
      name: 'thorough: codecs and writeback',
      memory: { frames: 8192, pool: 3584 },
      workload: { content: { source: 'capture' }, pages: 24_576, access: ZIPF, operations: 500_000 },
      lanes: [
        ...LANES,
        { lane: 'zcache', codec: 'zstd', writeback: 'off' },
        { lane: 'zcache', codec: 'zstd', writeback: 'on' },
      ],
      swapfile: SWAPFILE,
      trials: 20,
    }),
  },
  {
    name: 'remote',
    title: 'Remote memory',
    description:
      'A minute, and a Redis or Valkey server; where there is none, you are told how to start one. A full pool sends its oldest pages to the disk, or on to the memory of another machine (RAMster). On this host it shows how that works; name other machines for an answer.',
    spec: ExperimentSpec.parse({
      name: "remote: the disk, or another machine's memory?",
      memory: MEMORY,
      workload: { content: { source: 'capture' }, pages: 12_288, access: ZIPF, operations: 40_000 },
      lanes: [
        { lane: 'raw' },
        { lane: 'zcache', codec: 'lz4', writeback: 'on' },
        { lane: 'ramster', codec: 'lz4', writeback: 'on' },
      ],
      swapfile: SWAPFILE,
      trials: 6,
    }),
  },
  {
    name: 'twin',
    title: 'Twin',
    description:
      "A minute, and root. The engine's zswap and this host's own on the same pages: what the model predicts, what the kernel did, and by how much they differ.",
    spec: ExperimentSpec.parse({
      name: 'twin: does the model tell the truth?',
      memory: { frames: 8192, pool: 6144 },
      workload: { content: { source: 'capture' }, pages: 12_288, access: ZIPF, operations: 60_000 },
      lanes: [
        { lane: 'zswap', codec: 'lzo', writeback: 'on' },
        { lane: 'kernel-zswap', compressor: 'lzo', reclaim: 'model', tiers: 'fault' },
        { lane: 'kernel-zswap', compressor: 'lzo', reclaim: 'kernel', tiers: 'fault' },
      ],
      swapfile: SWAPFILE,
      trials: 3,
    }),
  },
]
