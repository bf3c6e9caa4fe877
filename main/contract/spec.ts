import { z } from 'zod'
import { AccessSpec } from './access.ts'
import { LaneSpec, ZcacheLane } from './lane.ts'
import { count, onOff } from './lane-fields.ts'
import { LoadSpec } from './load.ts'

/**
 * The experiment specification: what a run does, whole and reproducible.
 * Every field carries its default, its limits, and (in `meta`) title, unit, help, `rare` where most experiments leave it alone (the
 * form folds it away), and `usedWith`, a field beside it: where that is off, this is not used. The form, the command line and the documentation
 * are made from this one table. Unknown keys are errors.
 */

export const PAGE_SIZE = 4096

/** Limits are explicit so that a specification can never ask for more than the engine can address. */
export const LIMITS = {
  frames: { min: 256, max: 1_048_576 }, // 1 MiB .. 4 GiB of simulated RAM
  pages: { min: 256, max: 4_194_304 }, // up to 16 GiB of address space
  corpus: { max: 16_384 }, // 64 MiB of page contents
  operations: { min: 1_000, max: 1_000_000_000 },
  trials: { min: 1, max: 100 },
  lanes: { min: 1, max: 12 },
  adaptive: { max: 1000 }, // trials per lane
} as const

const share = () => z.number().min(0).max(1)

export const SyntheticMix = z
  .strictObject({
    zero: share().default(0.11).meta({ title: 'Zero pages', help: 'share of pages that are all zero' }),
    text: share().default(0.35).meta({ title: 'Text-like', help: 'share of pages that compress about 3:1' }),
    heap: share().default(0.44).meta({ title: 'Heap-like', help: 'share of pages that compress about 1.8:1' }),
    random: share().default(0.1).meta({ title: 'Random', help: 'share of pages that do not compress' }),
  })
  .refine((mix) => Math.abs(mix.zero + mix.text + mix.heap + mix.random - 1) < 1e-6, {
    message: 'shares must add up to 1',
  })
export type SyntheticMix = z.infer<typeof SyntheticMix>

export const ContentSpec = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('capture'),
    pid: z
      .union([z.literal('self'), z.int().min(1)])
      .default('self')
      .meta({
        title: 'Process',
        help: '"self" is the lab itself, or a process id: its anonymous resident pages are copied',
      }),
    pages: count(64, LIMITS.corpus.max)
      .default(4096)
      .meta({ title: 'Pages to capture', unit: 'pages', help: 'at most; a smaller process gives fewer' }),
    zeros: z
      .enum(['skip', 'keep'])
      .default('skip')
      .meta({ title: 'All-zero pages', help: 'zero pages flatter the codec and the SSD' }),
  }),
  z.strictObject({
    source: z.literal('file'),
    path: z
      .string()
      .min(1)
      .meta({ title: 'File', help: 'its bytes, cut into pages; the rest of the last page is left out' }),
    pages: count(64, LIMITS.corpus.max).default(4096).meta({ title: 'Pages to read', unit: 'pages', help: 'at most' }),
  }),
  z.strictObject({
    source: z.literal('corpus'),
    path: z.string().min(1).meta({ title: 'Corpus', help: 'a file written by "swaplab capture"' }),
  }),
  z.strictObject({
    source: z.literal('synthetic'),
    mix: SyntheticMix.prefault({}),
    pages: count(64, LIMITS.corpus.max).default(4096).meta({ title: 'Distinct pages', unit: 'pages' }),
  }),
])
export type ContentSpec = z.infer<typeof ContentSpec>

export const WorkloadSpec = z.strictObject({
  content: ContentSpec.prefault({ source: 'capture' }),
  pages: count(LIMITS.pages.min, LIMITS.pages.max)
    .default(16_384)
    .meta({ title: 'Address space', unit: 'pages', help: 'size of the workload; more than the RAM makes it swap' }),
  access: AccessSpec.prefault({ pattern: 'zipf' }),
  load: LoadSpec,
  file: z
    .strictObject({
      share: z.number().min(0).max(0.9).default(0).meta({
        title: 'File-backed share',
        help: 'part of the address space that is a private mapping of a file: read from it, clean until written to, and dropped without a write; 0 is none',
      }),
    })
    .prefault({})
    .meta({ title: 'Mapped file' }),
  operations: count(LIMITS.operations.min, LIMITS.operations.max)
    .default(100_000)
    .meta({ title: 'Accesses', unit: 'accesses', help: 'per trial, warm-up included' }),
})
export type WorkloadSpec = z.infer<typeof WorkloadSpec>

