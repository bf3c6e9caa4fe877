import { z } from 'zod'
import { FioComparison } from './beside-fio.ts'
import { Observer } from './observer.ts'

/** What the host is (stable identity) and what would spoil a measurement now (readings). */

export const DeviceFacts = z.object({
  path: z.string().describe('directory that was asked about'),
  device: z.string().nullable().describe('e.g. /dev/nvme0n1'),
  model: z.string().nullable(),
  firmware: z.string().nullable(),
  scheduler: z.string().nullable(),
  writeCache: z.string().nullable(),
  rotational: z.boolean().nullable(),
  logicalBlockBytes: z.int().nullable(),
  physicalBlockBytes: z.int().nullable(),
  queueDepth: z.int().nullable().describe('nr_requests'),
  fileSystem: z.string(),
  mountPoint: z.string(),
  mountOptions: z.string(),
  freeBytes: z.number(),
  totalBytes: z.number(),
})
export type DeviceFacts = z.infer<typeof DeviceFacts>

export const CodecFacts = z.object({
  codec: z.string(),
  available: z.boolean(),
  version: z.string().nullable(),
  library: z.string().nullable(),
  reason: z.string().nullable(),
  package: z.string().describe('Debian package that brings it'),
})
export type CodecFacts = z.infer<typeof CodecFacts>

/** One row of the check before a run. `evidence` is the reading itself. */
export const CheckRow = z.object({
  name: z.string(),
  level: z.enum(['green', 'amber', 'red']),
  reason: z.string(),
  evidence: z.string(),
})
export type CheckRow = z.infer<typeof CheckRow>

export const HostReport = z.object({
  id: z.string().describe('hash of what stays through updates: CPU model, cores, RAM class, disk model'),
  hostname: z.string(),
  cpu: z.object({ model: z.string(), cores: z.int(), mhz: z.number().nullable(), governor: z.string().nullable() }),
  memoryBytes: z.number(),
  kernel: z.string(),
  os: z.string(),
  hypervisor: z.string().nullable(),
  node: z.string(),
  device: DeviceFacts,
  zswap: z.record(z.string(), z.string()).nullable().describe('module parameters; null where absent'),
  zram: z.array(z.object({ name: z.string(), initialised: z.boolean(), algorithm: z.string() })),
  swaps: z.array(z.string()).describe('active swap areas'),
  pressure: z.record(z.string(), z.number()).describe('PSI some avg10, by resource'),
  loadAverage: z.number(),
  ioUring: z.object({ available: z.boolean(), reason: z.string().nullable() }),
  clock: z.object({ source: z.string(), overheadNs: z.number() }),
  codecs: z.array(CodecFacts),
  readAt: z.iso.datetime(),
})
export type HostReport = z.infer<typeof HostReport>

export const HostCheck = z.object({
  level: z.enum(['green', 'amber', 'red']),
  rows: z.array(CheckRow),
})
export type HostCheck = z.infer<typeof HostCheck>

/** What a calibration is measured beside: fio must be there then; else it is where there is one. */
export const CalibrationPeer = z.enum(['fio', 'kernel'])
export type CalibrationPeer = z.infer<typeof CalibrationPeer>

/** The pools a codec is calibrated with, by the name their rows have, and what each has on. */
export const CALIBRATED_POOLS = {
  'zcache, plain': 'zbud alone: no writeback, no cleancache, no filter',
  'zcache, every option':
    'writeback by keep-clean, which looks at every store and load, as zpages on a log, with a budget and clusters; cleancache holding file pages; active pages only; writethrough',
  'zswap, every option':
    'zsmalloc, same-filled pages looked for, incompressible pages kept raw; writeback by the worker and the shrinker, as zpages on a log, with a budget, clusters and compaction',
} as const
export const CalibratedPool = z.enum(['zcache, plain', 'zcache, every option', 'zswap, every option'])
export type CalibratedPool = z.infer<typeof CalibratedPool>

