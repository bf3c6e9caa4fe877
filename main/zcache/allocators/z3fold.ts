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
 * z3fold: at most three zpages a frame in 64-byte chunks, behind one chunk of header (as first merged; later headers grew to two).
 *
 * Layout of a frame: header, chunk 0; the first zpage from chunk 1; the middle one anywhere between; the last ends at byte 4096.
 * A zpage that leaves no chunk beside it has a frame of its own, without header ("headless").
 *
 * position    Uint8   row = zpage = frame * 3 + record     FIRST, MIDDLE, LAST or HEADLESS
 * chunks      Uint8   row = frame * 3 + position           chunks used there, 0 = none
 * middleStart Uint8   row = frame                          first chunk of the middle zpage
 *
 * A record is not a position, so that a middle zpage may become the first and keep its descriptor. A free leaves a gap that a
 * middle zpage splits: it is moved where that gains at least 3 chunks, and to the front when it is alone.
 */

const HEADER_CHUNKS = 1
/** Smallest gap worth a move (BIG_CHUNK_GAP). */
const Z3FOLD_GAP_CHUNKS = 3
/** Above this, header and one chunk beside it do not fit: headless. */
export const Z3FOLD_MAX_BUDDY_BYTES = PAGE_SIZE - (HEADER_CHUNKS + 1) * CHUNK_BYTES
const FIRST = 0
const MIDDLE = 1
const LAST = 2
const HEADLESS = 3

class Z3fold extends Descriptors implements FrameAllocator {
  readonly gives = 'frame'
  readonly wholeFrames = true
  frames = 0
  private readonly position: Uint8Array
  private readonly chunks: Uint8Array
  private readonly middleStart: Uint8Array
  private readonly lists: Unbuddied
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  private usedChunks = 0
  private headless = 0
  private compactions = 0
  private tooLarge = 0
  private noFrame = 0

