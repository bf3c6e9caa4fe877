import {
  type AllocatorEntry,
  type AllocatorOptions,
  type CompactingAllocator,
  fragmentationOf,
  PAGE_BYTES,
} from './allocator.ts'
import { FrameLists } from './frame-lists.ts'
import { classOf, MAX_CHAIN, MAX_FRAME_OBJECTS, type SizeClasses, sizeClasses } from './size-classes.ts'

/**
 * zsmalloc: objects of one size class share a zspage, a chain of frames over whose borders they may lie. Each object begins with
 * an 8-byte handle, except huge ones, which have a frame of their own. A zspage goes back only when it is empty.
 *
 * bytes       Uint16  row = zpage                    compressed bytes, 0 = descriptor free
 * slots       Int32   row = zpage                    owner
 * generations Uint32  row = zpage                    the owner's generation
 * home        Int32   row = zpage                    frame in which its object begins
 * ordinal     Uint8   row = zpage                    which of the objects that begin there
 * next/prev   Int32   row = zpage                    neighbours in its zspage; `next` also links the free descriptors
 * chain       Int32   row = frame                    next frame of its zspage, -1 = last
 * zspage      Int32   row = frame                    first frame of its zspage, which names it; -1 = not in the pool
 * link        Uint8   row = frame                    its place in the chain
 * sizeClass   Uint8   row = frame
 * room        Int32   row = frame * 4 + ordinal / 32  a bit for each free object that begins there
 * inuse       Uint16  row = zspage                   objects in use
 * objects     Int32   row = zspage                   its first zpage, -1 = none
 *
 * Objects are found through these tables, so moving one changes `home` and `ordinal` and never its descriptor. Zspages are listed
 * by class and tenth of fullness; the fullest that has room is filled first, newest first among equals (Linux 6.3 and later).
 */

export const ZSMALLOC_HANDLE_BYTES = 8
/** 0 empty, 1..10 up to 10, 20 … 99 % in use, 11 full. */
const GROUPS = 12
const FULL = 11
/** Groups 1..11 as debugfs heads its columns: at most so many per cent in use. */
const GROUP_NAMES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 99, 100]
const ROOM_WORDS = MAX_FRAME_OBJECTS / 32
export const ZSMALLOC_DEFAULT_CHAIN = 8
const BYTES_PER_ZPAGE = 2 + 4 + 4 + 4 + 1 + 4 + 4
const BYTES_PER_FRAME = 4 + 4 + 1 + 1 + ROOM_WORDS * 4 + 2 + 4 + FrameLists.BYTES_PER_FRAME

class Zsmalloc implements CompactingAllocator {
  readonly gives = 'compaction'
  readonly descriptors: number
  frames = 0
  zpages = 0
  zbytes = 0
  private readonly bytes: Uint16Array
  private readonly slots: Int32Array
  private readonly generations: Uint32Array
  private readonly home: Int32Array
  private readonly ordinal: Uint8Array
  private readonly next: Int32Array
  private readonly prev: Int32Array
  private readonly chain: Int32Array
  private readonly zspage: Int32Array
  private readonly link: Uint8Array
  private readonly sizeClass: Uint8Array
  private readonly room: Int32Array
  private readonly inuse: Uint16Array
  private readonly objects: Int32Array
  private readonly classes: SizeClasses
  private readonly lists: FrameLists
  /** Row = class; bit g is set where fullness group g is not empty. */
  private readonly groups: Uint16Array
  /** Row = class; objects of its zspages, and those in use. */
  private readonly allocated: Int32Array
  private readonly used: Int32Array
  private readonly source: AllocatorOptions['source']
  private readonly mover: AllocatorOptions['mover']
  private readonly bounce: number
  private freeDescriptor = 0
  private usedBytes = 0
  private pagesCompacted = 0
  private objectsMoved = 0
  private bounced = 0
  private tooLarge = 0
  private noFrame = 0
  private noDescriptor = 0

