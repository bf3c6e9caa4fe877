/**
 * The addon's functions, as JavaScript sees them. Primitives only: no policy, no state but handles.
 *
 * Units: offsets and lengths in bytes, page numbers in pages of 4096 bytes, times in ns of CLOCK_MONOTONIC. Every number is
 * a JavaScript double, so files and arenas may exceed 4 GiB.
 * Errors: a failed system call throws an Error with `code` ('ENOSPC'), `errno` (negative, as Node's), `syscall` and `path`; a bad argument throws
 * a TypeError or RangeError naming it. No argument crashes the process.
 */
export interface Addon {
  // Clock
  /** CLOCK_MONOTONIC, ns. */
  now(): number
  /** Median cost in ns of one now() call as native code sees it (the read itself, no Node-API), over `samples` pairs. */
  clockReadNs(samples: number): number

  // Arenas: ArrayBuffers made by JavaScript, kept alive by a reference until released.
  /** Registers so many pages of a buffer; `byteOffset` is where they begin: at a large page (2 MiB) if they fit there, else at a page. */
  arenaRegister(buffer: ArrayBuffer, pages: number): { id: number; byteOffset: number }
  arenaRelease(id: number): void
  /** Copies bytes between (or inside) arenas; ranges may overlap. */
  copy(dstArena: number, dstOffset: number, srcArena: number, srcOffset: number, bytes: number): void

  // Codecs: system libraries opened at run time.
  codecList(): NativeCodec[]
  /** Opens a codec with its own working memory. Level: the codec's own scale. @throws Error code 'CODEC_UNAVAILABLE' */
  codecOpen(name: string, level: number): number
  codecClose(codec: number): void
  /** Compresses one page. Returns the compressed length in bytes, or 0 where it does not fit `capacity`. */
  compress(
    codec: number,
    srcArena: number,
    srcPage: number,
    dstArena: number,
    dstOffset: number,
    capacity: number,
  ): number
  /** Decompresses into one whole page. Returns 4096. @throws Error code 'CORRUPT' where the bytes do not give exactly a page. */
  decompress(
    codec: number,
    srcArena: number,
    srcOffset: number,
    srcBytes: number,
    dstArena: number,
    dstPage: number,
  ): number

  // A thread that decompresses within one arena, in the order in which it is asked.
  /**
   * With a codec of its own, as codecOpen. Where the calling thread is pinned to one CPU, this one runs on the others; @throws Error code 'EINVAL' where
   * there are none.
   */
  decompressorOpen(name: string, level: number, arena: number): number
  /** Waits until everything is done. */
  decompressorClose(decompressor: number): void
  /**
   * As decompress, and returns at once (with 256 pending, when there is room). Until decompressorWait has seen its end the arena must not be transferred
   * away, nor may anybody else write to those bytes or use that page.
   */
  decompressorPost(decompressor: number, srcOffset: number, srcBytes: number, dstPage: number): void
  /** Waits until at most `behind` are pending. @throws Error code 'CORRUPT' where one that has ended since the last call was */
  decompressorWait(decompressor: number, behind: number): void
  /** Time inside the codec so far, ns. */
  decompressorBusyNs(decompressor: number): number

  // Page contents
  /**
   * Makes `page` the content of (corpusPage, vpn, version): the corpus page with a 16-byte stamp at byte 16*(vpn mod 256); a corpus page of one
   * repeated word as it is.
   */
  pageFill(arena: number, page: number, corpusArena: number, corpusPage: number, vpn: number, version: number): void
  /** Rewrites the stamp only: a write by the workload to a resident page, unless it is one that carries none. */
  pageStamp(arena: number, page: number, vpn: number, version: number): void
  /** True where `page` is exactly what pageFill would have made. */
  pageVerify(
    arena: number,
    page: number,
    corpusArena: number,
    corpusPage: number,
    vpn: number,
    version: number,
  ): boolean
  /** Whether one 64-bit word fills the page: 0 no, 1 the word 0, 2 another. */
  pageSameFilled(arena: number, page: number): 0 | 1 | 2

