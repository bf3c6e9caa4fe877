import { PAGE_SIZE } from '../contract/index.ts'
import { breach, type IoObserver, type SwapIo, SwapIoError, type WriteDone } from './swap-io.ts'

/**
 * A swap area in memory for tests: deterministic from its seed and as unhelpful as a disk may be.
 *
 * Completions come only from poll, wait and drain, in any order, some of them late. A page's bytes are taken either at
 * write() or at its completion, by the seed, so a frame that changes under way is caught as wrong content. A failed write
 * leaves the slot old, new or torn. With the same seed and the same calls everything repeats.
 */
export interface MemorySwapOptions {
  slots: number
  /** Page n of it is frame n. */
  arena: Uint8Array
  /** Pages that are submitted together without a flush(). Default 32. */
  batch?: number
  /** Default 1. */
  seed?: number
  /** false: completions in the order of submission. Default true. */
  shuffle?: boolean
  /** Share of writes that stay away for up to `slowPolls` polls. Default 0.1. */
  slow?: number
  /** Default 8. */
  slowPolls?: number
  /** Share of read() calls that throw. Default 0. */
  readErrors?: number
  /** Share of writes that end with ok=false. Default 0. */
  writeErrors?: number
  observer?: IoObserver
}

interface Pending {
  slot: number
  frame: number
  done: WriteDone
  fails: boolean
  /** Polls it stays away for, once submitted. */
  polls: number
  submitted: boolean
  /** Bytes taken at write(); null: taken at the completion. */
  early: Uint8Array | null
}

/** Latency told to the caller: a page of a fast SSD, and each further page of the same read. */
const READ_NS = 80_000
const READ_PAGE_NS = 10_000
const WRITE_NS = 20_000

export class MemorySwap implements SwapIo {
  readonly slots: number
  /** May be changed at any time. */
  readErrors: number
  writeErrors: number
  observer: IoObserver | undefined
  /** Operations carried out, for assertions. */
  readonly counts = { reads: 0, pagesRead: 0, writes: 0, readErrors: 0, writeErrors: 0 }

  private readonly arena: Uint8Array
  private readonly batch: number
  private readonly shuffle: boolean
  private readonly slow: number
  private readonly slowPolls: number
  private readonly disk: Uint8Array
  private readonly written: Uint8Array
  private readonly busy: Uint8Array
  private readonly badRead: Uint8Array
  private readonly badWrite: Uint8Array
  private pending: Pending[] = []
  /** Pages to copy early bytes into: their number is that of the most there were at a time. */
  private readonly spare: Uint8Array[] = []
  private queued = 0
  private failReads = 0
  private failWrites = 0
  private state: number
  private delivering = false

  constructor(options: MemorySwapOptions) {
    this.slots = options.slots
    this.arena = options.arena
    this.batch = options.batch ?? 32
    this.shuffle = options.shuffle ?? true
    this.slow = options.slow ?? 0.1
    this.slowPolls = options.slowPolls ?? 8
    this.readErrors = options.readErrors ?? 0
    this.writeErrors = options.writeErrors ?? 0
    this.observer = options.observer
    this.state = (options.seed ?? 1) >>> 0
    this.disk = new Uint8Array(options.slots * PAGE_SIZE)
    this.written = new Uint8Array(options.slots)
    this.busy = new Uint8Array(options.slots)
    this.badRead = new Uint8Array(options.slots)
    this.badWrite = new Uint8Array(options.slots)
  }

  get inflight(): number {
    return this.pending.length
  }

  /** The next `times` read() calls throw. */
  failNextReads(times = 1): void {
    this.failReads += times
  }

  /** The next `times` write() calls will end with ok=false. */
  failNextWrites(times = 1): void {
    this.failWrites += times
  }

  /** A bad block: until heal(), every read or write of the slot fails. */
  failSlot(slot: number, operation: 'read' | 'write'): void {
    if (operation === 'read') this.badRead[slot] = 1
    else this.badWrite[slot] = 1
  }

  /** No more injected errors of any kind. Writes already under way keep their fate. */
  heal(): void {
    this.badRead.fill(0)
    this.badWrite.fill(0)
    this.failReads = 0
    this.failWrites = 0
    this.readErrors = 0
    this.writeErrors = 0
  }

  /** What the slot holds on "disk" (a view, not a copy); null where no write of it has ended. */
  contents(slot: number): Uint8Array | null {
    if (!this.written[slot]) return null
    return this.disk.subarray(slot * PAGE_SIZE, (slot + 1) * PAGE_SIZE)
  }