  constructor({ frames, poolFrames, zpages, source, mover, bounce, chain = ZSMALLOC_DEFAULT_CHAIN }: AllocatorOptions) {
    const descriptors = mostZpages(poolFrames, zpages)
    this.descriptors = descriptors
    this.bytes = new Uint16Array(descriptors)
    this.slots = new Int32Array(descriptors)
    this.generations = new Uint32Array(descriptors)
    this.home = new Int32Array(descriptors)
    this.ordinal = new Uint8Array(descriptors)
    this.next = new Int32Array(descriptors)
    this.prev = new Int32Array(descriptors)
    for (let zpage = 0; zpage < descriptors; zpage++) this.next[zpage] = zpage + 1 < descriptors ? zpage + 1 : -1
    if (descriptors === 0) this.freeDescriptor = -1
    this.chain = new Int32Array(frames).fill(-1)
    this.zspage = new Int32Array(frames).fill(-1)
    this.link = new Uint8Array(frames)
    this.sizeClass = new Uint8Array(frames)
    this.room = new Int32Array(frames * ROOM_WORDS)
    this.inuse = new Uint16Array(frames)
    this.objects = new Int32Array(frames).fill(-1)
    this.classes = sizeClasses(chain)
    this.lists = new FrameLists(frames, this.classes.count * GROUPS)
    this.groups = new Uint16Array(this.classes.count)
    this.allocated = new Int32Array(this.classes.count)
    this.used = new Int32Array(this.classes.count)
    this.source = source
    this.mover = mover
    this.bounce = bounce
  }

  alloc(bytes: number, slot: number, generation: number): number {
    if (bytes < 1) throw new RangeError(`a zpage of ${bytes} bytes`)
    if (bytes > PAGE_BYTES) {
      this.tooLarge++
      return -1
    }
    const zpage = this.freeDescriptor
    if (zpage < 0) {
      this.noDescriptor++
      return -1
    }
    const sizeClass = classOf(this.classes, bytes + ZSMALLOC_HANDLE_BYTES)
    let zspage = this.fullestWithRoom(sizeClass)
    if (zspage < 0) {
      zspage = this.newZspage(sizeClass)
      if (zspage < 0) {
        this.noFrame++
        return -1
      }
    }
    this.freeDescriptor = this.next[zpage]
    this.bytes[zpage] = bytes
    this.slots[zpage] = slot
    this.generations[zpage] = generation
    this.enter(zpage, zspage, sizeClass)
    this.regroup(zspage, sizeClass)
    this.used[sizeClass]++
    this.usedBytes += this.classes.size[sizeClass]
    this.zpages++
    this.zbytes += bytes
    return zpage
  }

  framesFor(bytes: number): number {
    return this.classes.pages[classOf(this.classes, bytes + ZSMALLOC_HANDLE_BYTES)]
  }

  likelyPlace(): number {
    return -1
  }

  place(zpage: number, from: number): void {
    const frame = this.home[zpage]
    const start = this.startOf(zpage)
    const bytes = this.bytes[zpage]
    const here = PAGE_BYTES - start
    if (bytes <= here) {
      this.mover.move(frame * PAGE_BYTES + start, from, bytes)
      return
    }
    this.mover.move(frame * PAGE_BYTES + start, from, here)
    this.mover.move(this.chain[frame] * PAGE_BYTES, from + here, bytes - here)
  }

  locate(zpage: number): number {
    const frame = this.home[zpage]
    const start = this.startOf(zpage)
    const bytes = this.bytes[zpage]
    const here = PAGE_BYTES - start
    if (bytes <= here) return frame * PAGE_BYTES + start
    this.bounced++
    this.mover.move(this.bounce, frame * PAGE_BYTES + start, here)
    this.mover.move(this.bounce + here, this.chain[frame] * PAGE_BYTES, bytes - here)
    return this.bounce
  }

  free(zpage: number): void {
    const bytes = this.bytes[zpage]
    if (bytes === 0) throw new Error(`zpage ${zpage} is freed twice`)
    const zspage = this.zspage[this.home[zpage]]
    const sizeClass = this.sizeClass[zspage]
    this.leave(zpage, zspage)
    this.bytes[zpage] = 0
    this.next[zpage] = this.freeDescriptor
    this.freeDescriptor = zpage
    this.used[sizeClass]--
    this.usedBytes -= this.classes.size[sizeClass]
    this.zpages--
    this.zbytes -= bytes
    if (this.inuse[zspage] > 0) {
      this.regroup(zspage, sizeClass)
      return
    }
    this.delist(zspage, sizeClass)
    this.giveZspage(zspage, sizeClass)
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
    return this.home[zpage]
  }