  // Files
  /** open(2). `direct` adds O_DIRECT, `dsync` O_DSYNC, `create` O_CREAT|O_EXCL with mode 0600; O_NOFOLLOW|O_CLOEXEC always. */
  fileOpen(path: string, options: { write: boolean; create: boolean; direct: boolean; dsync: boolean }): number
  fileClose(file: number): void
  fileStat(file: number): {
    bytes: number
    device: number
    inode: number
    mode: number
    uid: number
    links: number
    regular: boolean
  }
  /** fallocate(2) from 0. */
  fileAllocate(file: number, bytes: number): void
  /** Whole pages at page numbers of the file; short transfers are completed or thrown. Returns the latency, ns. */
  fileRead(file: number, arena: number, page: number, pages: number, filePage: number): number
  fileWrite(file: number, arena: number, page: number, pages: number, filePage: number): number
  /**
   * The first `count` entries of `pages` are arena pages, scattered; they go from or to consecutive pages of the file from
   * `filePage` on, by preadv(2) and pwritev(2) (1024 pages per system call). Returns the latency of the whole, ns.
   */
  fileReadVector(file: number, arena: number, pages: Int32Array, count: number, filePage: number): number
  fileWriteVector(file: number, arena: number, pages: Int32Array, count: number, filePage: number): number
  /** Returns the latency, ns. */
  fileDatasync(file: number): number
  fileSync(file: number): number
  /** posix_fadvise(DONTNEED) over the whole file. */
  fileDropCache(file: number): void
  /** flock(LOCK_EX|LOCK_NB): true where the lock is ours now. Released by fileClose or the process's end. */
  fileLock(file: number): boolean

  // Stream sockets, which never block by themselves; a wait has an end, of a minute at most.
  /** TCP to a numeric address, with TCP_NODELAY. @throws Error code 'ECONNREFUSED', 'ETIMEDOUT', … */
  socketConnect(host: string, port: number, timeoutUs: number): number
  socketConnectUnix(path: string, timeoutUs: number): number
  /** Bytes that were taken, fewer than given where there is no room for more; 0 for none. @throws Error code 'EPIPE', 'ECONNRESET' */
  socketSend(socket: number, arena: number, offset: number, bytes: number): number
  /** Bytes that were there, `bytes` at most; 0 for none. @throws Error code 'ECONNRESET' where the other side has closed */
  socketReceive(socket: number, arena: number, offset: number, bytes: number): number
  /** Waits for something to receive, an end or an error; with `toSend` for room too. False where nothing came in time. */
  socketWait(socket: number, toSend: boolean, timeoutUs: number): boolean
  socketClose(socket: number): void

  // io_uring. One ring drives one file. Completions come out as rows of 4 doubles: token, result, submittedNs, completedNs
  // (result: bytes, or -errno; completedNs: when the completion was seen).
  uringProbe(): { available: boolean; reason: string | null }
  /** `entries` most operations under way. Arenas listed are registered as fixed buffers where the limits allow, and the file unless it is not wanted.
   * `transfersOnly` (default false): no syncs, and where the kernel can it hands completions over when they are asked for, instead of interrupting this thread. */
  uringOpen(file: number, entries: number, arenas: number[], registerFile?: boolean, transfersOnly?: boolean): number
  uringClose(ring: number): void
  /** Queues without submitting; false where the ring is full. `token`: any integer < 2^53. */
  uringWrite(ring: number, arena: number, page: number, pages: number, filePage: number, token: number): boolean
  uringRead(ring: number, arena: number, page: number, pages: number, filePage: number, token: number): boolean
  /**
   * `count` scattered pages (at most 1024) to consecutive file pages, as one operation; result: bytes of all. The disk gets one
   * large request where single writes would be many.
   */
  uringWriteVector(
    ring: number,
    arena: number,
    pages: Int32Array,
    count: number,
    filePage: number,
    token: number,
  ): boolean
  /** The same from consecutive file pages to scattered ones of the arena. */
  uringReadVector(
    ring: number,
    arena: number,
    pages: Int32Array,
    count: number,
    filePage: number,
    token: number,
  ): boolean
  /** fdatasync that starts after everything queued before it has completed (IOSQE_IO_DRAIN). */
  uringDatasync(ring: number, token: number): boolean
  /**
   * fdatasync that starts when the operation queued just before it has completed (IOSQE_IO_LINK), and holds up nothing else; its result is -ECANCELED where that
   * one failed or fell short. False where the ring is full, or that one is submitted already.
   */
  uringLinkedDatasync(ring: number, token: number): boolean
  /** Submits what is queued; returns how many. */
  uringSubmit(ring: number): number
  /** Collects completions that are there; returns rows written to `out` (out.length / 4 at most). Never blocks. */
  uringPoll(ring: number, out: Float64Array): number
  /** Submits, then blocks until at least `atLeast` completions are there or nothing is under way; collects like uringPoll. */
  uringWait(ring: number, out: Float64Array, atLeast: number): number
  /** Bytes of the arenas given to uringOpen that are fixed buffers: all of them, or 0 where RLIMIT_MEMLOCK refused. */
  uringPinnedBytes(ring: number): number
  uringFileRegistered(ring: number): boolean