  constructor({ frames, source, mover }: AllocatorOptions) {
    super(frames * 3)
    this.position = new Uint8Array(frames * 3)
    this.chunks = new Uint8Array(frames * 3)
    this.middleStart = new Uint8Array(frames)
    this.lists = new Unbuddied(frames)
    this.source = source
    this.mover = mover
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > PAGE_SIZE) {
      this.tooLarge++
      return -1
    }
    const alone = bytes > Z3FOLD_MAX_BUDDY_BYTES
    const chunks = chunksOf(bytes)
    let frame = alone ? -1 : this.lists.takeFit(chunks)
    if (frame < 0) {
      frame = this.source.take()
      if (frame < 0) {
        this.noFrame++
        return -1
      }
      this.frames++
      if (!alone) this.usedChunks += HEADER_CHUNKS
    }
    const zpage = this.freeRecord(frame)
    this.enter(zpage, bytes, slot, generation)
    if (alone) {
      this.headless++
      this.position[zpage] = HEADLESS
    } else {
      const position = this.freePosition(frame, chunks)
      this.position[zpage] = position
      this.chunks[frame * 3 + position] = chunks
      if (position === MIDDLE) this.middleStart[frame] = HEADER_CHUNKS + this.chunks[frame * 3 + FIRST]
    }
    this.lists.put(frame, alone ? -1 : this.freeChunks(frame))
    this.usedChunks += chunks
    return zpage
  }

  framesFor(): number {
    return 1
  }

  likelyPlace(): number {
    return -1
  }

  place(zpage: number, from: number): void {
    this.mover.move(this.locate(zpage), from, this.bytes[zpage])
  }

  locate(zpage: number): number {
    const frame = (zpage / 3) | 0
    const base = frame * PAGE_SIZE
    switch (this.position[zpage]) {
      case FIRST:
        return base + (HEADER_CHUNKS << CHUNK_SHIFT)
      case MIDDLE:
        return base + (this.middleStart[frame] << CHUNK_SHIFT)
      case LAST:
        return base + ((PAGE_CHUNKS - this.chunks[frame * 3 + LAST]) << CHUNK_SHIFT)
      default:
        return base
    }
  }

  free(zpage: number): void {
    this.usedChunks -= chunksOf(this.leave(zpage))
    const frame = (zpage / 3) | 0
    const position = this.position[zpage]
    if (position !== HEADLESS) this.chunks[frame * 3 + position] = 0
    if (position !== HEADLESS && this.hasBuddies(frame)) {
      if (this.lists.isZombie(frame)) return
      this.lists.delist(frame)
      this.compactFrame(frame)
      this.lists.enlist(frame, this.freeChunks(frame))
      return
    }
    this.lists.drop(frame)
    this.frames--
    if (position === HEADLESS) this.headless--
    else this.usedChunks -= HEADER_CHUNKS
    this.source.give(frame)
  }

  frameOf(zpage: number): number {
    return (zpage / 3) | 0
  }

  siblingOf(zpage: number): number {
    const row = zpage - (zpage % 3)
    for (let other = row; other < row + 3; other++) if (other !== zpage && this.bytes[other] > 0) return other
    return -1
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
    for (let zpage = frame * 3; zpage < frame * 3 + 3; zpage++) if (this.bytes[zpage] > 0) out[count++] = zpage
    return count
  }

  /** To the young end of the LRU, as the kernel's. */
  revive(frame: number): void {
    if (!this.lists.isZombie(frame)) return
    this.lists.takeZombie(frame)
    const alone = this.isHeadless(frame)
    if (!alone) this.compactFrame(frame)
    this.lists.put(frame, alone ? -1 : this.freeChunks(frame))
  }

  stats() {
    return {
      pages_nr: this.frames,
      full_count: this.lists.full,
      unbuddied_count: this.lists.unbuddied,
      zombie_count: this.lists.zombies,
      headless_count: this.headless,
      evicted_pageframes: this.lists.evicted,
      compactions: this.compactions,
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      ...fragmentationOf(this, this.usedChunks * CHUNK_BYTES),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const there = { frames: 0, zpages: 0, zbytes: 0, used: 0 }
    for (let frame = 0; frame < this.middleStart.length; frame++) {
      const held = this.hasBuddies(frame) || this.isHeadless(frame)
      if (held !== this.lists.isListed(frame)) wrong.push(`frame ${frame}: held is ${held}, its list says not so`)
      if (!held) continue
      wrong.push(...this.lists.audit(frame, this.isHeadless(frame) ? -1 : this.freeChunks(frame)))
      there.frames++
      let taken = 0
      for (let zpage = frame * 3; zpage < frame * 3 + 3; zpage++) {
        const bytes = this.bytes[zpage]
        if (bytes === 0) continue
        const position = this.position[zpage]
        there.zpages++
        there.zbytes += bytes
        there.used += chunksOf(bytes) * CHUNK_BYTES
        if (taken & (1 << position) || (taken > 0 && position === HEADLESS))
          wrong.push(`frame ${frame} has two zpages at position ${position}`)
        taken |= 1 << position
        if (position !== HEADLESS && this.chunks[frame * 3 + position] !== chunksOf(bytes))
          wrong.push(`zpage ${zpage} of ${bytes} bytes has ${this.chunks[frame * 3 + position]} chunks`)
      }
      if (taken === 1 << HEADLESS) continue
      there.used += HEADER_CHUNKS * CHUNK_BYTES
      const first = this.chunks[frame * 3 + FIRST]
      const middle = this.chunks[frame * 3 + MIDDLE]
      const last = this.chunks[frame * 3 + LAST]
      const start = middle > 0 ? this.middleStart[frame] : HEADER_CHUNKS + first
      if (HEADER_CHUNKS + first > start || start + middle + last > PAGE_CHUNKS)
        wrong.push(`frame ${frame} overlaps: ${first} + ${middle} from ${start} + ${last} chunks`)
    }
    wrong.push(...auditTotals(this, this.usedChunks * CHUNK_BYTES, there))
    return wrong
  }

  private hasBuddies(frame: number): boolean {
    const row = frame * 3
    return this.chunks[row] + this.chunks[row + 1] + this.chunks[row + 2] > 0
  }

  private isHeadless(frame: number): boolean {
    return this.bytes[frame * 3] > 0 && this.position[frame * 3] === HEADLESS
  }

  private freeRecord(frame: number): number {
    const row = frame * 3
    if (this.bytes[row] === 0) return row
    return this.bytes[row + 1] === 0 ? row + 1 : row + 2
  }

  /** Where a zpage goes in a frame that `freeChunks` says has room for it. */
  private freePosition(frame: number, chunks: number): number {
    const row = frame * 3
    if (this.chunks[row + MIDDLE] === 0) {
      if (this.chunks[row + FIRST] === 0) return FIRST
      return this.chunks[row + LAST] === 0 ? LAST : MIDDLE
    }
    return this.chunks[row + FIRST] === 0 && chunks <= this.middleStart[frame] - HEADER_CHUNKS ? FIRST : LAST
  }

  /** Chunks of the largest gap a zpage may take; -1 where there are three. */
  private freeChunks(frame: number): number {
    const row = frame * 3
    const first = this.chunks[row + FIRST]
    const middle = this.chunks[row + MIDDLE]
    const last = this.chunks[row + LAST]
    if (middle === 0) return PAGE_CHUNKS - HEADER_CHUNKS - first - last
    if (first > 0 && last > 0) return -1
    const start = this.middleStart[frame]
    const before = first > 0 ? 0 : start - HEADER_CHUNKS
    const after = last > 0 ? 0 : PAGE_CHUNKS - start - middle
    return Math.max(before, after)
  }

  private compactFrame(frame: number): void {
    const row = frame * 3
    const middle = this.chunks[row + MIDDLE]
    if (middle === 0) return
    const first = this.chunks[row + FIRST]
    const last = this.chunks[row + LAST]
    const start = this.middleStart[frame]
    if (first === 0 && last === 0) {
      this.moveMiddle(frame, HEADER_CHUNKS)
      this.position[this.middleRecord(frame)] = FIRST
      this.chunks[row + FIRST] = middle
      this.chunks[row + MIDDLE] = 0
    } else if (last === 0 && start - HEADER_CHUNKS - first >= Z3FOLD_GAP_CHUNKS) {
      this.moveMiddle(frame, HEADER_CHUNKS + first)
    } else if (first === 0 && PAGE_CHUNKS - last - start - middle >= Z3FOLD_GAP_CHUNKS) {
      this.moveMiddle(frame, PAGE_CHUNKS - last - middle)
    }
  }

  private moveMiddle(frame: number, to: number): void {
    const base = frame * PAGE_SIZE
    this.compactions++
    this.mover.move(
      base + (to << CHUNK_SHIFT),
      base + (this.middleStart[frame] << CHUNK_SHIFT),
      this.bytes[this.middleRecord(frame)],
    )
    this.middleStart[frame] = to
  }

  private middleRecord(frame: number): number {
    let zpage = frame * 3
    while (this.bytes[zpage] === 0 || this.position[zpage] !== MIDDLE) zpage++
    return zpage
  }
}

export const z3fold: AllocatorEntry = {
  name: 'z3fold',
  title: 'z3fold',
  description:
    'At most three zpages a frame, the middle one moved to join gaps; the oldest frame can be given back for its one to three zpages.',
  source: 'mm/z3fold.c, Linux 4.8 (2016) to 2025',
  maxZpageBytes: PAGE_SIZE,
  cellBytes: CHUNK_BYTES,
  descriptors: (poolFrames) => 3 * poolFrames,
  gives: 'frame',
  zpagesPerFrame: 3,
  metadataBytes: (poolFrames) =>
    poolFrames * (3 * (Descriptors.BYTES_PER_ZPAGE + 1 + 1) + 1 + Unbuddied.BYTES_PER_FRAME),
  create: (options) => new Z3fold(options),
}
