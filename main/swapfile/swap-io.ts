import { LabError } from '../contract/index.ts'

/**
 * What mm and zcache write against: a swap area with time and I/O behind it. On the real disk (DirectSwap), in memory
 * for tests (MemorySwap), or on a virtual clock.
 *
 * Slots are numbered from 0, frames are page numbers of one arena. Between write() and its WriteDone the bytes of the frame
 * may be read at any moment, so the frame must not change, and the slot is *busy*: reading it, or writing it again, is a
 * fault of the caller (mm serves such a page from the swap cache) and throws LabError `invariant`.
 */
export interface SwapIo {
  readonly slots: number
  /** Where pages lie on disk; absent where each lies at its slot. */
  readonly layout?: DiskLayout
  /** Pages queued or under way: written, but their WriteDone has not been called. */
  readonly inflight: number
  /**
   * Reads `count` consecutive slots (with a layout: places) from `slot` on into frames[0..count), and blocks until they are there.
   * Returns ns. @throws SwapIoError, after which the content of the frames is undefined
   */
  read(slot: number, frames: Int32Array, count: number): number
  /** Queues one page; submits by itself when a batch is full. Never calls `done`. */
  write(slot: number, frame: number, done: WriteDone): void
  /** Submits a partial batch, with its sync. */
  flush(): void
  /** Delivers the completions that are there. Never blocks. Returns pages delivered. */
  poll(): number
  /** Flushes, then blocks until at least one page is delivered. Returns pages delivered, 0 where nothing was in flight. */
  wait(): number
  /** Flushes and delivers everything. */
  drain(): void
}

/** Where pages lie on disk, in a swap area that does not keep each at its slot. What lies at neighbouring places is read in one operation. */
export interface DiskLayout {
  readonly places: number
  /** Where the page of a slot lies; -1 where nothing of it is on disk. */
  placeOf(slot: number): number
  /** The slot whose page lies at a place; -1 where no page does that anybody may read. */
  slotAt(place: number): number
  /** The slot was freed, and none of its writes is under way: nobody reads again what it holds. */
  discard(slot: number): void
}

/**
 * The end of one write, called only from poll, wait or drain: as durable as the sync policy asks (ok), or failed, and then
 * the slot's content is undefined. It may call write() or flush(); poll, wait and drain inside it throw `invariant`.
 */
export type WriteDone = (slot: number, frame: number, ok: boolean) => void

/** Sees each operation with its latency. Called inside the timed path: must not allocate or throw. */
export interface IoObserver {
  /** One read of `pages` consecutive slots. */
  onRead(ns: number, pages: number): void
  /** One write operation: a run of consecutive slots sent as one. */
  onWrite(ns: number): void
  /** One sync. psync: the fdatasync itself; uring: from the submission of its batch, so with the writes it waits for. */
  onSync(ns: number): void
}

/** A read, write or sync that the disk refused. `slot` is the first one concerned. */
export class SwapIoError extends LabError {
  readonly operation: 'read' | 'write' | 'sync'
  readonly slot: number
  constructor(operation: 'read' | 'write' | 'sync', slot: number, reason: string, options?: ErrorOptions) {
    super(
      {
        code: 'io_error',
        message: `The ${operation} of swap slot ${slot} failed: ${reason}.`,
        remedy: 'Check the kernel log (dmesg) and the health of the disk (smartctl), or choose another swap directory.',
      },
      options,
    )
    this.name = 'SwapIoError'
    this.operation = operation
    this.slot = slot
  }
}

/** @throws LabError `invariant`: the caller broke the rules of SwapIo. */
export function breach(sentence: string): never {
  throw new LabError({
    code: 'invariant',
    message: `Swap I/O: ${sentence}.`,
    remedy: 'This is a defect of Swaplab: please report it with the experiment and its seed.',
  })
}
