/** What each metric is, in a sentence or two; `docs/measuring.md` has the long form and how to get it by hand. By the name without its statistic. */
const MEANINGS: Readonly<Record<string, string>> = {
  'access.ns': 'Response in an open loop: from when the access was meant to begin to its end.',
  'service.ns': 'Service in an open loop: from when the access began to its end.',
  'fault.ns': 'A page fault: from finding no frame to the page being mapped, by whatever path.',
  'fault.pool.ns': 'A fault whose page was decompressed from the pool.',
  'fault.remote.ns': 'A fault whose zpage was fetched from another machine and decompressed.',
  'fault.disk.ns': 'A fault whose page was read from the swap file, with the readahead done in the same read.',
  'fault.swapcache.ns': 'A fault whose page was in the swap cache: read ahead, or its write still under way.',
  'fault.zero.ns': 'The first touch of a page, which gets a frame of zeros.',
  'fault.zeromap.ns': 'A fault on a page of zeros that the zero map kept as a mark.',
  'fault.file.ns': 'A fault whose page was read from the mapped file.',
  'fault.cleancache.ns': 'A fault whose clean file page was found in cleancache.',
  'fault.engine.ns': "The part of a fault of real memory that the engine's memory manager takes.",
  'fault.null.ns': 'A fault of real memory with nothing behind it: exception, copy and mapping alone.',
  'store.ns': 'Frontswap offers a page until the backend has taken it, compression included.',
  'reject.ns': 'Frontswap offers a page until the backend has refused it.',
  'load.ns': 'Frontswap asks for a page until it is decompressed into its frame.',
  'path.store.ns':
    "A store of a page of zeros, which the kernel keeps as a mark: the kernel's way without codec, pool or disk.",
  'path.load.ns': "A load of a page of zeros: the kernel's way without codec, pool or disk.",
  'cleancache.put.ns': 'A clean file page is offered to cleancache, taken or refused; part of reclaim.',
  'cleancache.get.ns': 'A page is looked up and found in cleancache; part of its fault.',
  'writeback.ns': "From the search for a victim's frame to the end of its write, and of its sync as far as asked.",
  'writeback.decompress.ns': 'The part of a writeback before its write is submitted.',
  'writeback.age.ns': 'How long a zpage had been in the pool when its writeback began. Older is better: it was cold.',
  'refault.time.ns': 'From the writeback of a page to the first fault that reads it from disk again. Longer is better.',
  'refault.distance':
    'Faults between the writeback of a page and the fault that reads it from disk again. More is better.',
  'codec.compress_s': 'CPU time inside the compressor, estimated from every sixteenth call.',
  'codec.decompress_s': 'CPU time inside the decompressor, estimated from every sixteenth call.',
  'policy.share':
    "Share of the measured time inside the hooks of a user's own policy, estimated from a sample of its calls.",
  'disk.read.ns': 'One read of one or more neighbouring slots, or of a page of the mapped file.',
  'disk.write.ns': 'One write of one or more neighbouring slots.',
  'fsync.ns': 'One fdatasync; with io_uring from the submission of its batch, so with the writes it waits for.',
  'reclaim.direct.ns': "Reclaim inside one fault, part of that fault's time.",
  'reclaim.background.ns':
    'One step of background reclaim between two accesses; part of no fault, but of the throughput.',
  'accesses.per_s': 'Measured accesses over the time they took: the whole price, with faults, reclaim and compression.',
  'faults.per_s': 'Page faults over the time of the measured part.',
  'disk.bytes_written': 'Bytes written to the swap file, which wear the SSD.',
  'disk.bytes_read': 'Bytes read from the swap file, readahead included, and from the mapped file.',
  'disk.bytes_read.least':
    "What no policy at all could have kept off the disk's reads, with this RAM, pool limit and allocator; computed from the accesses.",
  'log.write_amplification': 'Pages written over those of them that cleaning did not move. 1 is none.',
  'log.clean.ns': 'Cleaning of one segment of the log, with its reads, writes and syncs.',
  'writeback.packing.ratio': 'Zpages in a block of 4096 bytes, of those that became durable.',
  'writeback.pages_per_s': 'Pages written back from the pool to the swap file over the time of the measured part.',
  'writeback.frames_per_page': 'Frames of the pool that each written page gave back.',
  'cpu.user_s': 'CPU time of the engine in user mode over the measured part, checks included (getrusage).',
  'cpu.sys_s': 'CPU time of the engine in the kernel over the measured part, checks included (getrusage).',
  'rss.peak_bytes': 'Largest resident set of the engine process so far, over all its trials.',
  'pool.frames.peak': 'Most frames that the pool held at a time in the measured part.',
  'pool.ratio.true': 'What the codec reached: zpages × 4096 over compressed bytes.',
  'pool.ratio.effective': 'What the pool reached: pages that a frame really holds. zbud never exceeds 2.',
  'pool.fragmentation': "Share of the pool's bytes that holds no compressed byte.",
  'remote.bytes.peak':
    'Most bytes of zpages that were in the memory of other machines, or on their way, at a time in the measured part. No part of the RAM.',
  'ephemeral.frames.peak': "Most frames that zcache's clean file pages held at a time in the measured part.",
  'ephemeral.ratio.effective': 'Zpages of clean file pages that a frame of zcache holds.',
}