  // Real anonymous memory, never huge pages, that the kernel may swap out.
  memoryOpen(pages: number): number
  memoryClose(memory: number): void
  /** What each page must contain: `corpusPages[vpn]` of the arena, stamped as by pageFill. Keeps the arena alive. */
  memoryContents(memory: number, corpusArena: number, corpusPages: Uint32Array): void
  /**
   * Carries out a sequence of accesses, `vpn << 2 | op` (0 read, 1 write, 2 give back, 3 MADV_PAGEOUT), in a loop that JavaScript does not enter.
   * Row n of `latencies` is the time of access n, ns, of `kinds` what it was (an index of MEMORY_KINDS). A first touch is filled, what
   * was swapped in is compared whole, both aside: `elapsedNs` does not hold them. `classify` asks /proc/vmstat after each
   * fault which tier answered (20 to 40 µs, aside). Ends early at a page with other contents: `mismatch` is its vpn, else -1.
   * @param starts when each access is meant to begin, ns after the call (60 s at most) without what is aside: it is waited for (page-outs are not), and when
   * the access did begin is written over it. Empty: one after the other.
   */
  memoryReplay(
    memory: number,
    accesses: Uint32Array,
    latencies: Float64Array,
    kinds: Uint8Array,
    classify: boolean,
    starts: Float64Array,
  ): { done: number; elapsedNs: number; verified: number; mismatch: number }
  /** madvise(MADV_PAGEOUT): the kernel swaps these pages out. Returns the latency, ns. */
  memoryPageout(memory: number, page: number, pages: number): number
  /** Touches one byte, for writing without changing it. Returns the latency, ns. */
  memoryTouch(memory: number, page: number, write: boolean): number
  /** True where the page is as memoryReplay last left it. */
  memoryVerify(memory: number, page: number): boolean
  /** The system's counters in the order of VMSTAT_COUNTERS; -1 where the kernel has none of that name. */
  memoryVmstat(memory: number, out: Float64Array): void

