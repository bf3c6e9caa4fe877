import { PAGE_SIZE } from '../../contract/index.ts'
import {
  type AllocatorEntry,
  type AllocatorOptions,
  auditTotals,
  type FrameAllocator,
  fragmentationOf,
} from './allocator.ts'

/**
 * zbud as zcache2 had it: a frame holds at most two zpages ("buddies") in 64-byte chunks.
 *
 * Layout of a pool frame: buddy 0 grows from byte 0; buddy 1 ends at byte 4096 and begins on a chunk. Each buddy is a 32-byte
 * handle, which lets a frame chosen for eviction name its owner, and then the compressed bytes. There is no header in the
 * frame; sizes and links are kept beside it:
 *
 * bytes  Uint16     row = zpage = frame * 2 + buddy  compressed bytes, 0 = no buddy
 * links  4 × Int32  row = frame  NEXT and PREV on its unbuddied list (FIFO), YOUNGER and OLDER on the LRU of all frames that are
 *                                not zombies
 * where  Uint8      row = frame  1..63 unbuddied by chunks used, BUDDIED, ZOMBIE, 0 not in the pool
 *
 * zcache2 listed its buddied frames and its zombies as well; nothing ever looks for one of those, so here they are only counted.
 *
 * The LRU is by frame and by the last insertion of either buddy: loads do not promote, and neither does freeing a buddy.
 */

const CHUNK_BYTES = 64
const CHUNKS = 64
const HANDLE_BYTES = 32
/** Of them in use: slot and generation. */
const HANDLE_WORDS = 2
/** A buddy may use 1..63 chunks, so 63 * 64 - 32. */
const MAX_ZPAGE_BYTES = (CHUNKS - 1) * CHUNK_BYTES - HANDLE_BYTES
const BUDDIED = 64
const ZOMBIE = 65
const NOWHERE = 0
/** Int32s of a row of links, which is a quarter of a cache line; and what they are. */
const LINKS = 4
const NEXT = 0
const PREV = 1
const YOUNGER = 2
const OLDER = 3

class Zbud implements FrameAllocator {
  readonly gives = 'frame'
  readonly wholeFrames = false
  readonly descriptors: number
  /** Stores by chunks used, ever. */
  readonly cumulChunkCounts = new Float64Array(CHUNKS)
  private readonly counters = {
    zbud_pers_zbytes: 0,
    zbud_pers_cumul_zbytes: 0,
    zbud_pers_zpages: 0,
    zbud_pers_cumul_zpages: 0,
    zbud_pers_pageframes: 0,
    zbud_pers_evicted_pageframes: 0,
    zbud_pers_buddied_count: 0,
    zbud_pers_unbuddied_count: 0,
    zbud_pers_zombie_count: 0,
  }
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  /** Handles: in the frames, or one after the other where frames have no bytes. */
  private readonly words: Int32Array
  private readonly inFrames: boolean
  private readonly bytes: Uint16Array
  private readonly where: Uint8Array
  private readonly head = new Int32Array(CHUNKS).fill(-1)
  private readonly tail = new Int32Array(CHUNKS).fill(-1)
  private readonly links: Int32Array
  private lruHead = -1 // oldest
  private lruTail = -1
  // Bit c is set where unbuddied[c] is not empty: chunks 0..31 and 32..63.
  private filledLow = 0
  private filledHigh = 0
  private usedChunks = 0
  private tooLarge = 0
  private noFrame = 0

  constructor({ frames, arena, source, mover }: AllocatorOptions) {
    this.descriptors = 2 * frames
    this.source = source
    this.mover = mover
    this.inFrames = arena !== null
    this.words = arena
      ? new Int32Array(arena.buffer, arena.byteOffset, arena.byteLength >> 2)
      : new Int32Array(frames * 2 * HANDLE_WORDS)
    this.bytes = new Uint16Array(2 * frames)
    this.where = new Uint8Array(frames)
    this.links = new Int32Array(LINKS * frames).fill(-1)
  }

