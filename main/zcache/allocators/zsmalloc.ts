import { PAGE_SIZE } from '../../contract/index.ts'
import {
  type AllocatorEntry,
  type AllocatorOptions,
  auditTotals,
  type CompactingAllocator,
  fragmentationOf,
} from './allocator.ts'
import { Descriptors } from './descriptors.ts'
import { FullnessGroups } from './fullness-groups.ts'
import { classOf, MAX_FRAME_OBJECTS, SIZE_CLASSES, type SizeClasses, sizeClasses } from './size-classes.ts'
import { ZSMALLOC_HANDLE_BYTES, Zspages } from './zspages.ts'

/**
 * zsmalloc: objects of one size class (size-classes.ts) share a zspage, a chain of frames over whose borders they may lie (zspages.ts). Each object
 * begins with an 8-byte handle, except huge ones, which have a frame of their own. The fullest zspage that has room is filled first
 * (fullness-groups.ts); one goes back only when it is empty, by chance or by compaction.
 */

export const ZSMALLOC_DEFAULT_CHAIN = 8

class Zsmalloc extends Descriptors implements CompactingAllocator {
  readonly gives = 'compaction'
  private readonly classes: SizeClasses
  private readonly zspages: Zspages
  private readonly groups: FullnessGroups
  private readonly mover: AllocatorOptions['mover']
  private readonly bounce: number
  private pagesCompacted = 0
  private objectsMoved = 0
  private bounced = 0
  private tooLarge = 0
  private noFrame = 0
  private noDescriptor = 0

  constructor({ frames, poolFrames, zpages, source, mover, bounce, chain = ZSMALLOC_DEFAULT_CHAIN }: AllocatorOptions) {
    super(mostZpages(poolFrames, zpages))
    this.classes = sizeClasses(chain)
    this.zspages = new Zspages(frames, this.descriptors, this.classes, source)
    this.groups = new FullnessGroups(frames, this.classes)
    this.mover = mover
    this.bounce = bounce
  }