  siblingOf(zpage: number): number {
    const next = this.next[zpage]
    return next >= 0 ? next : this.prev[zpage]
  }

  compact(maxFrames: number): number {
    let given = 0
    for (let sizeClass = 0; sizeClass < this.classes.count && given < maxFrames; sizeClass++)
      while (given < maxFrames && this.freeable(sizeClass) > 0) given += this.emptyOne(sizeClass)
    this.pagesCompacted += given
    return given
  }

  stats() {
    const inGroup = new Float64Array(GROUPS)
    let obj_allocated = 0
    let freeable = 0
    for (let sizeClass = 0; sizeClass < this.classes.count; sizeClass++) {
      obj_allocated += this.allocated[sizeClass]
      freeable += this.freeable(sizeClass)
      for (let group = 1; group < GROUPS; group++)
        for (let z = this.lists.first(sizeClass * GROUPS + group); z >= 0; z = this.lists.after(z)) inGroup[group]++
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
      huge_objects: this.used[0],
      ...Object.fromEntries(GROUP_NAMES.map((name, i) => [`zspages_${name}`, inGroup[i + 1]])),
      alloc_too_large: this.tooLarge,
      alloc_no_frame: this.noFrame,
      alloc_no_descriptor: this.noDescriptor,
      ...fragmentationOf(this, this.usedBytes),
    }
  }

  audit(): string[] {
    const wrong: string[] = []
    const { classes } = this
    let frames = 0
    let zpages = 0
    let zbytes = 0
    let usedBytes = 0
    const allocated = new Int32Array(classes.count)
    for (let z = 0; z < this.zspage.length; z++) {
      if (this.zspage[z] !== z) continue
      const sizeClass = this.sizeClass[z]
      let length = 0
      let room = 0
      for (let frame = z; frame >= 0; frame = this.chain[frame]) {
        if (this.zspage[frame] !== z || this.link[frame] !== length || this.sizeClass[frame] !== sizeClass)
          wrong.push(`frame ${frame} does not know its place in zspage ${z}`)
        for (let w = 0; w < ROOM_WORDS; w++) room += bitsIn(this.room[frame * ROOM_WORDS + w])
        if (++length > MAX_CHAIN) break
      }
      let inuse = 0
      for (let zpage = this.objects[z]; zpage >= 0; zpage = this.next[zpage]) {
        inuse++
        zbytes += this.bytes[zpage]
        usedBytes += classes.size[sizeClass]
        const bit = (this.room[this.roomWord(zpage)] >>> (this.ordinal[zpage] & 31)) & 1
        if (this.zspage[this.home[zpage]] !== z || this.bytes[zpage] === 0 || bit !== 0)
          wrong.push(`zpage ${zpage} is not where zspage ${z} has it`)
        if (inuse > classes.objects[sizeClass]) break
      }
      if (length !== classes.pages[sizeClass]) wrong.push(`zspage ${z} has ${length} frames`)
      if (inuse !== this.inuse[z] || inuse + room !== classes.objects[sizeClass] || inuse === 0)
        wrong.push(`zspage ${z} counts ${this.inuse[z]} objects; ${inuse} are there, ${room} free`)
      if (this.lists.listOf(z) !== sizeClass * GROUPS + this.groupOf(z, sizeClass))
        wrong.push(`zspage ${z} with ${inuse} objects is on list ${this.lists.listOf(z)}`)
      allocated[sizeClass] += classes.objects[sizeClass]
      zpages += inuse
      frames += length
    }
    if (frames !== this.frames || zpages !== this.zpages || zbytes !== this.zbytes || usedBytes !== this.usedBytes)
      wrong.push(
        `counted ${this.frames} frames, ${this.zpages} zpages, ${this.zbytes} bytes, ${this.usedBytes} used; there are ${frames}, ${zpages}, ${zbytes}, ${usedBytes}`,
      )
    for (let c = 0; c < classes.count; c++)
      if (allocated[c] !== this.allocated[c])
        wrong.push(`class of ${classes.size[c]} bytes counts ${this.allocated[c]} objects; there are ${allocated[c]}`)
    return wrong
  }

  // --- Objects -------------------------------------------------------------------------------------------------------

