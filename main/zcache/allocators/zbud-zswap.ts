import { PAGE_SIZE } from '../../contract/index.ts'
import {
  type AllocatorEntry,
  type AllocatorOptions,
  auditTotals,
  type FrameAllocator,
  fragmentationOf,
} from './allocator.ts'
import { Descriptors } from './descriptors.ts'
import { CHUNK_BYTES, CHUNK_SHIFT, chunksOf, PAGE_CHUNKS, Unbuddied } from './unbuddied.ts'

/**
 * zbud as zswap had it: at most two zpages a frame in 64-byte chunks, behind one chunk of header.
 *
 * Layout of a frame: header, chunk 0; the first zpage from chunk 1; the last ends at byte 4096 and begins on a chunk. A zpage is
 * frame * 2 + (0 first, 1 last).
 *
 * Until Linux 6.5 zswap put a header of its own before each zpage (AllocatorOptions.header).
 *
 * A frame is searched upward from the list with just enough free chunks, newest first in a list. The LRU is by frame and last
 * insertion; a frame whose eviction failed returns to its *young* end, as the kernel's did.
 */

/** A page less the header's chunk. */
const CHUNKS = PAGE_CHUNKS - 1
/** One chunk must be left for another zpage: 62 * 64. */
export const ZBUD_ZSWAP_MAX_ZPAGE_BYTES = (CHUNKS - 1) * CHUNK_BYTES

class ZbudZswap extends Descriptors implements FrameAllocator {
  readonly gives = 'frame'
  readonly wholeFrames = true
  frames = 0
  private readonly lists: Unbuddied
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  private readonly header: number
  private usedChunks = 0
  private tooLarge = 0
  private noFrame = 0

  constructor({ frames, source, mover, header = 0 }: AllocatorOptions) {
    super(frames * 2)
    this.lists = new Unbuddied(frames)
    this.source = source
    this.mover = mover
    this.header = header
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes + this.header > ZBUD_ZSWAP_MAX_ZPAGE_BYTES) {
      this.tooLarge++
      return -1
    }
    const chunks = this.chunksOf(bytes)
    let frame = this.lists.takeFit(chunks)
    if (frame < 0) {
      frame = this.source.take()
      if (frame < 0) {
        this.noFrame++
        return -1
      }
      this.frames++
      this.usedChunks++
    }
    const zpage = frame * 2 + (this.bytes[frame * 2] === 0 ? 0 : 1)
    this.enter(zpage, bytes, slot, generation)
    this.lists.put(frame, this.bytes[zpage ^ 1] > 0 ? -1 : CHUNKS - chunks)
    this.usedChunks += chunks
    return zpage
  }

  framesFor(): number {
    return 1
  }

  likelyPlace(): number {
    const frame = this.source.next()
    return frame < 0 ? -1 : frame * PAGE_SIZE + CHUNK_BYTES + this.header
  }

  place(zpage: number, from: number): void {
    const to = this.locate(zpage)
    if (to !== from) this.mover.move(to, from, this.bytes[zpage])
  }

  locate(zpage: number): number {
    const base = (zpage >> 1) * PAGE_SIZE + this.header
    return zpage & 1 ? base + PAGE_SIZE - (this.chunksOf(this.bytes[zpage]) << CHUNK_SHIFT) : base + CHUNK_BYTES
  }

  free(zpage: number): void {
    this.usedChunks -= this.chunksOf(this.leave(zpage))
    const frame = zpage >> 1
    const other = this.bytes[zpage ^ 1]
    if (other > 0) {
      if (this.lists.isZombie(frame)) return
      this.lists.delist(frame)
      this.lists.enlist(frame, CHUNKS - this.chunksOf(other))
      return
    }
    this.lists.drop(frame)
    this.frames--
    this.usedChunks--
    this.source.give(frame)
  }

  frameOf(zpage: number): number {
    return zpage >> 1
  }

  siblingOf(zpage: number): number {
    return this.bytes[zpage ^ 1] > 0 ? zpage ^ 1 : -1
  }

  get zombies(): number {
    return this.lists.zombies
  }
  oldestFrame(): number {
    return this.lists.oldest()
  }

  makeZombie(frame: number, out: Int32Array): number {
    this.lists.makeZombie(frame)
    let count = 0
    if (this.bytes[frame * 2] > 0) out[count++] = frame * 2
    if (this.bytes[frame * 2 + 1] > 0) out[count++] = frame * 2 + 1
    return count
  }

  revive(frame: number): void {
    if (!this.lists.isZombie(frame)) return
    this.lists.takeZombie(frame)
    this.lists.put(frame, this.freeChunks(frame))
  }

  stats() {
    return {
      pages_nr: this.frames,
      buddied_count: this.lists.full,
      unbuddied_count: this.lists.unbuddied,
      zombie_count: this.lists.zombies,
      evicted_pageframes: this.lists.evicted,
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      ...fragmentationOf(this, this.usedChunks * CHUNK_BYTES),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const there = { frames: 0, zpages: 0, zbytes: 0, used: 0 }
    for (let frame = 0; frame < this.descriptors / 2; frame++) {
      const [first, last] = [this.bytes[frame * 2], this.bytes[frame * 2 + 1]]
      const held = first + last > 0
      if (held !== this.lists.isListed(frame))
        wrong.push(`frame ${frame} holds ${first + last} bytes, its list says not so`)
      if (!held) continue
      const inside = 1 + this.chunksOf(first) + this.chunksOf(last)
      if (inside > CHUNKS + 1) wrong.push(`frame ${frame} holds ${inside} chunks`)
      wrong.push(...this.lists.audit(frame, this.freeChunks(frame)))
      there.frames++
      there.zpages += (first > 0 ? 1 : 0) + (last > 0 ? 1 : 0)
      there.zbytes += first + last
      there.used += inside * CHUNK_BYTES
    }
    wrong.push(...auditTotals(this, this.usedChunks * CHUNK_BYTES, there))
    return wrong
  }

  /** -1 where both zpages are there. */
  private freeChunks(frame: number): number {
    const first = this.bytes[frame * 2]
    const last = this.bytes[frame * 2 + 1]
    return first > 0 && last > 0 ? -1 : CHUNKS - this.chunksOf(first) - this.chunksOf(last)
  }

  /** Of a zpage with its header; 0 where there is none. */
  private chunksOf(bytes: number): number {
    return bytes === 0 ? 0 : chunksOf(bytes + this.header)
  }
}

export const zbudZswap: Extract<AllocatorEntry, { gives: 'frame' }> = {
  name: 'zbud-zswap',
  title: 'zbud (zswap)',
  description:
    'At most two zpages a frame behind a 64-byte header, the first fit upward; the oldest frame can be given back for its two zpages.',
  source: 'mm/zbud.c, Linux 3.11 (2013) to 2025',
  maxZpageBytes: ZBUD_ZSWAP_MAX_ZPAGE_BYTES,
  cellBytes: CHUNK_BYTES,
  descriptors: (poolFrames) => 2 * poolFrames,
  gives: 'frame',
  zpagesPerFrame: 2,
  metadataBytes: (poolFrames) => poolFrames * (2 * Descriptors.BYTES_PER_ZPAGE + Unbuddied.BYTES_PER_FRAME),
  create: (options) => new ZbudZswap(options),
}
