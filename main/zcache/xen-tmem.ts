import type { AllocatorName } from '../contract/index.ts'
import type { Backend, CoreMm } from '../mm/index.ts'
import { ALLOCATORS } from './allocators/index.ts'
import { CompressedPool } from './compressed-pool.ts'
import { type PoolParts, poolMetadataBytes } from './pool-shape.ts'
import { pullBack } from './pull-back.ts'
import { SelfShrinking } from './self-shrinking.ts'
import { SlotIndex } from './slot-index.ts'

/**
 * Transcendent memory of a Xen hypervisor, as a guest's frontswap sees it: a backend that cannot call back. It can name no page of the guest, so it
 * cannot start a writeback; it takes a page while the host has a frame for it, and refuses once guest and tmem together have
 * their allowance. What gives memory back to it is the guest: self-ballooning hands frames to the hypervisor and takes them again,
 * frontswap's self-shrinking pulls pages back when swapping has stopped.
 *
 * memory.frames is the allowance of guest and tmem together. At boot the guest has all but memory.pool. A frame is the guest's, or on the
 * hypervisor's heap (a stack), or holds zpages. Zpages are compressed (Xen's option tmem_compress): uncompressed, a page in tmem takes
 * what it takes in the guest.
 * Source: drivers/xen/xen-selfballoon.c, xen/common/tmem.c.
 */

/** What a guest offers: its own frames to give away and take back, and its frontend. No way to write anything. */
export type GuestMm = Pick<
  CoreMm,
  'allocFrame' | 'freeFrame' | 'wasActive' | 'nextStored' | 'repatriate' | 'committedPages'
>

export interface SelfBalloon {
  intervalNs: number
  /** Of the way to the goal, one in so many goes at each interval: down (frames to the hypervisor), and up. */
  downHysteresis: number
  upHysteresis: number
  /** Frames of the goal above the committed pages. */
  reserve: number
}

export interface XenTmemOptions {
  frames: number
  slots: number
  /** Frames that are the hypervisor's at boot. */
  bootFrames: number
  allocator: AllocatorName
  /** null: the guest stays as large as it was booted. */
  balloon: SelfBalloon | null
  /** null: frontswap never shrinks by itself. */
  shrink: { intervalNs: number; inertia: number; hysteresis: number; byAge: boolean } | null
}

/** Time moves in steps of this, ns. */
const TICK_NS = 1e6
/** A page that comes back and leaves within this, untouched, was brought back for nothing. */
const WINDOW_NS = 5e9
/** The guest keeps so much of the allowance, whatever its goal: selfballoon_min_usable_mb, which the kernel takes from a table by RAM. */
const LEAST_GUEST = 1 / 4

function xenTmemPoolLimit(frames: number): number {
  return Math.floor(frames * (1 - LEAST_GUEST))
}

/** Bytes of bookkeeping, the hypervisor's and frontswap's: charged to the allowance. */
export function xenTmemMetadataBytes(allocator: AllocatorName, slots: number, frames: number): number {
  return SlotIndex.bytes(slots) + poolMetadataBytes(ALLOCATORS[allocator], slots, xenTmemPoolLimit(frames)) + 4 * frames
}

export class XenTmem implements Backend {
  readonly pool: CompressedPool
  readonly counters = {
    balloon_current_pages: 0,
    balloon_target_pages: 0,
    ballooned_out: 0,
    ballooned_in: 0,
    /** Looks of the self-shrinking that asked for pages. */
    selfshrinks: 0,
  }
  private readonly guest: GuestMm
  private readonly options: XenTmemOptions
  private readonly shrinking: SelfShrinking | null
  private readonly oldestSlot: (() => number) | null
  /** Frames of the hypervisor that hold nothing. */
  private readonly heap: Int32Array
  private free = 0
  private nextTick = 0
  private nextBalloon = Number.NaN

