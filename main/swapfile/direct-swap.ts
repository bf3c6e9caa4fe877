import { type Arena, native } from '../../native-bench/index.ts'
import { PAGE_SIZE, type SwapfileFacts, type SwapfileSpec } from '../contract/index.ts'
import type { Swapfile } from './create.ts'
import { breach, type IoObserver, type SwapIo, SwapIoError, type WriteDone } from './swap-io.ts'

/**
 * A swap area on a swap file. Layout: one row per *token* (a page in flight), one row per *group* (pages that become
 * durable together with one fdatasync), one byte per slot (busy). Rows are taken from free lists; nothing is allocated after
 * construction.
 *
 * Runs of consecutive slots go out as one operation (pwritev), since one large request costs the disk a fraction of many.
 * psync: inside flush(). uring: a batch is one submission with its fdatasync behind it, linked to the write where it is one (batches then overlap), else
 * drained (it starts when every write before it has ended, and later ones wait for it); the caller goes on meanwhile.
 * Reads are preadv for both: a fault is one blocking read, and inside the ring it would queue behind drained syncs. With polled completions a read goes
 * through a ring of its own, whose completion is looked for until it is there.
 */

/** Most pages in flight; a write beyond is a fault of the caller. */
export const MAX_INFLIGHT = 16_384
/** Most operations in the ring: two of the largest batches with their syncs. */
const RING_ENTRIES = 514
const ROW = 4 // token, result, submittedNs, completedNs
const NONE = -1

export type DirectSwapOptions = Pick<SwapfileSpec, 'sync' | 'batch' | 'io'> &
  Partial<Pick<SwapfileSpec, 'depth' | 'completion' | 'registered'>>

export class DirectSwap implements SwapIo {
  readonly slots: number
  readonly facts: Omit<SwapfileFacts, 'cpu'>
  /** May be changed between operations. */
  observer: IoObserver | null = null
  /** What the disk said to the last operation that failed. */
  lastError: Error | null = null

  private readonly sync: SwapfileSpec['sync']
  private readonly batch: number
  private readonly arena: Arena
  private readonly file: number
  private readonly ownsFile: boolean
  private readonly ring: number
  /** For reads, where completions are polled. */
  private readonly readRing: number
  private readonly polled: boolean
  private open = true
  private delivering = false

  private readonly busy: Uint8Array
  // Tokens.
  private readonly slotOf = new Int32Array(MAX_INFLIGHT)
  private readonly frameOf = new Int32Array(MAX_INFLIGHT)
  private readonly doneOf: (WriteDone | null)[] = new Array<WriteDone | null>(MAX_INFLIGHT).fill(null)
  private readonly okOf = new Uint8Array(MAX_INFLIGHT)
  private readonly groupOf = new Int32Array(MAX_INFLIGHT)
  /** First token of the run it went out with, and there the run's pages. */
  private readonly runOf = new Int32Array(MAX_INFLIGHT)
  private readonly runPages = new Int32Array(MAX_INFLIGHT)
  private readonly nextOf = new Int32Array(MAX_INFLIGHT)
  private readonly freeTokens = new Int32Array(MAX_INFLIGHT)
  private freeTokenCount = MAX_INFLIGHT
  // Groups: at most one for each page.
  private readonly firstOf = new Int32Array(MAX_INFLIGHT)
  private readonly operationsLeft = new Int32Array(MAX_INFLIGHT)
  private readonly groupOk = new Uint8Array(MAX_INFLIGHT)
  private readonly freeGroups = new Int32Array(MAX_INFLIGHT)
  private freeGroupCount = MAX_INFLIGHT
  // Groups, oldest first (a circle). One that has ended before an older one keeps its row until that ends too.
  private readonly order = new Int32Array(MAX_INFLIGHT)
  private orderHead = 0
  private orderCount = 0
  // Queued pages in slot order, and pages whose completion waits to be delivered (a circle).
  private readonly queue: Int32Array
  private queued = 0
  private readonly ready = new Int32Array(MAX_INFLIGHT)
  private readyHead = 0
  private readyCount = 0
  private readonly run: Int32Array
  private readonly rows = new Float64Array(ROW * RING_ENTRIES)
  private readonly row = new Float64Array(ROW)

