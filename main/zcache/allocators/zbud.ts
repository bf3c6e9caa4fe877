import { CHUNK_BYTES, chunksOf, ZBUD_MAX_ZPAGE_BYTES, Zbud } from '../zbud.ts'
import {
  type AllocatorEntry,
  type AllocatorOptions,
  auditTotals,
  type FrameAllocator,
  fragmentationOf,
} from './allocator.ts'

/** zcache2's zbud (../zbud.ts) behind the interface. The owner of a zpage stands in the 32-byte handle before its bytes. */
class ZbudAllocator implements FrameAllocator {
  readonly gives = 'frame'
  readonly descriptors: number
  private readonly zbud: Zbud
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  private usedChunks = 0
  private tooLarge = 0
  private noFrame = 0

  constructor({ frames, arena, source, mover }: AllocatorOptions) {
    this.descriptors = frames * 2
    this.zbud = new Zbud(frames, arena)
    this.source = source
    this.mover = mover
  }

  get frames(): number {
    return this.zbud.counters.zbud_pers_pageframes
  }
  get zpages(): number {
    return this.zbud.counters.zbud_pers_zpages
  }
  get zbytes(): number {
    return this.zbud.counters.zbud_pers_zbytes
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > ZBUD_MAX_ZPAGE_BYTES) {
      this.tooLarge++
      return -1
    }
    let frame = this.zbud.match(bytes)
    if (frame < 0) {
      frame = this.source.take()
      if (frame < 0) {
        this.noFrame++
        return -1
      }
    }
    const zpage = this.zbud.create(frame, bytes, slot, generation)
    this.usedChunks += chunksOf(bytes)
    return zpage
  }

  framesFor(): number {
    return 1
  }

  likelyPlace(): number {
    const frame = this.source.next()
    return frame < 0 ? -1 : this.zbud.firstDataOffset(frame)
  }

  place(zpage: number, from: number): void {
    const to = this.zbud.dataOffset(zpage)
    if (to !== from) this.mover.move(to, from, this.zbud.bytesOf(zpage))
  }

  locate(zpage: number): number {
    return this.zbud.dataOffset(zpage)
  }

  free(zpage: number): void {
    const bytes = this.zbud.bytesOf(zpage)
    const frame = this.zbud.free(zpage)
    this.usedChunks -= chunksOf(bytes)
    if (frame >= 0) this.source.give(frame)
  }

  bytesOf(zpage: number): number {
    return this.zbud.bytesOf(zpage)
  }
  slotOf(zpage: number): number {
    return this.zbud.slotOf(zpage)
  }
  generationOf(zpage: number): number {
    return this.zbud.generationOf(zpage)
  }
  frameOf(zpage: number): number {
    return zpage >> 1
  }

  siblingOf(zpage: number): number {
    return this.zbud.bytesOf(zpage ^ 1) > 0 ? zpage ^ 1 : -1
  }

  get cumulChunkCounts(): Float64Array {
    return this.zbud.cumulChunkCounts
  }
  get zombies(): number {
    return this.zbud.counters.zbud_pers_zombie_count
  }
  oldestFrame(): number {
    return this.zbud.oldest()
  }
  makeZombie(frame: number, out: Int32Array): number {
    return this.zbud.makeZombie(frame, out)
  }
  revive(frame: number, young: boolean): void {
    this.zbud.revive(frame, young)
  }

  stats() {
    return {
      ...this.zbud.counters,
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      ...fragmentationOf(this, this.usedChunks * CHUNK_BYTES),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const there = { frames: 0, zpages: 0, zbytes: 0, used: 0 }
    for (let zpage = 0; zpage < this.descriptors; zpage += 2) {
      const [a, b] = [this.zbud.bytesOf(zpage), this.zbud.bytesOf(zpage + 1)]
      if (a + b > 0) there.frames++
      const both = (a > 0 ? chunksOf(a) : 0) + (b > 0 ? chunksOf(b) : 0)
      if (both > 64) wrong.push(`frame ${zpage >> 1} holds ${both} chunks`)
      there.zpages += (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0)
      there.zbytes += a + b
      there.used += both * CHUNK_BYTES
    }
    const { zbud_pers_buddied_count, zbud_pers_unbuddied_count, zbud_pers_zombie_count } = this.zbud.counters
    wrong.push(...auditTotals(this, this.usedChunks * CHUNK_BYTES, there))
    if (zbud_pers_buddied_count + zbud_pers_unbuddied_count + zbud_pers_zombie_count !== there.frames)
      wrong.push('buddied, unbuddied and zombie frames do not add up')
    return wrong
  }
}

export const zbud: AllocatorEntry = {
  name: 'zbud',
  title: 'zbud (zcache2)',
  description:
    'At most two zpages a frame, the tightest fit first; the oldest frame can be given back for its two zpages.',
  source: 'zcache2, drivers/staging/zcache/zbud.c, 2012-2013',
  maxZpageBytes: ZBUD_MAX_ZPAGE_BYTES,
  cellBytes: CHUNK_BYTES,
  descriptors: (poolFrames) => 2 * poolFrames,
  gives: 'frame',
  zpagesPerFrame: 2,
  metadataBytes: (poolFrames) => Zbud.metadataBytes(poolFrames),
  create: (options) => new ZbudAllocator(options),
}
