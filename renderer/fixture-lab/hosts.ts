import type {
  BesideKernel,
  Calibration,
  CodecFacts,
  HostCheck,
  HostReport,
  KernelComparison,
  KernelConsent,
} from '../../main/contract/index.ts'

/** Made-up hosts, codecs, checks and calibrations. */

export const codecs: CodecFacts[] = [
  { codec: 'lz4', available: true, version: '1.9.4', library: 'liblz4.so.1', reason: null, package: 'liblz4-1' },
  { codec: 'lz4hc', available: true, version: '1.9.4', library: 'liblz4.so.1', reason: null, package: 'liblz4-1' },
  {
    codec: 'lzo',
    available: false,
    version: null,
    library: null,
    reason: 'liblzo2.so.2 is not on this host',
    package: 'liblzo2-2',
  },
  { codec: 'zstd', available: true, version: '1.5.4', library: 'libzstd.so.1', reason: null, package: 'libzstd1' },
  { codec: 'deflate', available: true, version: '1.2.13', library: 'libz.so.1', reason: null, package: 'zlib1g' },
]

export const host: HostReport = {
  id: 'h-fixture-01',
  hostname: 'fixture',
  cpu: { model: 'Fixture CPU 2.4 GHz', cores: 8, mhz: 2400, governor: 'performance' },
  memoryBytes: 34_359_738_368,
  kernel: '6.1.0-31-amd64',
  os: 'Debian GNU/Linux 12 (bookworm)',
  hypervisor: 'kvm',
  node: 'v24.9.0',
  device: {
    path: '/home/fixture/.local/share/swaplab',
    device: '/dev/nvme0n1',
    model: 'Fixture NVMe 1 TB',
    firmware: 'F1XTUR3',
    scheduler: 'none',
    writeCache: 'write back',
    rotational: false,
    logicalBlockBytes: 512,
    physicalBlockBytes: 4096,
    queueDepth: 1023,
    fileSystem: 'ext4',
    mountPoint: '/home',
    mountOptions: 'rw,relatime',
    freeBytes: 412_316_860_416,
    totalBytes: 1_000_204_886_016,
  },
  zswap: { enabled: 'N', compressor: 'lzo', zpool: 'zbud', max_pool_percent: '20' },
  zram: [],
  swaps: [],
  pressure: { cpu: 0.4, memory: 0, io: 1.2 },
  loadAverage: 0.42,
  ioUring: { available: true, reason: null },
  clock: { source: 'CLOCK_MONOTONIC_RAW', overheadNs: 21 },
  codecs,
  readAt: '2026-11-20T09:00:00.000Z',
}

export const check: HostCheck = {
  level: 'amber',
  rows: [
    { name: 'Governor', level: 'green', reason: 'The CPU runs at full speed.', evidence: 'governor: performance' },
    {
      name: 'Background I/O',
      level: 'green',
      reason: 'The disk was idle while it was watched.',
      evidence: 'nvme0n1: 0 reads, 3 writes in 2.0 s',
    },
    {
      name: 'Virtual machine',
      level: 'amber',
      reason: 'A hypervisor sits between this system and the disk; latencies are those of the pair.',
      evidence: 'hypervisor: kvm',
    },
    { name: 'Free space', level: 'green', reason: 'The swap file fits.', evidence: '384 GiB free' },
    { name: 'Load', level: 'amber', reason: 'Something else is computing.', evidence: 'load average 1.82 on 8 cores' },
    { name: 'Other swap', level: 'green', reason: 'No swap area is active.', evidence: '/proc/swaps is empty' },
  ],
}

const beside = (engineNs: number, kernelNs: number, pathNs: number): BesideKernel => ({
  engineNs,
  kernelNs,
  pathNs,
  codecNs: engineNs * 0.96,
  overKernel: engineNs / kernelNs,
  overNet: engineNs / (kernelNs - pathNs),
  rounds: {
    overKernel: [0.98, 1, 1.03].map((share) => (share * engineNs) / kernelNs),
    overNet: [0.97, 1, 1.05].map((share) => (share * engineNs) / (kernelNs - pathNs)),
  },
})

export const besideKernel: KernelComparison = {
  kernel: '6.1.0-31-amd64',
  compressor: 'lzo',
  corpus: 'capture of this process',
  pages: 2048,
  cpu: 1,
  lanes: [
    { lane: 'zcache', store: beside(5200, 8100, 3300), load: beside(1900, 3600, 1900) },
    { lane: 'zswap', store: beside(5300, 8100, 3300), load: beside(1950, 3600, 1900) },
  ],
  writeback: [
    {
      who: 'engine',
      how: 'batches of 32',
      flush: 'each batch',
      pages: 20_000,
      seconds: 0.4,
      pagesPerS: 50_000,
      rounds: [48_000, 50_000, 51_000],
    },
    {
      who: 'kernel',
      how: 'a closed pool',
      flush: 'none',
      pages: 20_000,
      seconds: 1.6,
      pagesPerS: 12_500,
      rounds: [11_000, 12_500, 13_000],
    },
  ],
}

export const calibration: Omit<Calibration, 'host'> = {
  clock: { overheadNs: 21 },
  codecs: [
    {
      codec: 'lz4',
      corpus: 'capture of this process',
      pages: 4096,
      ratio: 2.41,
      rawCompressNs: 6100,
      rawInPlaceNs: 6290,
      rawDecompressNs: 1450,
      storeNs: 6490,
      loadNs: 1580,
      storeOverRaw: 1.064,
      loadOverRaw: 1.09,
    },
    {
      codec: 'zstd',
      corpus: 'capture of this process',
      pages: 4096,
      ratio: 3.12,
      rawCompressNs: 19_800,
      rawInPlaceNs: 20_000,
      rawDecompressNs: 7300,
      storeNs: 20_400,
      loadNs: 7490,
      storeOverRaw: 1.03,
      loadOverRaw: 1.026,
    },
  ],
  disk: [
    {
      op: 'read',
      order: 'random',
      io: 'psync',
      queueDepth: 1,
      sync: 'none',
      blockBytes: 4096,
      p50Ns: 82_000,
      p99Ns: 143_000,
      perSecond: 11_900,
      vsFio: { p50: 1.02, p99: 0.98, perSecond: 0.99 },
    },
    {
      op: 'write+fdatasync',
      order: 'random',
      io: 'psync',
      queueDepth: 1,
      sync: 'fdatasync',
      blockBytes: 4096,
      p50Ns: 1_240_000,
      p99Ns: 2_900_000,
      perSecond: 790,
      vsFio: { p50: 0.97, p99: 1.11, perSecond: 1.01 },
    },
    {
      op: 'write',
      order: 'random',
      io: 'uring',
      queueDepth: 32,
      sync: 'none',
      blockBytes: 4096,
      p50Ns: 310_000,
      p99Ns: 870_000,
      perSecond: 101_000,
    },
  ],
  kernel: null,
  skipped: [{ what: 'lzo', reason: 'liblzo2.so.2 is not on this host (package liblzo2-2)' }],
}

export const consent: KernelConsent = {
  program: 'pkexec',
  changes: [
    'vm.page-cluster: 3 → 0',
    'zswap enabled: N → Y',
    'zswap compressor: zstd → lzo',
    'a swap file swaplab-kernel-….swap of 64 MiB in /home/fixture, in use while a trial lasts',
  ],
  putBack: ['Every old value is written to /home/fixture/kernel-journal.json before it is changed.'],
}