  /** Offset in its first frame of a zpage's bytes. */
  private startOf(zpage: number): number {
    const frame = this.home[zpage]
    const sizeClass = this.sizeClass[frame]
    if (this.classes.huge[sizeClass] === 1) return 0
    const link = this.link[frame]
    const index = this.classes.firstObject[sizeClass * (MAX_CHAIN + 1) + link] + this.ordinal[zpage]
    return index * this.classes.size[sizeClass] - link * PAGE_BYTES + ZSMALLOC_HANDLE_BYTES
  }

  private roomWord(zpage: number): number {
    return this.home[zpage] * ROOM_WORDS + (this.ordinal[zpage] >> 5)
  }

  /** Gives a zpage the first free object of a zspage that has one. */
  private enter(zpage: number, zspage: number, sizeClass: number): void {
    const first = this.classes.firstObject
    let row = sizeClass * (MAX_CHAIN + 1)
    for (let frame = zspage; frame >= 0; frame = this.chain[frame], row++) {
      const words = (first[row + 1] - first[row] + 31) >> 5
      for (let w = 0; w < words; w++) {
        const room = this.room[frame * ROOM_WORDS + w]
        if (room === 0) continue
        const bit = 31 - Math.clz32(room & -room)
        this.room[frame * ROOM_WORDS + w] = room & ~(1 << bit)
        this.home[zpage] = frame
        this.ordinal[zpage] = w * 32 + bit
        const head = this.objects[zspage]
        this.next[zpage] = head
        this.prev[zpage] = -1
        if (head >= 0) this.prev[head] = zpage
        this.objects[zspage] = zpage
        this.inuse[zspage]++
        return
      }
    }
    throw new Error(`zspage ${zspage} is listed as having room and has none`)
  }

  private leave(zpage: number, zspage: number): void {
    this.room[this.roomWord(zpage)] |= 1 << (this.ordinal[zpage] & 31)
    const next = this.next[zpage]
    const prev = this.prev[zpage]
    if (next >= 0) this.prev[next] = prev
    if (prev >= 0) this.next[prev] = next
    else this.objects[zspage] = next
    this.inuse[zspage]--
  }

  // --- Zspages -------------------------------------------------------------------------------------------------------

  private newZspage(sizeClass: number): number {
    const pages = this.classes.pages[sizeClass]
    const zspage = this.source.take()
    if (zspage < 0) return -1
    let last = zspage
    this.chain[zspage] = -1
    for (let link = 0; ; ) {
      const row = sizeClass * (MAX_CHAIN + 1) + link
      this.zspage[last] = zspage
      this.link[last] = link
      this.sizeClass[last] = sizeClass
      this.openRoom(last, this.classes.firstObject[row + 1] - this.classes.firstObject[row])
      if (++link === pages) break
      const frame = this.source.take()
      if (frame < 0) {
        this.giveFrames(zspage)
        return -1
      }
      this.chain[last] = frame
      this.chain[frame] = -1
      last = frame
    }
    this.frames += pages
    this.inuse[zspage] = 0
    this.objects[zspage] = -1
    this.allocated[sizeClass] += this.classes.objects[sizeClass]
    return zspage
  }

  private openRoom(frame: number, objects: number): void {
    for (let w = 0; w < ROOM_WORDS; w++) {
      const left = objects - w * 32
      this.room[frame * ROOM_WORDS + w] = left >= 32 ? -1 : left <= 0 ? 0 : (1 << left) - 1
    }
  }

  private giveZspage(zspage: number, sizeClass: number): void {
    this.frames -= this.classes.pages[sizeClass]
    this.allocated[sizeClass] -= this.classes.objects[sizeClass]
    this.giveFrames(zspage)
  }

  private giveFrames(zspage: number): void {
    for (let frame = zspage; frame >= 0; ) {
      const next = this.chain[frame]
      this.chain[frame] = -1
      this.zspage[frame] = -1
      this.source.give(frame)
      frame = next
    }
  }

  private groupOf(zspage: number, sizeClass: number): number {
    const inuse = this.inuse[zspage]
    const objects = this.classes.objects[sizeClass]
    return inuse === objects ? FULL : inuse === 0 ? 0 : (((10 * inuse) / objects) | 0) + 1
  }

  /** Moves a zspage to the list of its fullness, where that is another. */
  private regroup(zspage: number, sizeClass: number): void {
    const list = sizeClass * GROUPS + this.groupOf(zspage, sizeClass)
    const from = this.lists.listOf(zspage)
    if (from === list) return
    if (from >= 0) this.delist(zspage, sizeClass)
    this.lists.pushFirst(list, zspage)
    this.groups[sizeClass] |= 1 << (list - sizeClass * GROUPS)
  }