  /** @param arena holds the frames; it must outlive this. @throws LabError, Error of the addon */
  constructor(swapfile: Swapfile, arena: Arena, options: DirectSwapOptions) {
    this.slots = swapfile.slots
    this.sync = options.sync
    this.batch = options.batch
    this.arena = arena
    this.busy = new Uint8Array(swapfile.slots)
    this.queue = new Int32Array(options.batch)
    this.run = new Int32Array(options.batch)
    for (let i = 0; i < MAX_INFLIGHT; i++) {
      this.freeTokens[i] = MAX_INFLIGHT - 1 - i
      this.freeGroups[i] = MAX_INFLIGHT - 1 - i
    }
    const probe = options.io === 'uring' ? native.uringProbe() : null
    this.ownsFile = options.sync === 'dsync'
    this.file = this.ownsFile ? swapfile.openDsync() : swapfile.file
    const { depth = RING_ENTRIES, completion = 'blocking', registered = 'on' } = options
    this.polled = completion === 'polled'
    const openRing = (entries: number) =>
      native.uringOpen(this.file, entries, registered === 'on' ? [arena.id] : [], registered === 'on')
    try {
      this.ring = probe?.available ? openRing(depth) : NONE
      this.readRing = probe?.available && this.polled ? openRing(1) : NONE
    } catch (error) {
      if (this.ownsFile) native.fileClose(this.file)
      throw error
    }
    this.facts = {
      directory: swapfile.directory,
      bytes: swapfile.bytes,
      direct: swapfile.direct,
      io: probe?.available ? 'uring' : 'psync',
      ...(probe?.available === false && { ioReason: probe.reason ?? 'io_uring is not available' }),
      ...(this.ring !== NONE && { ring: { depth, completion, registered: whatIsRegistered(this.ring) } }),
      syncVerb: options.sync === 'none' ? 'none' : options.sync === 'dsync' ? 'O_DSYNC' : 'fdatasync',
    }
  }

  get inflight(): number {
    return MAX_INFLIGHT - this.freeTokenCount
  }

  read(slot: number, frames: Int32Array, count: number): number {
    if (!(slot >= 0 && slot + count <= this.slots))
      breach(`a read of slots ${slot}..${slot + count - 1} of ${this.slots}`)
    for (let i = slot; i < slot + count; i++) if (this.busy[i]) breach(`slot ${i} is read while its write is under way`)
    let ns: number
    try {
      ns =
        this.readRing === NONE
          ? native.fileReadVector(this.file, this.arena.id, frames, count, slot + 1)
          : this.polledRead(slot, frames, count)
    } catch (error) {
      throw this.failure('read', slot, error)
    }
    this.observer?.onRead(ns, count)
    return ns
  }

  private polledRead(slot: number, frames: Int32Array, count: number): number {
    native.uringReadVector(this.readRing, this.arena.id, frames, count, slot + 1, 0)
    do native.uringSubmit(this.readRing)
    while (native.uringPoll(this.readRing, this.row) === 0)
    const [, result, submittedNs, completedNs] = this.row
    if (result !== count * PAGE_SIZE) throw new Error(reasonOf(result))
    return completedNs - submittedNs
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (!(slot >= 0 && slot < this.slots)) breach(`a write of slot ${slot} of ${this.slots}`)
    if (this.busy[slot]) breach(`slot ${slot} is written while its write is under way`)
    if (this.freeTokenCount === 0) breach(`more than ${MAX_INFLIGHT} pages are in flight`)
    this.busy[slot] = 1
    const token = this.freeTokens[--this.freeTokenCount]
    this.slotOf[token] = slot
    this.frameOf[token] = frame
    this.doneOf[token] = done
    this.okOf[token] = 1
    // Kept in slot order, as the kernel's plug sorts its requests; pages mostly come in order, so this is one comparison.
    let at = this.queued++
    for (; at > 0 && this.slotOf[this.queue[at - 1]] > slot; at--) this.queue[at] = this.queue[at - 1]
    this.queue[at] = token
    if (this.queued === this.batch) this.flush()
  }

  flush(): void {
    if (this.queued === 0) return
    if (this.ring === NONE) this.flushPsync()
    else this.flushUring()
    this.queued = 0
  }

  poll(): number {
    // mm polls often: with nothing in flight it must cost nothing.
    if (this.freeTokenCount === MAX_INFLIGHT && !this.delivering) return 0
    if (this.ring !== NONE) this.collect()
    return this.deliver()
  }

