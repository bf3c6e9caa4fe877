import type { CodecFacts, HostCheck, HostReport, KernelConsent } from '../../main/contract/index.ts'

/** A made-up host, its codecs, its check, and what it would ask for. */

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

export const consent: KernelConsent = {
  program: 'pkexec',
  where: 'desktop',
  changes: [
    'vm.page-cluster: 3 → 0',
    'zswap enabled: N → Y',
    'zswap compressor: zstd → lzo',
    'a swap file swaplab-kernel-….swap of 64 MiB in /home/fixture, in use while a trial lasts',
  ],
  putBack: ['Every old value is written to /home/fixture/kernel-journal.json before it is changed.'],
}