  read(slot: number, frames: Int32Array, count: number): number {
    if (count < 1 || count > frames.length) breach(`a read of ${count} pages into ${frames.length} frames`)
    if (slot < 0 || slot + count > this.slots) breach(`a read of slots ${slot}..${slot + count - 1} of ${this.slots}`)
    this.counts.reads++
    let fails = this.chance(this.readErrors)
    if (this.failReads > 0) {
      this.failReads--
      fails = true
    }
    for (let i = 0; i < count; i++) {
      this.checkFrame(frames[i])
      if (this.busy[slot + i]) breach(`slot ${slot + i} is read while its write is under way`)
      if (this.badRead[slot + i]) fails = true
    }
    for (let i = 0; i < count; i++) {
      const frame = frames[i] * PAGE_SIZE
      if (fails) this.arena.fill(0xee, frame, frame + PAGE_SIZE)
      else this.arena.set(this.disk.subarray((slot + i) * PAGE_SIZE, (slot + i + 1) * PAGE_SIZE), frame)
    }
    if (fails) {
      this.counts.readErrors++
      throw new SwapIoError('read', slot, 'injected error')
    }
    this.counts.pagesRead += count
    const ns = READ_NS + (count - 1) * READ_PAGE_NS
    this.observer?.onRead(ns, count)
    return ns
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (slot < 0 || slot >= this.slots) breach(`a write of slot ${slot} of ${this.slots}`)
    this.checkFrame(frame)
    if (this.busy[slot]) breach(`slot ${slot} is written while its write is under way`)
    this.busy[slot] = 1
    this.counts.writes++
    let fails = this.chance(this.writeErrors) || this.badWrite[slot] === 1
    if (this.failWrites > 0) {
      this.failWrites--
      fails = true
    }
    this.pending.push({
      slot,
      frame,
      done,
      fails,
      polls: this.chance(this.slow) ? 1 + this.below(this.slowPolls) : 0,
      submitted: false,
      early: this.chance(0.5) ? this.copyOf(frame) : null,
    })
    this.queued++
    if (this.queued >= this.batch) this.flush()
  }

  flush(): void {
    for (const page of this.pending) page.submitted = true
    this.queued = 0
  }

  poll(): number {
    return this.deliver(false)
  }

  wait(): number {
    if (this.pending.length === 0) return 0
    this.flush()
    return this.deliver(true)
  }

  drain(): void {
    while (this.pending.length > 0) this.wait()
  }

  private deliver(blocking: boolean): number {
    if (this.delivering) breach('poll, wait or drain was called from a WriteDone')
    const ready: Pending[] = []
    const later: Pending[] = []
    for (const page of this.pending) {
      // Some completions are simply not there yet, as with a disk.
      const there = page.submitted && page.polls-- <= 0 && (blocking || this.chance(0.8))
      ;(there ? ready : later).push(page)
    }
    if (blocking && ready.length === 0) {
      const next = this.shuffle ? this.below(later.length) : 0
      ready.push(...later.splice(next, 1))
    }
    if (this.shuffle) {
      for (let i = ready.length - 1; i > 0; i--) {
        const j = this.below(i + 1)
        const swap = ready[i]
        ready[i] = ready[j]
        ready[j] = swap
      }
    }
    this.pending = later
    this.delivering = true
    try {
      for (const page of ready) this.complete(page)
    } finally {
      this.delivering = false
    }
    return ready.length
  }

  private complete(page: Pending): void {
    const bytes = page.early ?? this.frameBytes(page.frame)
    // A failed write leaves none, a part, or all of the page on the disk.
    this.disk.set(page.fails ? bytes.subarray(0, this.below(9) * (PAGE_SIZE / 8)) : bytes, page.slot * PAGE_SIZE)
    if (page.early) this.spare.push(page.early)
    if (page.fails) this.counts.writeErrors++
    else this.written[page.slot] = 1
    this.busy[page.slot] = 0
    this.observer?.onWrite(WRITE_NS)
    page.done(page.slot, page.frame, !page.fails)
  }

  private frameBytes(frame: number): Uint8Array {
    return this.arena.subarray(frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE)
  }

  private copyOf(frame: number): Uint8Array {
    const copy = this.spare.pop() ?? new Uint8Array(PAGE_SIZE)
    copy.set(this.frameBytes(frame))
    return copy
  }

  private checkFrame(frame: number): void {
    if (frame < 0 || (frame + 1) * PAGE_SIZE > this.arena.length) breach(`frame ${frame} is outside the arena`)
  }

  /** mulberry32 (T. Ettinger, public domain): one 32-bit state, enough for tests. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  private below(n: number): number {
    return this.next() % n
  }

  private chance(share: number): boolean {
    return share > 0 && this.next() < share * 2 ** 32
  }
}