const MAX_QUEUE_DEPTH = 64

export const SwapfileSpec = z.strictObject({
  sync: z.enum(['none', 'batch', 'each', 'dsync']).default('batch').meta({
    title: 'Sync',
    help: 'none: never; batch: one fdatasync per batch; each: fdatasync after every page; dsync: O_DSYNC',
  }),
  batch: count(1, 256).default(32).meta({ title: 'Batch', unit: 'pages', help: 'pages handed to the disk together' }),
  io: z
    .enum(['psync', 'uring'])
    .default('uring')
    .meta({ title: 'I/O engine', help: 'uring falls back to psync, with the reason' }),
  depth: count(1, MAX_QUEUE_DEPTH).default(MAX_QUEUE_DEPTH).meta({
    title: 'Queue depth',
    unit: 'operations',
    rare: true,
    help: 'of io_uring: most operations under way at a time, syncs among them; neighbouring pages go out as one',
  }),
  completion: z.enum(['blocking', 'polled']).default('blocking').meta({
    title: 'Completion',
    rare: true,
    help: 'of io_uring: blocking sleeps in the kernel until the disk has answered; polled looks at the completion queue again and again, which saves the wake-up and burns the CPU. Reads of a fault too: blocking ones are preadv',
  }),
  registered: onOff.default('on').meta({
    title: 'Registered buffers and file',
    rare: true,
    help: 'of io_uring: on registers all page frames and the file with the ring, where the limit of locked memory (ulimit -l) allows; off looks them up and pins them for each operation',
  }),
  layout: z.enum(['slot', 'log']).default('slot').meta({
    title: 'Layout',
    rare: true,
    help: 'slot: each page at the place of its slot; log: pages are written one behind the other, wherever their slots are, and segments are cleaned to make room',
  }),
  overprovision: z.number().min(0.05).max(4).default(0.25).meta({
    title: 'Over-provisioning',
    unit: 'share',
    rare: true,
    help: 'of layout log: places beyond one for each slot, as a share of the slots; more of it costs disk space and saves cleaning',
  }),
  precondition: count(0, 16).default(0).meta({
    title: 'Preconditioning',
    unit: 'passes',
    rare: true,
    help: 'before the first trial, random 4 KiB writes over the whole swap file until the write rate is steady, at most so many times its size; 0: none; 1 fills it once, 2 or more can show that the rate is steady. File-level, not SNIA PTS; it wears the disk',
  }),
  buffered: z.boolean().default(false).meta({
    title: 'Allow buffered I/O',
    rare: true,
    help: 'where direct I/O is refused, measure the page cache instead; every result is then labelled "buffered"',
  }),
})
export type SwapfileSpec = z.infer<typeof SwapfileSpec>

/** How the ring is driven, with what it is by default; nothing to a simulation. */
export const RING_FIELDS = [
  ['depth', MAX_QUEUE_DEPTH],
  ['completion', 'blocking'],
  ['registered', 'on'],
] as const

const MmSpec = z.strictObject({
  readahead: count(1, 32).default(8).meta({
    title: 'Swap-in readahead',
    unit: 'pages',
    help: 'aligned window of slots read with one fault; 1 is off (Linux: 8)',
  }),
  fileReadahead: count(1, 64).default(32).meta({
    title: 'File readahead',
    unit: 'pages',
    rare: true,
    help: 'pages of the mapped file read around a fault, until hardly any of them is used; 1 is off (Linux: 32, read_ahead_kb 128); matters where workload.file.share is above 0',
  }),
  background: count(0, 1024).default(32).meta({
    title: 'Background reclaim',
    unit: 'pages',
    rare: true,
    help: 'pages a background reclaim step may evict between two accesses; 0 leaves all reclaim to the faulting access',
  }),
  zeroMap: onOff.default('off').meta({
    title: 'Zero map',
    rare: true,
    help: 'on: the swap layer keeps pages of zeros as a bit for each slot, away from pool and disk, in every lane (Linux 6.12 and newer); a zswap lane has a switch of its own',
  }),
})
export type MmSpec = z.infer<typeof MmSpec>