  // Live memory: real anonymous memory whose missing pages the caller brings, by userfaultfd (user mode only, so nobody has to be privileged).
  /** Why live memory cannot be had without (`sigbus`) and with (`handler`) threads of its own; null where it can. */
  liveProbe(): { sigbus: string | null; handler: string | null }
  /**
   * @param threads 0: the calling thread touches the pages, by liveRun and liveResume, and a missing page ends the touch by SIGBUS, which is caught. Else so
   * many threads touch them, by liveStart; the kernel stops them at a missing page, and liveWait tells which.
   */
  liveOpen(pages: number, threads: number): number
  /** Calls threads out, ends them, gives the memory back, and closes the descriptor last. */
  liveClose(live: number): void
  /** As memoryContents. */
  liveContents(live: number, corpusArena: number, corpusPages: Uint32Array): void
  /**
   * Brings a page: a copy of the arena's `frame`. `kind` (0 to 254) comes back with the latency in liveFaults. `protect`: its first write is noticed, at
   * the cost of a short fault that the kernel answers; else the page counts as written.
   */
  liveMap(live: number, page: number, arena: number, frame: number, kind: number, protect: boolean): void
  /** Brings a page of zeros, which counts as written. */
  liveZero(live: number, page: number, kind: number): void
  liveMapped(live: number, page: number): boolean
  /** Whether a mapped page was written since it was mapped or last asked. */
  liveWritten(live: number, page: number): boolean
  /**
   * Takes a mapped page out: afterwards the arena's `frame` holds its content, and a touch finds it missing. `clean`: the frame holds what was mapped,
   * and liveWritten has said no. Returns whether it was written since then. What is not mapped is left alone. Memory is given back in batches: liveFlush.
   */
  liveUnmap(live: number, page: number, arena: number, frame: number, clean: boolean): boolean
  /** Gives a page up, with its content. */
  liveDiscard(live: number, page: number): void
  /** The pages taken out, at most 64, leave memory now. Without threads, bringing a page and liveRun do it by themselves. */
  liveFlush(live: number): void
  /** By /proc/self/pagemap: pages in memory, with those not flushed yet. */
  livePresence(live: number): number
  /** True where the page is as the last access left it: in live memory if it is mapped, else in the arena's `frame`. Compared whole. */
  liveVerify(live: number, page: number, arena: number, frame: number): boolean
  /**
   * Carries out accesses `vpn << 2 | op` (0 read, 1 write) of the array from `from` on, below `count`, on the calling thread. Returns the index of the first
   * that found its page missing, which liveResume ends once the page is there; `count` where none did.
   */
  liveRun(live: number, accesses: Uint32Array, from: number, count: number): number
  /**
   * Ends the access that liveRun found missing: touches again, fills the page at its first touch, compares it else. Returns the time from before the
   * first touch to after this one, ns. `state` [ns of filling and comparing, pages compared, page with other content] is added to, and set.
   */
  liveResume(live: number, state: Float64Array): number
  /** Hands the first `count` accesses (65536 at most) to the threads: each takes the pages whose number modulo the threads is its own. Returns at once. */
  liveStart(live: number, accesses: Uint32Array, count: number): void
  /** Waits for a missing page. Returns how many it put into `events`, as `vpn << 1 | write`; 0 after `timeoutMs`; -1 when the batch has ended. */
  liveWait(live: number, events: Uint32Array, timeoutMs: number): number
  /** The faults of the batch that ended as rows of 2 doubles: kind, ns. `elapsedNs`: the slowest thread's, without filling and comparing. */
  liveFaults(
    live: number,
    rows: Float64Array,
  ): { count: number; elapsedNs: number; verified: number; mismatch: number; calledOut: boolean }
  /** For when nobody will bring the pages any more: threads that wait are called out of the touch, and none touches anything again. */
  liveCallOut(live: number): void

  // Capture
  /**
   * Copies anonymous, resident pages of a process (by /proc/PID/pagemap and /proc/PID/mem) to an arena, spread evenly over
   * them. Registered arenas of the calling process are left out. `skipZero` leaves all-zero pages out.
   */
  captureProcess(
    pid: number,
    arena: number,
    maxPages: number,
    skipZero: boolean,
  ): { pages: number; resident: number; skippedZero: number; unreadable: number }
  /** Reads whole pages of a file, spread evenly over it. */
  captureFile(path: string, arena: number, maxPages: number): { pages: number; total: number }
  /** sched_setaffinity of the calling thread; the CPUs it may run on afterwards. */
  pinCpu(cpu: number): number[]

  // Swap areas of the host; for the privileged helper of the kernel lanes only.
  /** swapon(2) with this priority, 0 to 32767. */
  swapOn(path: string, priority: number): void
  swapOff(path: string): void
}

interface NativeCodec {
  codec: 'lz4' | 'lz4hc' | 'lzo' | 'zstd' | 'deflate'
  available: boolean
  version: string | null
  library: string | null
  /** Why it is unavailable. */
  reason: string | null
  /** The Debian package that brings it. */
  package: string
}

/** Kinds of access by their number in memoryReplay. `write-protect`: the first write to a page that a read had brought back. */
export const MEMORY_KINDS = [
  'hit',
  'first-touch',
  'swapped-in',
  'zswap',
  'swap',
  'zero-map',
  'swap-cache',
  'write-protect',
  'freed',
  'paged-out',
] as const

/** Lines of /proc/vmstat by their place in memoryVmstat's answer. */
export const VMSTAT_COUNTERS = [
  'zswpin',
  'zswpout',
  'zswpwb',
  'pswpin',
  'pswpout',
  'swpin_zero',
  'swpout_zero',
  'swap_ra',
  'swap_ra_hit',
  'pgmajfault',
] as const