const CalibrationCodecRow = z.object({
  codec: z.string(),
  pool: CalibratedPool.default('zcache, plain').describe('what stores and loads go to'),
  corpus: z.string(),
  pages: z.int(),
  ratio: z.number().describe('uncompressed / compressed'),
  rawCompressNs: z.number().describe('to one place, which stays in the CPU caches'),
  rawInPlaceNs: z
    .number()
    .nullable()
    .default(null)
    .describe('the same call to a place of the page itself; null in older files'),
  rawDecompressNs: z.number(),
  storeNs: z.number(),
  loadNs: z.number(),
  storeOverRaw: z.number(),
  loadOverRaw: z.number(),
})
export const CalibrationDiskRow = z.object({
  op: z.enum(['read', 'write', 'write+fdatasync']),
  order: z.enum(['random', 'sequential']).default('random'),
  io: z.enum(['psync', 'uring']),
  queueDepth: z.int(),
  sync: z.enum(['none', 'fdatasync', 'dsync']),
  blockBytes: z.int(),
  p50Ns: z.number(),
  p99Ns: z.number(),
  perSecond: z.number().describe('blocks a second'),
  vsFio: FioComparison.optional(),
})
/** One operation of an engine lane and of the kernel's own zswap, on the same pages, on one CPU, in turns. p50 of a page, ns. */
export const BesideKernel = z.object({
  engineNs: z.number(),
  kernelNs: z.number().describe('all of it: MADV_PAGEOUT of one page, or the touch that brings it back'),
  pathNs: z.number().describe('the same for a page of zeros, which needs no codec and no pool'),
  codecNs: z.number().describe("the engine's codec alone, on the same pages"),
  overKernel: z.number().describe('engineNs / kernelNs'),
  overNet: z.number().describe('engineNs / (kernelNs - pathNs)'),
  rounds: z
    .object({ overKernel: z.array(z.number()), overNet: z.array(z.number()) })
    .describe('the same two of each round: their spread is the doubt'),
})
export type BesideKernel = z.infer<typeof BesideKernel>

/** One way of emptying a pool to disk. `flush` says what was asked of the disk beside the writes. */
export const WritebackRate = z.object({
  who: z.enum(['engine', 'kernel']),
  how: z.string(),
  flush: z.enum(['none', 'each batch', 'once at the end']),
  pages: z.int().describe('pages written back'),
  seconds: z.number(),
  pagesPerS: z.number(),
  rounds: z
    .array(z.number())
    .describe('pages per second of every round; the other figures are those of the middle one'),
  overKernel: z
    .object({ ratio: z.number().describe('median of the rounds'), rounds: z.array(z.number()) })
    .nullable()
    .default(null)
    .describe(
      "the engine's rate / that of the kernel's drain without a flush in the same round; null for the kernel, and in older files",
    ),
})
export type WritebackRate = z.infer<typeof WritebackRate>

export const KernelComparison = z.object({
  kernel: z.string().describe('release'),
  compressor: z.string().describe("of the kernel's zswap; the engine's codec is its twin"),
  corpus: z.string(),
  pages: z.int(),
  cpu: z.int().nullable().describe('both processes ran on it; null: not pinned'),
  lanes: z.array(z.object({ lane: z.enum(['zcache', 'zswap']), store: BesideKernel, load: BesideKernel })),
  writeback: z.array(WritebackRate),
})
export type KernelComparison = z.infer<typeof KernelComparison>

export const Calibration = z.object({
  clock: z.object({ overheadNs: z.number() }),
  observer: Observer.optional().describe('absent in older files'),
  codecs: z.array(CalibrationCodecRow),
  disk: z.array(CalibrationDiskRow),
  kernel: KernelComparison.nullable().default(null).describe('null: not asked for'),
  skipped: z.array(z.object({ what: z.string(), reason: z.string() })),
  host: HostReport,
})
export type Calibration = z.infer<typeof Calibration>

/** What is known of calibrations in this lab: the last one that was finished, and the one under way. */
export const CalibrationState = z.object({
  last: Calibration.nullable(),
  file: z.string().describe('where the last one is kept, as simulate.calibration takes it'),
  underWay: z
    .object({ step: z.string(), elapsedMs: z.number() })
    .nullable()
    .describe('of this lab; null: none, or that of another process'),
})
export type CalibrationState = z.infer<typeof CalibrationState>
