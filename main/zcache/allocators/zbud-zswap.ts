import {
  type AllocatorEntry,
  type AllocatorOptions,
  type FrameAllocator,
  fragmentationOf,
  PAGE_BYTES,
} from './allocator.ts'
import { Unbuddied } from './unbuddied.ts'

/**
 * zbud as zswap had it: at most two zpages a frame in 64-byte chunks, behind one chunk of header.
 *
 * Layout of a frame: header, chunk 0; the first zpage from chunk 1; the last ends at byte 4096 and begins on a chunk.
 *
 * bytes       Uint16  row = zpage = frame * 2 + (0 first, 1 last)  compressed bytes, 0 = none
 * slots       Int32   row = zpage  owner
 * generations Uint32  row = zpage  the owner's generation
 *
 * A frame is searched upward from the list with just enough free chunks, newest first in a list. The LRU is by frame and last
 * insertion; a frame whose eviction failed returns to its *young* end, as the kernel's did.
 */

const CHUNK_SHIFT = 6
const ZSWAP_CHUNK_BYTES = 1 << CHUNK_SHIFT
/** A page less the header's chunk. */
const CHUNKS = PAGE_BYTES / ZSWAP_CHUNK_BYTES - 1
/** One chunk must be left for another zpage: 62 * 64. */
export const ZBUD_ZSWAP_MAX_ZPAGE_BYTES = (CHUNKS - 1) * ZSWAP_CHUNK_BYTES

const chunksOf = (bytes: number): number => (bytes + ZSWAP_CHUNK_BYTES - 1) >> CHUNK_SHIFT

class ZbudZswap implements FrameAllocator {
  readonly gives = 'frame'
  readonly descriptors: number
  frames = 0
  zpages = 0
  zbytes = 0
  private readonly bytes: Uint16Array
  private readonly slots: Int32Array
  private readonly generations: Uint32Array
  private readonly lists: Unbuddied
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  private usedChunks = 0
  private evicted = 0
  private tooLarge = 0
  private noFrame = 0

