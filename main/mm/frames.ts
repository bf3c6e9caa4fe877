/**
 * The simulated RAM: one row per frame.
 *
 * vpn    Int32  page that maps it, -1 none                     (owner: memory.ts)
 * slot   Int32  slot whose swap-cache page it is, -1 none      (owner: swap-cache.ts)
 * flags  Uint16 FRAME_ bits below
 * links  Int32, list Uint8: position on the LRU lists           (owner: lru.ts)
 *
 * Every frame is in exactly one place: free, reserve, pool (FRAME_POOL), or a page of mm (mapped, in the swap cache, or both).
 * The reserve is for writeback only: it needs frames before it frees any, at the moment there are none left.
 */

export const FRAME_DIRTY = 1
export const FRAME_REFERENCED = 2
/** A write of this frame is under way: it may be mapped and read, but neither freed nor reused. */
export const FRAME_WRITEBACK = 4
/** Its owner let go while the write was under way: free frame and slot when it ends. */
export const FRAME_DETACHED = 8
/** Brought in by readahead and not used yet. */
export const FRAME_READAHEAD = 16
export const FRAME_POOL = 32
/** The write under way was started by the backend. */
export const FRAME_BACKEND_WRITE = 64
/** Reclaim has found it referenced once; found so again it is promoted. */
export const FRAME_SEEN = 128
/** A clean page of the mapped file: no slot, never dirty. */
export const FRAME_FILE = 256
/** The page has been on an active list since it came into RAM. */
export const FRAME_WAS_ACTIVE = 512

export class Frames {
  readonly total: number
  readonly vpn: Int32Array
  readonly slot: Int32Array
  readonly flags: Uint16Array
  private readonly freeStack: Int32Array
  private readonly reserveStack: Int32Array
  /** Frames on the free list. */
  free: number
  /** Frames in the reserve now. */
  reserve: number
  readonly reserveTarget: number
  /** Frames that hold zpages. */
  pool = 0

  constructor(total: number, reserveTarget: number) {
    this.total = total
    this.reserveTarget = reserveTarget
    this.vpn = new Int32Array(total).fill(-1)
    this.slot = new Int32Array(total).fill(-1)
    this.flags = new Uint16Array(total)
    this.freeStack = new Int32Array(total)
    this.reserveStack = new Int32Array(reserveTarget)
    for (let i = 0; i < reserveTarget; i++) this.reserveStack[i] = total - 1 - i
    this.reserve = reserveTarget
    this.free = total - reserveTarget
    for (let i = 0; i < this.free; i++) this.freeStack[i] = this.free - 1 - i
  }

  /** A free frame, or -1. Watermarks are the caller's business. */
  take(): number {
    if (this.free === 0) return -1
    return this.freeStack[--this.free]
  }

  /** The frame that take() would give. */
  next(): number {
    return this.free === 0 ? -1 : this.freeStack[this.free - 1]
  }

  /** A frame of the reserve, or -1. */
  takeReserve(): number {
    if (this.reserve === 0) return -1
    return this.reserveStack[--this.reserve]
  }

  /** Any frame that is done with; the reserve is topped up first. */
  release(frame: number): void {
    this.vpn[frame] = -1
    this.slot[frame] = -1
    this.flags[frame] = 0
    if (this.reserve < this.reserveTarget) this.reserveStack[this.reserve++] = frame
    else this.freeStack[this.free++] = frame
  }
}
