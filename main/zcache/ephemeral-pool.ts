import type { CoreMm, EphemeralBackend } from '../mm/index.ts'
import type { AllocatorEntry, ByteMover, FrameAllocator, FrameSource } from './allocators/index.ts'
import type { PageCodec } from './codec.ts'
import { type EphemeralCounters, newEphemeralCounters, type PoolCounters } from './counters.ts'
import { TMEM_MISS, type Tmem } from './tmem.ts'

/** Larger zpages are refused: what zcache2's zbud holds. */
const MAX_EPHEMERAL_ZPAGE_BYTES = 4000
/** One file is mapped. */
const INODE = 0

export interface EphemeralOptions {
  /** Frames of the arena. */
  frames: number
  /** Most frames of the pool, both kinds together. */
  poolLimit: number
  /** Pages of the file. */
  pages: number
  /** Only pages that were on an active list are taken. */
  activeOnly: boolean
}

export interface EphemeralParts {
  core: CoreMm
  tmem: Tmem
  allocator: AllocatorEntry
  codec: PageCodec
  arena: Uint8Array | null
  mover: ByteMover
  bounce: number
  /** Of the persistent half, with which frames and some refusals are counted together. */
  shared: PoolCounters
}

/**
 * zcache's other half: clean pages of files in an ephemeral tmem pool, with an allocator and an LRU of their own. Nothing in it has to be kept, so a put that
 * finds no frame, of either kind, takes the oldest frame here, and the shrinker drops what is over.
 */
export class EphemeralPool implements EphemeralBackend, FrameSource {
  readonly counters: EphemeralCounters = newEphemeralCounters()
  readonly allocator: FrameAllocator
  /** Every put is refused; the copy it would have replaced is dropped. */
  frozen = false
  /** Most frames since clearPeak. */
  peakFrames = 0
  private readonly core: CoreMm
  private readonly tmem: Tmem
  private readonly pool: number
  private readonly codec: PageCodec
  private readonly shared: PoolCounters
  private readonly poolLimit: number
  private readonly activeOnly: boolean
  private readonly maxZpageBytes: number
  private readonly victims: Int32Array
  /** A frame is being evicted: it goes to whoever asked. */
  private evicting = false
  /** That frame, until somebody takes it; -1. */
  private spare = -1

  /** @throws RangeError where the allocator gives no frame back on demand */
  constructor(options: EphemeralOptions, parts: EphemeralParts) {
    const { allocator: entry } = parts
    if (entry.gives !== 'frame')
      throw new RangeError(`${entry.name} gives no frame back on demand, which ephemeral pages need`)
    this.core = parts.core
    this.tmem = parts.tmem
    this.codec = parts.codec
    this.shared = parts.shared
    this.poolLimit = options.poolLimit
    this.activeOnly = options.activeOnly
    this.victims = new Int32Array(entry.zpagesPerFrame)
    this.maxZpageBytes = Math.min(MAX_EPHEMERAL_ZPAGE_BYTES, entry.maxZpageBytes)
    this.allocator = entry.create({
      frames: options.frames,
      poolFrames: options.poolLimit,
      zpages: options.pages,
      source: this,
      mover: parts.mover,
      arena: parts.arena,
      bounce: parts.bounce,
    })
    this.pool = this.tmem.newPool('ephemeral', INODE + 1, (zpage) => this.release(zpage))
  }

  // --- EphemeralBackend ----------------------------------------------------------------------------------------------

  putPage(page: number, frame: number): boolean {
    const { counters } = this
    if (this.activeOnly && !this.core.wasActive(frame)) counters.eph_nonactive_puts_ignored++
    else if (this.frozen) this.shared.put_to_flush++
    else if (this.put(page, frame)) {
      counters.succ_eph_puts++
      return true
    } else counters.failed_eph_puts++
    this.flushPage(page)
    return false
  }

  getPage(page: number, frame: number): boolean {
    const zpage = this.tmem.get(this.pool, INODE, page)
    if (zpage === TMEM_MISS) return false
    this.codec.decompress(this.allocator.locate(zpage), this.allocator.bytesOf(zpage), frame)
    this.release(zpage)
    this.counters.eph_gets++
    return true
  }

  flushPage(page: number): void {
    this.tmem.flushPage(this.pool, INODE, page)
  }

  flushInode(): void {
    this.tmem.flushObject(this.pool, INODE)
  }

  flushFs(): void {
    this.tmem.destroyPool(this.pool)
  }

  // --- Frames --------------------------------------------------------------------------------------------------------