  constructor({ frames, source, mover }: AllocatorOptions) {
    this.descriptors = frames * 2
    this.bytes = new Uint16Array(frames * 2)
    this.slots = new Int32Array(frames * 2)
    this.generations = new Uint32Array(frames * 2)
    this.lists = new Unbuddied(frames)
    this.source = source
    this.mover = mover
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > ZBUD_ZSWAP_MAX_ZPAGE_BYTES) {
      this.tooLarge++
      return -1
    }
    const chunks = chunksOf(bytes)
    let frame = this.lists.firstFit(chunks)
    if (frame >= 0) this.lists.delist(frame)
    else {
      frame = this.source.take()
      if (frame < 0) {
        this.noFrame++
        return -1
      }
      this.frames++
      this.usedChunks++
    }
    const zpage = frame * 2 + (this.bytes[frame * 2] === 0 ? 0 : 1)
    this.bytes[zpage] = bytes
    this.slots[zpage] = slot
    this.generations[zpage] = generation
    this.lists.enlist(frame, this.freeChunks(frame))
    this.lists.touch(frame)
    this.zpages++
    this.zbytes += bytes
    this.usedChunks += chunks
    return zpage
  }

  framesFor(): number {
    return 1
  }

  likelyPlace(): number {
    const frame = this.source.next()
    return frame < 0 ? -1 : frame * PAGE_BYTES + ZSWAP_CHUNK_BYTES
  }

  place(zpage: number, from: number): void {
    const to = this.locate(zpage)
    if (to !== from) this.mover.move(to, from, this.bytes[zpage])
  }

  locate(zpage: number): number {
    const base = (zpage >> 1) * PAGE_BYTES
    return zpage & 1 ? base + PAGE_BYTES - (chunksOf(this.bytes[zpage]) << CHUNK_SHIFT) : base + ZSWAP_CHUNK_BYTES
  }

  free(zpage: number): void {
    const bytes = this.bytes[zpage]
    if (bytes === 0) throw new Error(`zpage ${zpage} is freed twice`)
    const frame = zpage >> 1
    this.bytes[zpage] = 0
    this.zpages--
    this.zbytes -= bytes
    this.usedChunks -= chunksOf(bytes)
    const zombie = this.lists.isZombie(frame)
    if (this.bytes[zpage ^ 1] > 0) {
      if (zombie) return
      this.lists.delist(frame)
      this.lists.enlist(frame, this.freeChunks(frame))
      return
    }
    this.lists.delist(frame)
    if (!zombie) this.lists.forget(frame)
    this.frames--
    this.usedChunks--
    this.source.give(frame)
  }

  bytesOf(zpage: number): number {
    return this.bytes[zpage]
  }
  slotOf(zpage: number): number {
    return this.slots[zpage]
  }
  generationOf(zpage: number): number {
    return this.generations[zpage]
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
    this.lists.delist(frame)
    this.lists.forget(frame)
    this.lists.enlistZombie(frame)
    this.evicted++
    let count = 0
    if (this.bytes[frame * 2] > 0) out[count++] = frame * 2
    if (this.bytes[frame * 2 + 1] > 0) out[count++] = frame * 2 + 1
    return count
  }

  revive(frame: number): void {
    if (!this.lists.isZombie(frame)) return
    this.evicted--
    this.lists.delist(frame)
    this.lists.enlist(frame, this.freeChunks(frame))
    this.lists.touch(frame)
  }

  stats() {
    return {
      pages_nr: this.frames,
      buddied_count: this.lists.full,
      unbuddied_count: this.lists.unbuddied,
      zombie_count: this.lists.zombies,
      evicted_pageframes: this.evicted,
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      ...fragmentationOf(this, this.usedChunks * ZSWAP_CHUNK_BYTES),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    let frames = 0
    let zpages = 0
    let zbytes = 0
    let chunks = 0
    for (let frame = 0; frame < this.descriptors / 2; frame++) {
      const [first, last] = [this.bytes[frame * 2], this.bytes[frame * 2 + 1]]
      const held = first + last > 0
      if (held !== this.lists.isListed(frame))
        wrong.push(`frame ${frame} holds ${first + last} bytes, its list says not so`)
      if (!held) continue
      const inside = 1 + chunksOf(first) + chunksOf(last)
      if (inside > CHUNKS + 1) wrong.push(`frame ${frame} holds ${inside} chunks`)
      const zombie = this.lists.isZombie(frame)
      if (zombie === this.lists.isOnLru(frame)) wrong.push(`frame ${frame} must be on the LRU or a zombie`)
      if (!zombie && this.lists.freeChunksOf(frame) !== this.freeChunks(frame))
        wrong.push(
          `frame ${frame} has ${this.freeChunks(frame)} free chunks, listed under ${this.lists.freeChunksOf(frame)}`,
        )
      frames++
      zpages += (first > 0 ? 1 : 0) + (last > 0 ? 1 : 0)
      zbytes += first + last
      chunks += inside
    }
    if (frames !== this.frames || zpages !== this.zpages || zbytes !== this.zbytes || chunks !== this.usedChunks)
      wrong.push(
        `counted ${this.frames} frames, ${this.zpages} zpages, ${this.zbytes} bytes, ${this.usedChunks} chunks; there are ${frames}, ${zpages}, ${zbytes}, ${chunks}`,
      )
    return wrong
  }

  /** -1 where both zpages are there. */
  private freeChunks(frame: number): number {
    const first = this.bytes[frame * 2]
    const last = this.bytes[frame * 2 + 1]
    return first > 0 && last > 0 ? -1 : CHUNKS - chunksOf(first) - chunksOf(last)
  }
}

export const zbudZswap: AllocatorEntry = {
  name: 'zbud-zswap',
  title: 'zbud (zswap)',
  description:
    'At most two zpages a frame behind a 64-byte header, the first fit upward; the oldest frame can be given back for its two zpages.',
  source: 'mm/zbud.c, Linux 3.11 (2013) to 2025',
  maxZpageBytes: ZBUD_ZSWAP_MAX_ZPAGE_BYTES,
  cellBytes: ZSWAP_CHUNK_BYTES,
  descriptors: (poolFrames) => 2 * poolFrames,
  gives: 'frame',
  zpagesPerFrame: 2,
  metadataBytes: (poolFrames) => poolFrames * (2 * (2 + 4 + 4) + Unbuddied.BYTES_PER_FRAME),
  create: (options) => new ZbudZswap(options),
}