  private delist(zspage: number, sizeClass: number): void {
    const list = this.lists.remove(zspage)
    if (this.lists.first(list) < 0) this.groups[sizeClass] &= ~(1 << (list - sizeClass * GROUPS))
  }

  private fullestWithRoom(sizeClass: number): number {
    const groups = this.groups[sizeClass] & ~(1 << FULL)
    return groups === 0 ? -1 : this.lists.first(sizeClass * GROUPS + 31 - Math.clz32(groups))
  }

  private emptiest(sizeClass: number): number {
    const groups = this.groups[sizeClass] & ~(1 << FULL)
    return groups === 0 ? -1 : this.lists.first(sizeClass * GROUPS + 31 - Math.clz32(groups & -groups))
  }

  // --- Compaction ----------------------------------------------------------------------------------------------------

  /** Frames its free objects would make, moved together. */
  private freeable(sizeClass: number): number {
    const free = this.allocated[sizeClass] - this.used[sizeClass]
    return ((free / this.classes.objects[sizeClass]) | 0) * this.classes.pages[sizeClass]
  }

  /** Fills the fullest zspage from the emptiest. Returns frames given back: 0 where the filled one was full first. */
  private emptyOne(sizeClass: number): number {
    const to = this.fullestWithRoom(sizeClass)
    this.delist(to, sizeClass)
    const from = this.emptiest(sizeClass)
    if (from < 0) throw new Error(`class ${sizeClass} is said to be freeable, with one zspage that has room`)
    const capacity = this.classes.objects[sizeClass]
    while (this.inuse[from] > 0 && this.inuse[to] < capacity) this.migrate(this.objects[from], from, to, sizeClass)
    this.regroup(to, sizeClass)
    if (this.inuse[from] > 0) {
      this.regroup(from, sizeClass)
      return 0
    }
    this.delist(from, sizeClass)
    this.giveZspage(from, sizeClass)
    return this.classes.pages[sizeClass]
  }

  private migrate(zpage: number, from: number, to: number, sizeClass: number): void {
    let srcFrame = this.home[zpage]
    let src = this.startOf(zpage)
    this.leave(zpage, from)
    this.enter(zpage, to, sizeClass)
    let dstFrame = this.home[zpage]
    let dst = this.startOf(zpage)
    this.objectsMoved++
    // Both may straddle a border, at different bytes.
    for (let left = this.bytes[zpage]; left > 0; ) {
      const bytes = Math.min(left, PAGE_BYTES - src, PAGE_BYTES - dst)
      this.mover.move(dstFrame * PAGE_BYTES + dst, srcFrame * PAGE_BYTES + src, bytes)
      left -= bytes
      src += bytes
      dst += bytes
      if (src === PAGE_BYTES) {
        srcFrame = this.chain[srcFrame]
        src = 0
      }
      if (dst === PAGE_BYTES) {
        dstFrame = this.chain[dstFrame]
        dst = 0
      }
    }
  }
}

/** A pool of so many frames cannot hold more than 128 objects in each. */
function mostZpages(poolFrames: number, zpages: number): number {
  return Math.min(zpages, poolFrames * MAX_FRAME_OBJECTS)
}

function bitsIn(word: number): number {
  let bits = 0
  for (let left = word; left !== 0; left &= left - 1) bits++
  return bits
}

export const zsmalloc: AllocatorEntry = {
  name: 'zsmalloc',
  title: 'zsmalloc',
  description:
    'Objects of one size class share a chain of frames and may straddle them: dense, but a frame comes back only when its whole chain is empty, by chance or by compaction.',
  source: 'mm/zsmalloc.c, Linux 6.3 and later (tenths of fullness, chains of 8)',
  maxZpageBytes: PAGE_BYTES,
  cellBytes: 8,
  descriptors: mostZpages,
  gives: 'compaction',
  metadataBytes: (poolFrames, zpages) =>
    poolFrames * BYTES_PER_FRAME +
    mostZpages(poolFrames, zpages) * BYTES_PER_ZPAGE +
    255 * GROUPS * FrameLists.BYTES_PER_LIST,
  create: (options) => new Zsmalloc(options),
}
