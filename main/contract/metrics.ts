import type { Metric } from './run.ts'

/**
 * Every metric that a lane can have, by its name without the statistic: its unit, which direction is better, and what it is in a sentence or two;
 * `docs/measuring.md` has the long form and how to get it by hand.
 */
const METRICS: Readonly<Record<string, readonly [unit: Metric['unit'], better: Metric['better'], meaning: string]>> = {
  'access.ns': ['ns', 'lower', 'Response in an open loop: from when the access was meant to begin to its end.'],
  'service.ns': ['ns', 'lower', 'Service in an open loop: from when the access began to its end.'],
  'fault.ns': ['ns', 'lower', 'A page fault: from finding no frame to the page being mapped, by whatever path.'],
  'fault.pool.ns': ['ns', 'lower', 'A fault whose page was decompressed from the pool.'],
  'fault.remote.ns': ['ns', 'lower', 'A fault whose zpage was fetched from another machine and decompressed.'],
  'fault.disk.ns': [
    'ns',
    'lower',
    'A fault whose page was read from the swap file, with the readahead done in the same read.',
  ],
  'fault.swapcache.ns': [
    'ns',
    'lower',
    'A fault whose page was in the swap cache: read ahead, or its write still under way.',
  ],
  'fault.zero.ns': ['ns', 'lower', 'The first touch of a page, which gets a frame of zeros.'],
  'fault.zeromap.ns': ['ns', 'lower', 'A fault on a page of zeros that the zero map kept as a mark.'],
  'fault.file.ns': ['ns', 'lower', 'A fault whose page was read from the mapped file.'],
  'fault.cleancache.ns': ['ns', 'lower', 'A fault whose clean file page was found in cleancache.'],
  'fault.engine.ns': ['ns', 'lower', "The part of a fault of real memory that the engine's memory manager takes."],
  'fault.null.ns': ['ns', 'lower', 'A fault of real memory with nothing behind it: exception, copy and mapping alone.'],
  'store.ns': ['ns', 'lower', 'Frontswap offers a page until the backend has taken it, compression included.'],
  'reject.ns': ['ns', 'lower', 'Frontswap offers a page until the backend has refused it.'],
  'load.ns': [
    'ns',
    'lower',
    'A fault asks frontswap for a page until it is decompressed into its frame. Loads by writeback are not among them.',
  ],
  'path.store.ns': [
    'ns',
    'lower',
    "A store of a page of zeros, which the kernel keeps as a mark: the kernel's way without codec, pool or disk.",
  ],
  'path.load.ns': ['ns', 'lower', "A load of a page of zeros: the kernel's way without codec, pool or disk."],
  'cleancache.put.ns': [
    'ns',
    'lower',
    'A clean file page is offered to cleancache, taken or refused; part of reclaim.',
  ],
  'cleancache.get.ns': ['ns', 'lower', 'A page is looked up and found in cleancache; part of its fault.'],
  'writeback.ns': [
    'ns',
    'lower',
    "From the search for a victim's frame to the end of its write, and of its sync as far as asked.",
  ],
  'writeback.decompress.ns': ['ns', 'lower', 'The part of a writeback before its write is submitted.'],
  'writeback.age.ns': [
    'ns',
    'higher',
    'How long a zpage had been in the pool when its writeback began. Older is better: it was cold.',
  ],
  'refault.time.ns': [
    'ns',
    'higher',
    'From the writeback of a page to the first fault that reads it from disk again. Longer is better.',
  ],
  'refault.distance': [
    'count',
    'higher',
    'Faults between the writeback of a page and the fault that reads it from disk again. More is better.',
  ],
  'codec.compress_s': ['s', 'lower', 'CPU time inside the compressor, estimated from every sixteenth call.'],
  'codec.decompress_s': ['s', 'lower', 'CPU time inside the decompressor, estimated from every sixteenth call.'],
  'policy.share': [
    'share',
    'lower',
    "Share of the measured time inside the hooks of a user's own policy, estimated from a sample of its calls.",
  ],
  'disk.read.ns': ['ns', 'lower', 'One read of one or more neighbouring slots, or of a page of the mapped file.'],
  'disk.write.ns': ['ns', 'lower', 'One write of one or more neighbouring slots.'],
  'fsync.ns': [
    'ns',
    'lower',
    'One fdatasync; with io_uring from the submission of its batch, so with the writes it waits for.',
  ],
  'reclaim.direct.ns': ['ns', 'lower', "Reclaim inside one fault, part of that fault's time."],
  'reclaim.background.ns': [
    'ns',
    'lower',
    'One step of background reclaim between two accesses; part of no fault, but of the throughput.',
  ],
  'accesses.per_s': [
    'per_s',
    'higher',
    'Measured accesses over the time they took: the whole price, with faults, reclaim and compression.',
  ],
  'faults.per_s': ['per_s', 'higher', 'Page faults over the time of the measured part.'],
  'disk.bytes_written': ['bytes', 'lower', 'Bytes written to the swap file, which wear the SSD.'],
  'disk.bytes_read': ['bytes', 'lower', 'Bytes read from the swap file, readahead included, and from the mapped file.'],
  'disk.bytes_read.least': [
    'bytes',
    'lower',
    "What no policy at all could have kept off the disk's reads, with this RAM, pool limit and allocator; computed from the accesses.",
  ],
  'log.write_amplification': [
    'ratio',
    'lower',
    'Pages written over those of them that cleaning did not move. 1 is none.',
  ],
  'log.clean.ns': ['ns', 'lower', 'Cleaning of one segment of the log, with its reads, writes and syncs.'],
  'writeback.packing.ratio': ['ratio', 'higher', 'Zpages in a block of 4096 bytes, of those that became durable.'],
  'writeback.pages_per_s': [
    'per_s',
    'higher',
    'Pages written back from the pool to the swap file over the time of the measured part.',
  ],
  'writeback.frames_per_page': ['ratio', 'higher', 'Frames of the pool that each written page gave back.'],
  'cpu.user_s': [
    's',
    'lower',
    'CPU time of the engine in user mode over the measured part, checks included (getrusage).',
  ],
  'cpu.sys_s': [
    's',
    'lower',
    'CPU time of the engine in the kernel over the measured part, checks included (getrusage).',
  ],
  'rss.peak_bytes': [
    'bytes',
    'lower',
    'Largest resident set of the engine process, in a kernel lane of the one that touches the pages, in the measured part, with what earlier trials left and is not yet collected; before version 0.2.0 of all trials so far.',
  ],
  'pool.frames.peak': ['pages', 'lower', 'Most frames that the pool held at a time in the measured part.'],
  'pool.ratio.true': ['ratio', 'higher', 'What the codec reached: zpages × 4096 over compressed bytes.'],
  'pool.ratio.effective': [
    'ratio',
    'higher',
    'What the pool reached: pages that a frame really holds. zbud never exceeds 2.',
  ],
  'pool.fragmentation': ['share', 'lower', "Share of the pool's bytes that holds no compressed byte."],
  'pool.fragmentation.internal': [
    'share',
    'lower',
    'Of the fragmentation, the headers and handles of zpages, and what they are rounded up by, to chunks or a size class.',
  ],
  'pool.fragmentation.external': [
    'share',
    'lower',
    'Of the fragmentation, the room in which no zpage lies. Only this can compaction gain.',
  ],
  'remote.bytes.peak': [
    'bytes',
    'lower',
    'Most bytes of zpages that were in the memory of other machines, or on their way, at a time in the measured part. No part of the RAM.',
  ],
  'ephemeral.frames.peak': [
    'pages',
    'lower',
    "Most frames that zcache's clean file pages held at a time in the measured part.",
  ],
  'ephemeral.ratio.true': ['ratio', 'higher', 'What the codec reached with clean file pages.'],
  'ephemeral.fragmentation': ['share', 'lower', 'Share of the bytes of those frames that holds no compressed byte.'],
  'ephemeral.ratio.effective': ['ratio', 'higher', 'Zpages of clean file pages that a frame of zcache holds.'],
}