  constructor(guest: GuestMm, options: XenTmemOptions, parts: PoolParts) {
    this.guest = guest
    this.options = options
    this.heap = new Int32Array(options.frames)
    const { counters, heap } = this
    counters.balloon_current_pages = options.frames
    this.pool = new CompressedPool(
      {
        allocFrame: () => (this.free > 0 ? heap[--this.free] : -1),
        nextFrame: () => (this.free > 0 ? heap[this.free - 1] : -1),
        freeFrame: (frame) => {
          heap[this.free++] = frame
        },
        wasActive: (frame) => guest.wasActive(frame),
      },
      {
        allocator: ALLOCATORS[options.allocator],
        createIndex: (slots, release) => new SlotIndex(slots, release),
        maxZpageBytes: 4095,
        maxMeanZpageBytes: null,
        incompressible: 'reject',
        exclusiveGets: true,
        oldestAsked: options.shrink?.byAge ?? false,
      },
      {
        frames: options.frames,
        slots: options.slots,
        poolLimit: xenTmemPoolLimit(options.frames),
        inflight: 0,
        full: 'bypass',
        budgetBytesPerDay: null,
        compaction: false,
      },
      parts,
      null,
    )
    const { shrink } = options
    this.shrinking =
      shrink &&
      new SelfShrinking({
        intervalNs: shrink.intervalNs,
        inertia: shrink.inertia,
        hysteresis: shrink.hysteresis,
      })
    this.oldestSlot = shrink?.byAge ? () => this.pool.oldestSlot() : null
    counters.balloon_target_pages = options.frames - options.bootFrames
    this.balloon()
  }

  store(slot: number, frame: number): boolean {
    return this.pool.store(slot, frame)
  }

  load(slot: number, frame: number, take: boolean): boolean {
    return this.pool.load(slot, frame, take)
  }

  invalidatePage(slot: number): void {
    this.pool.invalidatePage(slot)
  }

  invalidateArea(): void {
    this.pool.invalidateArea()
  }

  /** Nothing to be done about it: the hypervisor knows no page of the guest. */
  shrink(): number {
    return 0
  }

  writebackDone(): void {
    throw new Error('a tmem backend started no write')
  }

  tick(now: number): void {
    this.pool.tick(now)
    if (now < this.nextTick) return
    this.nextTick = now + TICK_NS
    if (this.options.balloon && !(now < this.nextBalloon)) {
      this.setTarget(this.options.balloon)
      this.nextBalloon = now + this.options.balloon.intervalNs
    }
    this.balloon()
    const pages = this.shrinking?.due(now, this.pool.counters.pers_zpages) ?? 0
    if (pages === 0) return
    this.counters.selfshrinks++
    pullBack(pages, this.guest, { windowNs: WINDOW_NS, oldestSlot: this.oldestSlot })
  }

  /** What is wrong with the books, in sentences. */
  audit(): string[] {
    const { frames } = this.options
    const wrong = this.pool.audit(true)
    const held = this.free + this.pool.counters.pers_pageframes
    if (held !== frames - this.counters.balloon_current_pages)
      wrong.push(
        `the hypervisor holds ${held} frames, and the guest has ${this.counters.balloon_current_pages} of ${frames}`,
      )
    return wrong
  }

  /**
   * The guest moves a part of the way to what it has committed and the reserve, and where pages are to come back from tmem the room for them. Parts are whole pages:
   * a surplus of fewer than downHysteresis stays.
   */
  private setTarget({ downHysteresis, upHysteresis, reserve }: SelfBalloon): void {
    const { frames } = this.options
    const current = this.counters.balloon_current_pages
    const comingBack = this.shrinking ? this.pool.counters.pers_zpages : 0
    const goal = Math.min(frames, this.guest.committedPages + reserve + comingBack)
    const target =
      current > goal
        ? current - Math.floor((current - goal) / downHysteresis)
        : current + Math.floor((goal - current) / upHysteresis)
    this.counters.balloon_target_pages = Math.max(target, frames - xenTmemPoolLimit(frames))
  }

  /** Moves frames until the target is reached, or neither side has one to give; the next tick goes on. */
  private balloon(): void {
    const { counters, guest, heap } = this
    while (counters.balloon_current_pages > counters.balloon_target_pages) {
      const frame = guest.allocFrame()
      if (frame < 0) return
      heap[this.free++] = frame
      counters.balloon_current_pages--
      counters.ballooned_out++
    }
    while (counters.balloon_current_pages < counters.balloon_target_pages && this.free > 0) {
      guest.freeFrame(heap[--this.free])
      counters.balloon_current_pages++
      counters.ballooned_in++
    }
  }
}
