import type { DiskLayout, SlotMap } from '../swapfile/index.ts'
import { FRAME_DIRTY, type Frames } from './frames.ts'
import type { Frontswap } from './frontswap.ts'
import type { Lru } from './lru.ts'
import type { SwapSlots } from './swap-slots.ts'

/** The swap cache: which frame holds which slot's page, how the two part, and how a slot ends. */
export class SwapCache {
  readonly frames: Frames
  readonly swap: SwapSlots
  readonly frontswap: Frontswap | null
  /** null: each page lies at its slot. */
  readonly layout: DiskLayout | null
  private readonly lru: Lru
  private readonly slots: SlotMap

  constructor(parts: {
    frames: Frames
    lru: Lru
    swap: SwapSlots
    slots: SlotMap
    frontswap: Frontswap | null
    layout: DiskLayout | null
  }) {
    this.frames = parts.frames
    this.lru = parts.lru
    this.swap = parts.swap
    this.slots = parts.slots
    this.frontswap = parts.frontswap
    this.layout = parts.layout
  }

  /** From here on a fault on the slot's page finds it in this frame. */
  enter(slot: number, frame: number): void {
    this.frames.slot[frame] = slot
    this.swap.frame[slot] = frame
  }

  /** The page stays in its frame; its slot is freed. */
  drop(frame: number): void {
    const slot = this.frames.slot[frame]
    this.frames.slot[frame] = -1
    this.swap.frame[slot] = -1
    this.freeSlot(slot)
  }

  /** A page in RAM becomes the only copy. */
  giveUpSlot(frame: number): void {
    this.frames.flags[frame] |= FRAME_DIRTY
    this.drop(frame)
  }

  /** The slot (or the backend) holds the page: the frame can go. */
  evict(frame: number): void {
    this.lru.remove(frame)
    this.swap.frame[this.frames.slot[frame]] = -1
    this.frames.release(frame)
  }

  /** Nobody needs what the slot holds, wherever that is: pool, disk, or both. */
  freeSlot(slot: number): void {
    this.frontswap?.invalidatePage(slot)
    this.swap.forgetSecondCopy(slot)
    this.swap.vpn[slot] = -1
    this.swap.flags[slot] = 0
    this.layout?.discard(slot)
    this.slots.free(slot)
  }

  /** Whether the page of a slot is in neither RAM nor backend, and not all zero. */
  onlyOnDisk(slot: number): boolean {
    const { swap } = this
    return slot >= 0 && swap.vpn[slot] >= 0 && swap.frame[slot] < 0 && !this.frontswap?.has(slot) && !swap.isZero(slot)
  }
}