  get frames(): number {
    return this.counters.zbud_pers_pageframes
  }
  get zpages(): number {
    return this.counters.zbud_pers_zpages
  }
  get zbytes(): number {
    return this.counters.zbud_pers_zbytes
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > MAX_ZPAGE_BYTES) {
      this.tooLarge++
      return -1
    }
    const chunks = chunksOf(bytes)
    let frame = this.match(chunks)
    let zpage: number
    if (frame >= 0) {
      zpage = 2 * frame + (this.bytes[2 * frame] > 0 ? 1 : 0)
      this.delist(frame)
      this.enlist(frame, BUDDIED)
      this.lruRemove(frame)
    } else {
      frame = this.source.take()
      if (frame < 0) {
        this.noFrame++
        return -1
      }
      zpage = 2 * frame
      this.counters.zbud_pers_pageframes++
      this.enlist(frame, chunks)
    }
    this.lruAppend(frame)
    this.bytes[zpage] = bytes
    const at = this.handleWord(zpage)
    this.words[at] = slot
    this.words[at + 1] = generation
    this.counters.zbud_pers_zpages++
    this.counters.zbud_pers_cumul_zpages++
    this.counters.zbud_pers_zbytes += bytes
    this.counters.zbud_pers_cumul_zbytes += bytes
    this.cumulChunkCounts[chunks]++
    this.usedChunks += chunks
    return zpage
  }

  framesFor(): number {
    return 1
  }

  likelyPlace(): number {
    const frame = this.source.next()
    return frame < 0 ? -1 : frame * PAGE_SIZE + HANDLE_BYTES
  }

  place(zpage: number, from: number): void {
    const to = this.locate(zpage)
    if (to !== from) this.mover.move(to, from, this.bytes[zpage])
  }

  locate(zpage: number): number {
    return (zpage >> 1) * PAGE_SIZE + this.handleOffset(zpage) + HANDLE_BYTES
  }

  free(zpage: number): void {
    const frame = zpage >> 1
    const bytes = this.bytes[zpage]
    if (bytes === 0) throw new Error(`zpage ${zpage} is freed twice`)
    this.counters.zbud_pers_zpages--
    this.counters.zbud_pers_zbytes -= bytes
    this.usedChunks -= chunksOf(bytes)
    this.bytes[zpage] = 0
    const other = this.bytes[zpage ^ 1]
    const zombie = this.where[frame] === ZOMBIE
    if (other > 0) {
      if (zombie) return
      this.delist(frame)
      this.enlist(frame, chunksOf(other))
      return
    }
    this.delist(frame)
    if (!zombie) this.lruRemove(frame)
    this.counters.zbud_pers_pageframes--
    this.source.give(frame)
  }

  bytesOf(zpage: number): number {
    return this.bytes[zpage]
  }
  slotOf(zpage: number): number {
    return this.words[this.handleWord(zpage)]
  }
  generationOf(zpage: number): number {
    return this.words[this.handleWord(zpage) + 1] >>> 0
  }
  frameOf(zpage: number): number {
    return zpage >> 1
  }

  siblingOf(zpage: number): number {
    return this.bytes[zpage ^ 1] > 0 ? zpage ^ 1 : -1
  }

  get zombies(): number {
    return this.counters.zbud_pers_zombie_count
  }
  oldestFrame(): number {
    return this.lruHead
  }

  makeZombie(frame: number, out: Int32Array): number {
    this.delist(frame)
    this.lruRemove(frame)
    this.enlist(frame, ZOMBIE)
    this.counters.zbud_pers_evicted_pageframes++
    let count = 0
    if (this.bytes[frame * 2] > 0) out[count++] = frame * 2
    if (this.bytes[frame * 2 + 1] > 0) out[count++] = frame * 2 + 1
    return count
  }

  /** To the old end: it is still the oldest. */
  revive(frame: number, young: boolean): void {
    if (this.where[frame] !== ZOMBIE) return
    this.counters.zbud_pers_evicted_pageframes--
    this.delist(frame)
    const both = this.bytes[frame * 2] > 0 && this.bytes[frame * 2 + 1] > 0
    this.enlist(frame, both ? BUDDIED : chunksOf(this.bytes[frame * 2] + this.bytes[frame * 2 + 1]))
    if (young) {
      this.lruAppend(frame)
      return
    }
    this.links[frame * LINKS + OLDER] = -1
    this.links[frame * LINKS + YOUNGER] = this.lruHead
    if (this.lruHead >= 0) this.links[this.lruHead * LINKS + OLDER] = frame
    else this.lruTail = frame
    this.lruHead = frame
  }

  stats() {
    return {
      ...this.counters,
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      ...fragmentationOf(this, this.usedChunks * CHUNK_BYTES),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const there = { frames: 0, zpages: 0, zbytes: 0, used: 0 }
    for (let zpage = 0; zpage < this.descriptors; zpage += 2) {
      const [a, b] = [this.bytes[zpage], this.bytes[zpage + 1]]
      if (a + b > 0) there.frames++
      const both = (a > 0 ? chunksOf(a) : 0) + (b > 0 ? chunksOf(b) : 0)
      if (both > CHUNKS) wrong.push(`frame ${zpage >> 1} holds ${both} chunks`)
      there.zpages += (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0)
      there.zbytes += a + b
      there.used += both * CHUNK_BYTES
    }
    const { zbud_pers_buddied_count, zbud_pers_unbuddied_count, zbud_pers_zombie_count } = this.counters
    wrong.push(...auditTotals(this, this.usedChunks * CHUNK_BYTES, there))
    if (zbud_pers_buddied_count + zbud_pers_unbuddied_count + zbud_pers_zombie_count !== there.frames)
      wrong.push('buddied, unbuddied and zombie frames do not add up')
    return wrong
  }

  /** The frame with room beside its one zpage, the tightest fit first, the oldest of that fit; -1 where there is none. */
  private match(chunks: number): number {
    const most = CHUNKS - chunks // chunks the other buddy may use
    if (most >= 32) {
      const high = most === 63 ? this.filledHigh : this.filledHigh & ((1 << (most - 31)) - 1)
      if (high !== 0) return this.head[63 - Math.clz32(high)]
      return this.filledLow === 0 ? -1 : this.head[31 - Math.clz32(this.filledLow)]
    }
    const low = most === 31 ? this.filledLow : this.filledLow & ((1 << (most + 1)) - 1)
    return low === 0 ? -1 : this.head[31 - Math.clz32(low)]
  }

  private handleWord(zpage: number): number {
    return this.inFrames ? (zpage >> 1) * (PAGE_SIZE / 4) + this.handleOffset(zpage) / 4 : zpage * HANDLE_WORDS
  }

  /** In its frame, bytes. */
  private handleOffset(zpage: number): number {
    return zpage & 1 ? (CHUNKS - chunksOf(this.bytes[zpage])) * CHUNK_BYTES : 0
  }

  private enlist(frame: number, list: number): void {
    this.where[frame] = list
    if (list === BUDDIED) this.counters.zbud_pers_buddied_count++
    else if (list === ZOMBIE) this.counters.zbud_pers_zombie_count++
    else {
      const last = this.tail[list]
      this.links[frame * LINKS + PREV] = last
      this.links[frame * LINKS + NEXT] = -1
      if (last >= 0) this.links[last * LINKS + NEXT] = frame
      else this.head[list] = frame
      this.tail[list] = frame
      this.counters.zbud_pers_unbuddied_count++
      if (list < 32) this.filledLow |= 1 << list
      else this.filledHigh |= 1 << (list - 32)
    }
  }

  private delist(frame: number): void {
    const list = this.where[frame]
    this.where[frame] = NOWHERE
    if (list === BUDDIED) this.counters.zbud_pers_buddied_count--
    else if (list === ZOMBIE) this.counters.zbud_pers_zombie_count--
    else {
      const next = this.links[frame * LINKS + NEXT]
      const prev = this.links[frame * LINKS + PREV]
      if (next >= 0) this.links[next * LINKS + PREV] = prev
      else this.tail[list] = prev
      if (prev >= 0) this.links[prev * LINKS + NEXT] = next
      else this.head[list] = next
      this.counters.zbud_pers_unbuddied_count--
      if (this.head[list] < 0) {
        if (list < 32) this.filledLow &= ~(1 << list)
        else this.filledHigh &= ~(1 << (list - 32))
      }
    }
  }

  private lruAppend(frame: number): void {
    this.links[frame * LINKS + YOUNGER] = -1
    this.links[frame * LINKS + OLDER] = this.lruTail
    if (this.lruTail >= 0) this.links[this.lruTail * LINKS + YOUNGER] = frame
    else this.lruHead = frame
    this.lruTail = frame
  }

  private lruRemove(frame: number): void {
    const next = this.links[frame * LINKS + YOUNGER]
    const prev = this.links[frame * LINKS + OLDER]
    if (next >= 0) this.links[next * LINKS + OLDER] = prev
    else this.lruTail = prev
    if (prev >= 0) this.links[prev * LINKS + YOUNGER] = next
    else this.lruHead = next
  }
}

/** Chunks a zpage of `bytes` uses, its handle included. */
function chunksOf(bytes: number): number {
  return (bytes + HANDLE_BYTES + CHUNK_BYTES - 1) >> 6
}

export const zbud: Extract<AllocatorEntry, { gives: 'frame' }> = {
  name: 'zbud',
  title: 'zbud (zcache2)',
  description:
    'At most two zpages a frame, the tightest fit first; the oldest frame can be given back for its two zpages.',
  source: 'zcache2, drivers/staging/zcache/zbud.c, 2012-2013',
  maxZpageBytes: MAX_ZPAGE_BYTES,
  cellBytes: CHUNK_BYTES,
  descriptors: (poolFrames) => 2 * poolFrames,
  gives: 'frame',
  zpagesPerFrame: 2,
  metadataBytes: (poolFrames) => poolFrames * (2 + 2 + 1 + 4 * LINKS),
  create: (options) => new Zbud(options),
}