/** Whether figures were measured on a host and its disk, or come from models on a virtual clock. The two are never compared. */
export const Mode = z.enum(['measure', 'simulate'])
export type Mode = z.infer<typeof Mode>

export const SimulateSpec = z.strictObject({
  device: z.enum(['reference', 'host']).default('reference').meta({
    title: 'Device',
    help: 'reference: the disk Swaplab was built on; host: the one a calibration of yours describes',
  }),
  calibration: z.string().min(1).optional().meta({
    title: 'Calibration',
    help: 'for host: a file that "swaplab calibrate --json" wrote; its disk and codec rows make the model',
  }),
  slower: z
    .number()
    .min(0.001)
    .max(1000)
    .default(1)
    .meta({ title: 'Slower', unit: '×', rare: true, help: 'every service time of the device, times this' }),
  sizes: z.enum(['corpus', 'magenheimer', 'magenheimer-2x', 'magenheimer-3x']).default('corpus').meta({
    title: 'Sizes',
    help: 'corpus: the page contents, each compressed once; magenheimer: his distribution of 2012 (mean 694 bytes, 11 % zero pages), doubled, tripled: needs no codec',
  }),
})
export type SimulateSpec = z.infer<typeof SimulateSpec>

export const AdaptiveSpec = z.strictObject({
  limit: count(0, LIMITS.adaptive.max).default(0).meta({
    title: 'Limit',
    unit: 'trials per lane',
    help: 'after the planned trials, blocks are added until the verdicts stand or a lane has this many; 0: never; 120 settles 5 % at 8 % noise',
  }),
  metrics: z
    .array(z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, 'is no name of a metric'))
    .max(10)
    .default([])
    .meta({ title: 'Metrics', rare: true, help: 'what has to be settled; empty: what the verdicts are judged by' }),
})
export type AdaptiveSpec = z.infer<typeof AdaptiveSpec>

/** A specification by its fields alone: what was carried out once may break rules between fields that have come since. */
export const RecordedSpec = z.strictObject({
  version: z.literal(1).default(1),
  name: z.string().trim().min(1).max(120).default('untitled').meta({ title: 'Name' }),
  seed: count(0, 0xffff_ffff)
    .default(42)
    .meta({ title: 'Seed', rare: true, help: 'same seed, same accesses, contents and trial order' }),
  mode: Mode.default('measure').meta({
    title: 'Mode',
    help: 'measure: on this host and its disk; simulate: on a virtual clock with models of disk and codecs, to try settings quickly; the two are never compared',
  }),
  simulate: SimulateSpec.prefault({}),
  cpu: z
    .union([z.enum(['disk', 'any']), count(0, 1023)])
    .default('disk')
    .meta({
      title: 'CPU',
      rare: true,
      help: 'where the engine and its completions run: disk (the one that takes the disk’s interrupts), a number, or any; the same for every lane, and recorded',
    }),
  memory: z
    .strictObject({
      frames: count(LIMITS.frames.min, LIMITS.frames.max)
        .default(4096)
        .meta({ title: 'RAM', unit: 'pages', help: 'the same for every lane: resident + pool + metadata + reserve' }),
      pool: count(16, LIMITS.frames.max)
        .default(2048)
        .meta({ title: 'Pool limit', unit: 'pages', help: 'most frames of this RAM that may hold zpages' }),
    })
    .prefault({}),
  mm: MmSpec.prefault({}),
  workload: WorkloadSpec.prefault({}),
  lanes: z
    .array(LaneSpec)
    .min(LIMITS.lanes.min)
    .max(LIMITS.lanes.max)
    .default([
      { lane: 'raw' },
      ZcacheLane.parse({ lane: 'zcache', writeback: 'off' }),
      ZcacheLane.parse({ lane: 'zcache', writeback: 'on' }),
    ]),
  swapfile: SwapfileSpec.prefault({}),
  trials: count(LIMITS.trials.min, LIMITS.trials.max)
    .default(5)
    .meta({ title: 'Trials', help: 'per lane; the trial is the sample, so fewer than 3 give no interval' }),
  adaptive: AdaptiveSpec.prefault({}),
  warmup: z.number().min(0).max(0.9).default(0.2).meta({
    title: 'Warm-up',
    rare: true,
    help: 'share of the accesses that is kept, drawn grey, and left out of every figure',
  }),
})

export type RecordedSpec = z.infer<typeof RecordedSpec>