  wait(): number {
    this.flush()
    if (this.ring !== NONE) {
      this.collect()
      while (this.readyCount === 0 && this.inflight > 0) this.collectBlocking()
    }
    return this.deliver()
  }

  drain(): void {
    while (this.inflight > 0) this.wait()
  }

  /** Waits until the disk is done with the arena, delivers nothing, and lets go of ring and file. May be called twice. */
  close(): void {
    if (!this.open) return
    this.open = false
    try {
      if (this.ring !== NONE) {
        // Ends when nothing is under way, whatever the completions say.
        while (native.uringWait(this.ring, this.rows, 1) > 0);
        native.uringClose(this.ring)
        if (this.readRing !== NONE) native.uringClose(this.readRing)
      }
    } finally {
      if (this.ownsFile) native.fileClose(this.file)
    }
  }

  private flushPsync(): void {
    const { queue, queued, slotOf } = this
    const single = this.sync === 'each'
    for (let from = 0; from < queued; ) {
      let to = from + 1
      while (!single && to < queued && slotOf[queue[to]] === slotOf[queue[to - 1]] + 1) to++
      let ok = 1
      for (let i = from; i < to; i++) this.run[i - from] = this.frameOf[queue[i]]
      try {
        const ns = native.fileWriteVector(this.file, this.arena.id, this.run, to - from, slotOf[queue[from]] + 1)
        this.observer?.onWrite(ns)
      } catch (error) {
        this.failure('write', slotOf[queue[from]], error)
        ok = 0
      }
      if (single && ok) ok = this.datasync(slotOf[queue[from]])
      for (let i = from; i < to; i++) this.okOf[queue[i]] = ok
      from = to
    }
    const synced = this.sync === 'batch' ? this.datasync(slotOf[queue[0]]) : 1
    for (let i = 0; i < queued; i++) {
      this.okOf[queue[i]] &= synced
      this.pushReady(queue[i])
    }
  }

  /** 1 where the sync succeeded. */
  private datasync(slot: number): number {
    try {
      const ns = native.fileDatasync(this.file)
      this.observer?.onSync(ns)
      return 1
    } catch (error) {
      this.failure('sync', slot, error)
      return 0
    }
  }

  private flushUring(): void {
    const { queue, queued } = this
    const synced = this.sync === 'batch' || this.sync === 'each'
    for (let from = 0, to = 0; from < queued; from = to) {
      const group = this.freeGroups[--this.freeGroupCount]
      this.firstOf[group] = NONE
      this.groupOk[group] = 1
      to = this.sync === 'batch' ? queued : this.sync === 'each' ? from + 1 : this.runEnd(from)
      // Counted before the first submission: collecting below may already end some of them.
      this.operationsLeft[group] = synced ? 1 : 0
      for (let run = from; run < to; run = this.runEnd(run, to)) this.operationsLeft[group]++
      for (let i = from; i < to; i++) {
        this.groupOf[queue[i]] = group
        this.nextOf[queue[i]] = this.firstOf[group]
        this.firstOf[group] = queue[i]
      }
      this.order[(this.orderHead + this.orderCount++) % MAX_INFLIGHT] = group
      for (let run = from; run < to; ) {
        const end = this.runEnd(run, to)
        this.queueRun(run, end)
        run = end
      }
      if (!synced) continue
      // Group numbers stand above the tokens of pages.
      const token = MAX_INFLIGHT + group
      // One write holds up nobody else's; several are waited for by draining the ring.
      if (this.runEnd(from, to) === to && native.uringLinkedDatasync(this.ring, token)) continue
      while (!native.uringDatasync(this.ring, token)) this.collectBlocking(1)
    }
    native.uringSubmit(this.ring)
  }

  /** End of the run of consecutive slots in the queue that begins at `from`. */
  private runEnd(from: number, limit = this.queued): number {
    const { queue, slotOf } = this
    let to = from + 1
    while (to < limit && slotOf[queue[to]] === slotOf[queue[to - 1]] + 1) to++
    return to
  }

  private queueRun(from: number, to: number): void {
    const { queue } = this
    const first = queue[from]
    this.runPages[first] = to - from
    for (let i = from; i < to; i++) {
      this.runOf[queue[i]] = first
      this.run[i - from] = this.frameOf[queue[i]]
    }
    const place = this.slotOf[first] + 1
    // A single page takes the pinned buffers.
    if (to - from === 1)
      while (!native.uringWrite(this.ring, this.arena.id, this.frameOf[first], 1, place, first)) this.collectBlocking(1)
    else
      while (!native.uringWriteVector(this.ring, this.arena.id, this.run, to - from, place, first))
        this.collectBlocking(1)
  }

