import { type Arena, native } from '../../native-bench/index.ts'
import { PAGE_SIZE, type SwapfileFacts, type SwapfileSpec } from '../contract/index.ts'
import { Batch } from './batch.ts'
import type { Swapfile } from './create.ts'
import type { DiskReports, DiskWrites } from './disk-writes.ts'
import { PagesInFlight } from './pages-in-flight.ts'
import { PsyncWrites } from './psync-writes.ts'
import { RING_ENTRIES, RingWrites, ROW, reasonOf } from './ring-writes.ts'
import { breach, type IoObserver, type SwapIo, SwapIoError, type WriteDone } from './swap-io.ts'

/**
 * A swap area on a swap file. Writes gather in a batch and go out by psync or io_uring (psync-writes.ts, ring-writes.ts); runs of consecutive slots as one
 * operation, since one large request costs the disk a fraction of many. Nothing is allocated after construction.
 *
 * Reads are preadv for both: a fault is one blocking read, and inside the ring it would queue behind drained syncs. With polled completions a read goes
 * through a ring of its own, whose completion is looked for until it is there.
 */

const NONE = -1

export type DirectSwapOptions = Pick<SwapfileSpec, 'sync' | 'batch' | 'io'> &
  Partial<Pick<SwapfileSpec, 'depth' | 'completion' | 'registered'>>

export class DirectSwap implements SwapIo, DiskReports {
  readonly slots: number
  readonly facts: Omit<SwapfileFacts, 'cpu'>
  /** May be changed between operations. */
  observer: IoObserver | null = null
  /** What the disk said to the last operation that failed. */
  lastError: Error | null = null

  private readonly arena: Arena
  private readonly file: number
  private readonly ownsFile: boolean
  /** For reads, where completions are polled. */
  private readonly readRing: number
  private readonly row = new Float64Array(ROW)
  private readonly pages: PagesInFlight
  private readonly batch: Batch
  private readonly writes: DiskWrites
  private open = true

  /** @param arena holds the frames; it must outlive this. @throws LabError, Error of the addon */
  constructor(swapfile: Swapfile, arena: Arena, options: DirectSwapOptions) {
    this.slots = swapfile.slots
    this.arena = arena
    this.pages = new PagesInFlight(swapfile.slots)
    this.batch = new Batch(this.pages, options.batch)
    const probe = options.io === 'uring' ? native.uringProbe() : null
    this.ownsFile = options.sync === 'dsync'
    this.file = this.ownsFile ? swapfile.openDsync() : swapfile.file
    const { sync, batch, depth = RING_ENTRIES, completion = 'blocking', registered = 'on' } = options
    const polled = completion === 'polled'
    const openRing = (entries: number, transfersOnly: boolean) =>
      native.uringOpen(this.file, entries, registered === 'on' ? [arena.id] : [], registered === 'on', transfersOnly)
    let ring = NONE
    try {
      if (probe?.available) ring = openRing(depth, sync !== 'batch' && sync !== 'each')
      this.readRing = probe?.available && polled ? openRing(1, true) : NONE
    } catch (error) {
      if (ring !== NONE) native.uringClose(ring)
      if (this.ownsFile) native.fileClose(this.file)
      throw error
    }
    this.writes =
      ring === NONE
        ? new PsyncWrites(this.file, arena, { sync, batch }, this.pages, this)
        : new RingWrites(ring, arena, { sync, batch, polled }, this.pages, this)
    this.facts = {
      directory: swapfile.directory,
      bytes: swapfile.bytes,
      direct: swapfile.direct,
      io: probe?.available ? 'uring' : 'psync',
      ...(probe?.available === false && { ioReason: probe.reason ?? 'io_uring is not available' }),
      ...(ring !== NONE && { ring: { depth, completion, registered: whatIsRegistered(ring) } }),
      syncVerb: sync === 'none' ? 'none' : sync === 'dsync' ? 'O_DSYNC' : 'fdatasync',
    }
  }

  get inflight(): number {
    return this.pages.count
  }

  read(slot: number, frames: Int32Array, count: number): number {
    if (!(slot >= 0 && slot + count <= this.slots))
      breach(`a read of slots ${slot}..${slot + count - 1} of ${this.slots}`)
    this.pages.refuseReading(slot, count)
    let ns: number
    try {
      ns =
        this.readRing === NONE
          ? native.fileReadVector(this.file, this.arena.id, frames, count, slot + 1)
          : this.polledRead(slot, frames, count)
    } catch (error) {
      throw this.failed('read', slot, error)
    }
    this.observer?.onRead(ns, count)
    return ns
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (this.batch.add(this.pages.begin(slot, frame, done))) this.flush()
  }

  flush(): void {
    if (this.batch.count === 0) return
    this.writes.send(this.batch)
    this.batch.count = 0
  }

  poll(): number {
    // mm polls often: with nothing in flight it must cost nothing.
    if (this.pages.count > 0) this.writes.collect()
    return this.pages.deliver()
  }

  wait(): number {
    this.flush()
    this.writes.collect()
    while (this.pages.ended === 0 && this.pages.count > 0) this.writes.collectBlocking()
    return this.pages.deliver()
  }

  drain(): void {
    while (this.inflight > 0) this.wait()
  }

  /** Waits until the disk is done with the arena, delivers nothing, and lets go of ring and file. May be called twice. */
  close(): void {
    if (!this.open) return
    this.open = false
    try {
      this.writes.close()
      if (this.readRing !== NONE) native.uringClose(this.readRing)
    } finally {
      if (this.ownsFile) native.fileClose(this.file)
    }
  }

  failed(operation: 'read' | 'write' | 'sync', slot: number, cause: unknown): SwapIoError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new SwapIoError(operation, slot, reason, { cause })
    this.lastError = error
    return error
  }

  private polledRead(slot: number, frames: Int32Array, count: number): number {
    native.uringReadVector(this.readRing, this.arena.id, frames, count, slot + 1, 0)
    do native.uringSubmit(this.readRing)
    while (native.uringPoll(this.readRing, this.row) === 0)
    const [, result, submittedNs, completedNs] = this.row
    if (result !== count * PAGE_SIZE) throw new Error(reasonOf(result))
    return completedNs - submittedNs
  }
}

function whatIsRegistered(ring: number): NonNullable<SwapfileFacts['ring']>['registered'] {
  const buffers = native.uringPinnedBytes(ring) > 0
  if (native.uringFileRegistered(ring)) return buffers ? 'buffers and file' : 'file'
  return buffers ? 'buffers' : 'nothing'
}