  get frames(): number {
    return this.zspages.frames
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > PAGE_SIZE) {
      this.tooLarge++
      return -1
    }
    const { zspages, groups } = this
    const zpage = zspages.freeDescriptor
    if (zpage < 0) {
      this.noDescriptor++
      return -1
    }
    const sizeClass = classOf(this.classes, bytes + ZSMALLOC_HANDLE_BYTES)
    let zspage = groups.fullestWithRoom(sizeClass)
    if (zspage < 0) {
      zspage = zspages.open(sizeClass)
      if (zspage < 0) {
        this.noFrame++
        return -1
      }
    }
    zspages.add(zspage, sizeClass)
    groups.put(zspage, sizeClass, zspages.inuse[zspage])
    this.enter(zpage, bytes, slot, generation)
    return zpage
  }

  framesFor(bytes: number): number {
    return this.classes.pages[classOf(this.classes, bytes + ZSMALLOC_HANDLE_BYTES)]
  }

  likelyPlace(): number {
    return -1
  }

  place(zpage: number, from: number): void {
    const frame = this.zspages.home[zpage]
    const start = this.zspages.startOf(zpage)
    const bytes = this.bytes[zpage]
    const here = PAGE_SIZE - start
    if (bytes <= here) {
      this.mover.move(frame * PAGE_SIZE + start, from, bytes)
      return
    }
    this.mover.move(frame * PAGE_SIZE + start, from, here)
    this.mover.move(this.zspages.chain[frame] * PAGE_SIZE, from + here, bytes - here)
  }

  locate(zpage: number): number {
    const frame = this.zspages.home[zpage]
    const start = this.zspages.startOf(zpage)
    const bytes = this.bytes[zpage]
    const here = PAGE_SIZE - start
    if (bytes <= here) return frame * PAGE_SIZE + start
    this.bounced++
    this.mover.move(this.bounce, frame * PAGE_SIZE + start, here)
    this.mover.move(this.bounce + here, this.zspages.chain[frame] * PAGE_SIZE, bytes - here)
    return this.bounce
  }

  free(zpage: number): void {
    const { zspages, groups } = this
    this.leave(zpage)
    const zspage = zspages.zspageOf(zpage)
    const sizeClass = zspages.classOf(zspage)
    zspages.remove(zpage, zspage, sizeClass)
    if (zspages.inuse[zspage] > 0) {
      groups.put(zspage, sizeClass, zspages.inuse[zspage])
      return
    }
    groups.remove(zspage, sizeClass)
    zspages.close(zspage, sizeClass)
  }

  frameOf(zpage: number): number {
    return this.zspages.home[zpage]
  }
  siblingOf(zpage: number): number {
    return this.zspages.siblingOf(zpage)
  }

  stats() {
    let obj_allocated = 0
    let freeable = 0
    for (let sizeClass = 0; sizeClass < this.classes.count; sizeClass++) {
      obj_allocated += this.zspages.allocated[sizeClass]
      freeable += this.freeable(sizeClass)
    }
    return {
      pages_used: this.frames,
      obj_allocated,
      obj_used: this.zpages,
      /** Frames a full compaction would give back. */
      freeable,
      pages_compacted: this.pagesCompacted,
      objects_moved: this.objectsMoved,
      /** Reads of straddling objects, copied to the bounce area. */
      bounced: this.bounced,
      size_classes: this.classes.count,
      huge_objects: this.zspages.used[0],
      ...this.groups.stats(),
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      alloc_no_descriptor: this.noDescriptor,
      ...fragmentationOf(this, this.usedBytes()),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const there = { frames: 0, zpages: 0, zbytes: 0, used: 0 }
    there.frames = this.zspages.audit(wrong, (zspage, sizeClass, zpages) => {
      for (const zpage of zpages) {
        if (this.bytes[zpage] === 0) wrong.push(`zpage ${zpage} is free, and zspage ${zspage} has it`)
        there.zbytes += this.bytes[zpage]
        there.used += this.classes.size[sizeClass]
      }
      there.zpages += zpages.length
      if (!this.groups.isRight(zspage, sizeClass, zpages.length))
        wrong.push(`zspage ${zspage} with ${zpages.length} objects is on the list of another fullness`)
    })
    wrong.push(...auditTotals(this, this.usedBytes(), there))
    return wrong
  }

  /** Of the objects in use, handles and rounding included. */
  private usedBytes(): number {
    let bytes = 0
    for (let sizeClass = 0; sizeClass < this.classes.count; sizeClass++)
      bytes += this.zspages.used[sizeClass] * this.classes.size[sizeClass]
    return bytes
  }

  // --- Compaction ----------------------------------------------------------------------------------------------------

  compact(maxFrames: number): number {
    let given = 0
    for (let sizeClass = 0; sizeClass < this.classes.count && given < maxFrames; sizeClass++)
      while (given < maxFrames && this.freeable(sizeClass) > 0) given += this.emptyOne(sizeClass)
    this.pagesCompacted += given
    return given
  }

  /** Frames its free objects would make, moved together. */
  private freeable(sizeClass: number): number {
    const free = this.zspages.allocated[sizeClass] - this.zspages.used[sizeClass]
    return ((free / this.classes.objects[sizeClass]) | 0) * this.classes.pages[sizeClass]
  }

  /** Fills the fullest zspage from the emptiest. Returns frames given back: 0 where the filled one was full first. */
  private emptyOne(sizeClass: number): number {
    const { zspages, groups } = this
    const { inuse } = zspages
    const to = groups.fullestWithRoom(sizeClass)
    groups.remove(to, sizeClass)
    const from = groups.emptiest(sizeClass)
    if (from < 0) throw new Error(`class ${sizeClass} is said to be freeable, with one zspage that has room`)
    const capacity = this.classes.objects[sizeClass]
    while (inuse[from] > 0 && inuse[to] < capacity) this.migrate(zspages.firstZpage(from), from, to, sizeClass)
    groups.put(to, sizeClass, inuse[to])
    if (inuse[from] > 0) {
      groups.put(from, sizeClass, inuse[from])
      return 0
    }
    groups.remove(from, sizeClass)
    zspages.close(from, sizeClass)
    return this.classes.pages[sizeClass]
  }

  private migrate(zpage: number, from: number, to: number, sizeClass: number): void {
    const { zspages } = this
    const { home, chain } = zspages
    let srcFrame = home[zpage]
    let src = zspages.startOf(zpage)
    zspages.move(zpage, from, to, sizeClass)
    let dstFrame = home[zpage]
    let dst = zspages.startOf(zpage)
    this.objectsMoved++
    // Both may straddle a border, at different bytes.
    for (let left = this.bytes[zpage]; left > 0; ) {
      const bytes = Math.min(left, PAGE_SIZE - src, PAGE_SIZE - dst)
      this.mover.move(dstFrame * PAGE_SIZE + dst, srcFrame * PAGE_SIZE + src, bytes)
      left -= bytes
      src += bytes
      dst += bytes
      if (src === PAGE_SIZE) {
        srcFrame = chain[srcFrame]
        src = 0
      }
      if (dst === PAGE_SIZE) {
        dstFrame = chain[dstFrame]
        dst = 0
      }
    }
  }
}

/** A pool of so many frames cannot hold more than 128 objects in each. */
function mostZpages(poolFrames: number, zpages: number): number {
  return Math.min(zpages, poolFrames * MAX_FRAME_OBJECTS)
}

export const zsmalloc: AllocatorEntry = {
  name: 'zsmalloc',
  title: 'zsmalloc',
  description:
    'Objects of one size class share a chain of frames and may straddle them: dense, but a frame comes back only when its whole chain is empty, by chance or by compaction.',
  source: 'mm/zsmalloc.c, Linux 6.3 and later (tenths of fullness, chains of 8)',
  maxZpageBytes: PAGE_SIZE,
  cellBytes: 8,
  descriptors: mostZpages,
  gives: 'compaction',
  metadataBytes: (poolFrames, zpages) =>
    poolFrames * (Zspages.BYTES_PER_FRAME + FullnessGroups.BYTES_PER_FRAME) +
    mostZpages(poolFrames, zpages) * (Descriptors.BYTES_PER_ZPAGE + Zspages.BYTES_PER_ZPAGE) +
    SIZE_CLASSES * FullnessGroups.BYTES_PER_CLASS,
  create: (options) => new Zsmalloc(options),
}