  private collect(): void {
    let rows: number
    do {
      rows = native.uringPoll(this.ring, this.rows)
      this.absorb(rows)
    } while (rows === RING_ENTRIES)
  }

  /** The default: little is deliverable before the oldest group ends, and waking up for each of its writes would only cost. */
  private collectBlocking(atLeast = this.operationsLeft[this.order[this.orderHead]]): void {
    const rows = this.polled ? this.spin() : native.uringWait(this.ring, this.rows, atLeast)
    if (rows === 0) breach(`${this.inflight} pages are in flight and the ring is empty`)
    this.absorb(rows)
  }

  /** Submits, and looks for completions until there are some. */
  private spin(): number {
    let rows = 0
    do {
      native.uringSubmit(this.ring)
      rows = native.uringPoll(this.ring, this.rows)
    } while (rows === 0 && this.inflight > 0)
    return rows
  }

  private absorb(rows: number): void {
    for (let at = 0; at < rows * ROW; at += ROW) {
      const token = this.rows[at]
      const result = this.rows[at + 1]
      const ns = this.rows[at + 3] - this.rows[at + 2]
      if (token < MAX_INFLIGHT) {
        const group = this.groupOf[token]
        if (result === this.runPages[token] * PAGE_SIZE) this.observer?.onWrite(ns)
        else {
          for (let page = this.firstOf[group]; page !== NONE; page = this.nextOf[page])
            if (this.runOf[page] === token) this.okOf[page] = 0
          this.failure('write', this.slotOf[token], reasonOf(result))
        }
        this.groupStep(group)
      } else {
        const group = token - MAX_INFLIGHT
        if (result === 0) this.observer?.onSync(ns)
        else {
          this.groupOk[group] = 0
          this.failure('sync', this.slotOf[this.firstOf[group]], reasonOf(result))
        }
        this.groupStep(group)
      }
    }
  }

  /** One operation of the group has ended; with the last one its pages are ready. */
  private groupStep(group: number): void {
    if (--this.operationsLeft[group] > 0) return
    for (let token = this.firstOf[group]; token !== NONE; token = this.nextOf[token]) {
      this.okOf[token] &= this.groupOk[group]
      this.pushReady(token)
    }
    for (; this.orderCount > 0; this.orderCount--) {
      const oldest = this.order[this.orderHead]
      if (this.operationsLeft[oldest] > 0) break
      this.freeGroups[this.freeGroupCount++] = oldest
      this.orderHead = (this.orderHead + 1) % MAX_INFLIGHT
    }
  }

  private pushReady(token: number): void {
    this.ready[(this.readyHead + this.readyCount++) % MAX_INFLIGHT] = token
  }

  private deliver(): number {
    if (this.delivering) breach('poll, wait or drain was called from a WriteDone')
    this.delivering = true
    const pages = this.readyCount // what a WriteDone adds waits for the next call
    try {
      for (let i = 0; i < pages; i++) {
        const token = this.ready[this.readyHead]
        this.readyHead = (this.readyHead + 1) % MAX_INFLIGHT
        this.readyCount--
        const slot = this.slotOf[token]
        const done = this.doneOf[token]
        const ok = this.okOf[token] === 1
        this.doneOf[token] = null
        this.busy[slot] = 0
        this.freeTokens[this.freeTokenCount++] = token
        done?.(slot, this.frameOf[token], ok)
      }
    } finally {
      this.delivering = false
    }
    return pages
  }

  private failure(operation: 'read' | 'write' | 'sync', slot: number, cause: unknown): SwapIoError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new SwapIoError(operation, slot, reason, { cause })
    this.lastError = error
    return error
  }
}

function whatIsRegistered(ring: number): NonNullable<SwapfileFacts['ring']>['registered'] {
  const buffers = native.uringPinnedBytes(ring) > 0
  if (native.uringFileRegistered(ring)) return buffers ? 'buffers and file' : 'file'
  return buffers ? 'buffers' : 'nothing'
}

function reasonOf(result: number): string {
  return result < 0 ? `errno ${-result}` : `only ${result} bytes were transferred`
}