/** Every metric that a lane can have, without its statistic. */
export const METRIC_NAMES: readonly string[] = Object.keys(MEANINGS)

const STATISTICS: Readonly<Record<string, string>> = {
  mean: 'Mean of all events.',
  p50: 'p50: half of all events are at most this.',
  p90: 'p90: 90 % of all events are at most this.',
  p99: 'p99: 99 % of all events are at most this.',
  p999: 'p99.9: all but one in 1000 are at most this.',
  p9999: 'p99.99: all but one in 10 000 are at most this.',
}

/** What the metric `name` is ("fault.ns.p99", "accesses.per_s"), for a person; null for one that is not known. */
export function metricMeaning(name: string): string | null {
  if (Object.hasOwn(MEANINGS, name)) return MEANINGS[name]
  const [, base, statistic] = /^(.+)\.(mean|p\d+)$/.exec(name) ?? []
  if (base === undefined || !Object.hasOwn(MEANINGS, base) || !Object.hasOwn(STATISTICS, statistic)) return null
  return `${MEANINGS[base]} ${STATISTICS[statistic]}`
}

/** Metrics with a statistic behind their name: those that are distributions. */
const isDistribution = (base: string) => base.endsWith('.ns') || base === 'refault.distance'

/** Every name that a metric of a trial can have. */
const FULL_NAMES = METRIC_NAMES.flatMap((base) =>
  isDistribution(base) ? Object.keys(STATISTICS).map((statistic) => `${base}.${statistic}`) : [base],
)
const MOST_SUGGESTED = 3

/** Why `name` is no metric of a trial, and which names are near; null where it is one. */
export function metricProblem(name: string): string | null {
  if (FULL_NAMES.includes(name)) return null
  const parts = name.split('.')
  const shared = (known: string) => known.split('.').filter((part) => parts.includes(part)).length
  const most = Math.max(...FULL_NAMES.map(shared))
  // Of equally near ones the shortest: fault.ns.p99 before fault.cleancache.ns.p99.
  const near = FULL_NAMES.filter((known) => most > 0 && shared(known) === most).sort((a, b) => a.length - b.length)
  const suggestion =
    near.length > 0
      ? `near it ${near.length === 1 ? 'is' : 'are'} ${near.slice(0, MOST_SUGGESTED).join(', ')}`
      : 'they are named e.g. accesses.per_s, fault.ns.p99, disk.bytes_written'
  return `"${name}" is no metric; ${suggestion}. "What is timed" in docs/measuring.md has all`
}