/** Their names. */
export const METRIC_NAMES: readonly string[] = Object.keys(METRICS)

const STATISTICS: Readonly<Record<string, string>> = {
  mean: 'Mean of all events.',
  p50: 'p50: half of all events are at most this.',
  p90: 'p90: 90 % of all events are at most this.',
  p99: 'p99: 99 % of all events are at most this.',
  p999: 'p99.9: all but one in 1000 are at most this.',
  p9999: 'p99.99: all but one in 10 000 are at most this.',
}

/** A metric's row, and its statistic where it has one; null for one that is not known. */
function lookUp(name: string): { row: (typeof METRICS)[string]; statistic: string | null } | null {
  if (Object.hasOwn(METRICS, name)) return { row: METRICS[name], statistic: null }
  const [, base, statistic] = /^(.+)\.(mean|p\d+)$/.exec(name) ?? []
  if (base === undefined || !Object.hasOwn(METRICS, base) || !Object.hasOwn(STATISTICS, statistic)) return null
  return { row: METRICS[base], statistic }
}

/** What the metric `name` is ("fault.ns.p99", "accesses.per_s"), for a person; null for one that is not known. */
export function metricMeaning(name: string): string | null {
  const known = lookUp(name)
  if (known === null) return null
  const [, , meaning] = known.row
  return known.statistic === null ? meaning : `${meaning} ${STATISTICS[known.statistic]}`
}

/** Unit and better direction of the metric `name`; of one that only another version of Swaplab knew, a number that is better small. */
export function metricFacts(name: string): Pick<Metric, 'unit' | 'better'> {
  const [unit, better] = lookUp(name)?.row ?? (['count', 'lower'] as const)
  return { unit, better }
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