  /**
   * Takes the oldest frame with everything in it out of the pool, for whoever asks: it stays counted as allocated.
   * @returns -1 where the pool is empty
   */
  evictFrame(): number {
    const { allocator, counters, victims } = this
    const victim = allocator.oldestFrame()
    if (victim < 0) return -1
    this.evicting = true
    const count = allocator.makeZombie(victim, victims)
    for (let i = 0; i < count; i++) this.tmem.flushPage(this.pool, INODE, allocator.slotOf(victims[i]))
    this.evicting = false
    const frame = this.spare
    if (frame < 0) throw new Error(`frame ${victim} was emptied and did not come free`)
    this.spare = -1
    counters.evicted_eph_zpages += count
    counters.evicted_eph_pageframes++
    return frame
  }

  /** Step A of zcache's shrinker: frames beyond the resident file pages are dropped. Returns how many. */
  shrink(): number {
    const { core, counters, shared } = this
    counters.last_active_file_pageframes = core.activeFilePages
    counters.last_inactive_file_pageframes = core.inactiveFilePages
    counters.last_active_anon_pageframes = core.activePages
    counters.last_inactive_anon_pageframes = core.inactivePages
    let dropped = 0
    for (let over = counters.eph_pageframes - core.activeFilePages - core.inactiveFilePages; over > 0; over--) {
      const frame = this.evictFrame()
      if (frame < 0) break
      shared.pageframes_freed++
      core.freeFrame(frame)
      dropped++
    }
    return dropped
  }

  clearPeak(): void {
    this.peakFrames = this.counters.eph_pageframes
  }

  take(): number {
    const { counters, shared } = this
    let frame = this.spare
    if (frame >= 0) this.spare = -1
    else {
      if (shared.pers_pageframes + counters.eph_pageframes >= this.poolLimit) return -1
      frame = this.core.allocFrame()
      if (frame < 0) return -1
      shared.pageframes_alloced++
    }
    if (++counters.eph_pageframes > this.peakFrames) {
      this.peakFrames = counters.eph_pageframes
      if (this.peakFrames > counters.eph_pageframes_max) counters.eph_pageframes_max = this.peakFrames
    }
    return frame
  }

  next(): number {
    if (this.spare >= 0) return this.spare
    return this.shared.pers_pageframes + this.counters.eph_pageframes >= this.poolLimit ? -1 : this.core.nextFrame()
  }

  give(frame: number): void {
    this.counters.eph_pageframes--
    if (this.evicting) {
      this.spare = frame
      return
    }
    this.shared.pageframes_freed++
    this.core.freeFrame(frame)
  }

  // --- Put -----------------------------------------------------------------------------------------------------------

  private put(page: number, frame: number): boolean {
    const { allocator, codec, counters, shared } = this
    if (!this.tmem.canPut()) {
      shared.failed_alloc++
      return false
    }
    let from = allocator.likelyPlace()
    if (from < 0) from = codec.scratch
    const bytes = codec.compress(frame, from, this.maxZpageBytes)
    if (bytes === 0) {
      shared.compress_poor++
      return false
    }
    let zpage = allocator.alloc(bytes, page, 0)
    if (zpage < 0) {
      shared.failed_get_free_pages++
      this.spare = this.evictFrame()
      if (this.spare < 0) {
        counters.eph_ate_tail_failed++
        return false
      }
      counters.eph_ate_tail++
      zpage = allocator.alloc(bytes, page, 0)
      if (zpage < 0) throw new Error('an ephemeral put found no room in a frame of its own')
    }
    allocator.place(zpage, from)
    if (++counters.eph_zpages > counters.eph_zpages_max) counters.eph_zpages_max = counters.eph_zpages
    counters.eph_zbytes += bytes
    if (counters.eph_zbytes > counters.eph_zbytes_max) counters.eph_zbytes_max = counters.eph_zbytes
    this.tmem.put(this.pool, INODE, page, zpage)
    return true
  }

  private release(zpage: number): void {
    this.counters.eph_zpages--
    this.counters.eph_zbytes -= this.allocator.bytesOf(zpage)
    this.allocator.free(zpage)
  }

  /** What is wrong with the books, in sentences; empty when all is well. */
  audit(): string[] {
    const { allocator, counters } = this
    const wrong = allocator.audit().map((sentence) => `ephemeral: ${sentence}`)
    if (
      allocator.frames !== counters.eph_pageframes ||
      allocator.zpages !== counters.eph_zpages ||
      allocator.zbytes !== counters.eph_zbytes
    )
      wrong.push(
        `the ephemeral allocator holds ${allocator.zpages} zpages of ${allocator.zbytes} bytes in ${allocator.frames} frames, ` +
          `the pool counts ${counters.eph_zpages} of ${counters.eph_zbytes} in ${counters.eph_pageframes}`,
      )
    if (allocator.zombies !== 0) wrong.push(`${allocator.zombies} ephemeral zombie frames`)
    if (this.spare >= 0) wrong.push(`frame ${this.spare} was evicted and taken by nobody`)
    return wrong
  }
}
