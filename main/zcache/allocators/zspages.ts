import { PAGE_SIZE } from '../../contract/index.ts'
import type { FrameSource } from './allocator.ts'
import { MAX_CHAIN, MAX_FRAME_OBJECTS, type SizeClasses } from './size-classes.ts'

/**
 * The zspages of zsmalloc: each a chain of frames, over whose borders its objects lie, and the zpages that have them.
 *
 * chain      Int32   row = frame                     next frame of its zspage, -1 = last
 * zspage     Int32   row = frame                     first frame of its zspage, which names it; -1 = not in the pool
 * link       Uint8   row = frame                     its place in the chain
 * sizeClass  Uint8   row = frame
 * room       Int32   row = frame * 4 + ordinal / 32  a bit for each free object that begins there
 * inuse      Uint16  row = zspage                    objects in use
 * objects    Int32   row = zspage                    its first zpage, -1 = none
 * home       Int32   row = zpage                     frame in which its object begins
 * ordinal    Uint8   row = zpage                     which of the objects that begin there
 * next/prev  Int32   row = zpage                     neighbours in its zspage; `next` also links the free descriptors
 *
 * Objects are found through these tables, so moving one changes `home` and `ordinal` and never its descriptor.
 */

/** Each object begins with a handle, except huge ones. */
export const ZSMALLOC_HANDLE_BYTES = 8
const ROOM_WORDS = MAX_FRAME_OBJECTS / 32

export class Zspages {
  static readonly BYTES_PER_FRAME = 4 + 4 + 1 + 1 + ROOM_WORDS * 4 + 2 + 4
  static readonly BYTES_PER_ZPAGE = 4 + 1 + 4 + 4

  frames = 0
  /** First of the free descriptors; -1 where all are in use. */
  freeDescriptor: number
  readonly chain: Int32Array
  readonly inuse: Uint16Array
  readonly home: Int32Array
  /** Row = class: objects of its zspages, and those in use. */
  readonly allocated: Int32Array
  readonly used: Int32Array
  private readonly classes: SizeClasses
  private readonly source: FrameSource
  private readonly zspage: Int32Array
  private readonly link: Uint8Array
  private readonly sizeClass: Uint8Array
  private readonly room: Int32Array
  private readonly objects: Int32Array
  private readonly ordinal: Uint8Array
  private readonly next: Int32Array
  private readonly prev: Int32Array

  constructor(frames: number, descriptors: number, classes: SizeClasses, source: FrameSource) {
    this.classes = classes
    this.source = source
    this.chain = new Int32Array(frames).fill(-1)
    this.zspage = new Int32Array(frames).fill(-1)
    this.link = new Uint8Array(frames)
    this.sizeClass = new Uint8Array(frames)
    this.room = new Int32Array(frames * ROOM_WORDS)
    this.inuse = new Uint16Array(frames)
    this.objects = new Int32Array(frames).fill(-1)
    this.home = new Int32Array(descriptors)
    this.ordinal = new Uint8Array(descriptors)
    this.next = new Int32Array(descriptors)
    this.prev = new Int32Array(descriptors)
    for (let zpage = 0; zpage < descriptors; zpage++) this.next[zpage] = zpage + 1 < descriptors ? zpage + 1 : -1
    this.freeDescriptor = descriptors === 0 ? -1 : 0
    this.allocated = new Int32Array(classes.count)
    this.used = new Int32Array(classes.count)
  }

  // --- Zspages -------------------------------------------------------------------------------------------------------

  /** A zspage of new frames, all of its objects free; -1 where the frames are not to be had. */
  open(sizeClass: number): number {
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

  /** Gives the frames of an empty one back. */
  close(zspage: number, sizeClass: number): void {
    this.frames -= this.classes.pages[sizeClass]
    this.allocated[sizeClass] -= this.classes.objects[sizeClass]
    this.giveFrames(zspage)
  }

  zspageOf(zpage: number): number {
    return this.zspage[this.home[zpage]]
  }

  classOf(zspage: number): number {
    return this.sizeClass[zspage]
  }

  /** The first zpage of a zspage that has any. */
  firstZpage(zspage: number): number {
    return this.objects[zspage]
  }

  private openRoom(frame: number, objects: number): void {
    for (let w = 0; w < ROOM_WORDS; w++) {
      const left = objects - w * 32
      this.room[frame * ROOM_WORDS + w] = left >= 32 ? -1 : left <= 0 ? 0 : (1 << left) - 1
    }
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

  // --- Objects -------------------------------------------------------------------------------------------------------

  /** Gives the free descriptor an object of a zspage that has one. */
  add(zspage: number, sizeClass: number): void {
    const zpage = this.freeDescriptor
    this.freeDescriptor = this.next[zpage]
    this.enter(zpage, zspage, sizeClass)
    this.used[sizeClass]++
  }

  /** Frees a zpage's object and its descriptor. */
  remove(zpage: number, zspage: number, sizeClass: number): void {
    this.leave(zpage, zspage)
    this.next[zpage] = this.freeDescriptor
    this.freeDescriptor = zpage
    this.used[sizeClass]--
  }

  /** Gives a zpage an object of another zspage of its class, one that has room. Its bytes are the caller's to move. */
  move(zpage: number, from: number, to: number, sizeClass: number): void {
    this.leave(zpage, from)
    this.enter(zpage, to, sizeClass)
  }

  /** Offset in its first frame of a zpage's bytes. */
  startOf(zpage: number): number {
    const frame = this.home[zpage]
    const sizeClass = this.sizeClass[frame]
    if (this.classes.huge[sizeClass] === 1) return 0
    const link = this.link[frame]
    const index = this.classes.firstObject[sizeClass * (MAX_CHAIN + 1) + link] + this.ordinal[zpage]
    return index * this.classes.size[sizeClass] - link * PAGE_SIZE + ZSMALLOC_HANDLE_BYTES
  }

  /** Another zpage of the same zspage; -1 where there is none. */
  siblingOf(zpage: number): number {
    const next = this.next[zpage]
    return next >= 0 ? next : this.prev[zpage]
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

  // --- Books ---------------------------------------------------------------------------------------------------------

  /**
   * Adds what is wrong with the books to `wrong`, in sentences. Looks at every frame.
   * @param visit gets every zspage with its zpages
   * @returns frames that are there
   */
  audit(wrong: string[], visit: (zspage: number, sizeClass: number, zpages: number[]) => void): number {
    const { classes } = this
    let frames = 0
    const allocated = new Int32Array(classes.count)
    const used = new Int32Array(classes.count)
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
      const zpages: number[] = []
      for (let zpage = this.objects[z]; zpage >= 0; zpage = this.next[zpage]) {
        zpages.push(zpage)
        const bit = (this.room[this.roomWord(zpage)] >>> (this.ordinal[zpage] & 31)) & 1
        if (this.zspageOf(zpage) !== z || bit !== 0) wrong.push(`zpage ${zpage} is not where zspage ${z} has it`)
        if (zpages.length > classes.objects[sizeClass]) break
      }
      const inuse = zpages.length
      if (length !== classes.pages[sizeClass]) wrong.push(`zspage ${z} has ${length} frames`)
      if (inuse !== this.inuse[z] || inuse + room !== classes.objects[sizeClass] || inuse === 0)
        wrong.push(`zspage ${z} counts ${this.inuse[z]} objects; ${inuse} are there, ${room} free`)
      allocated[sizeClass] += classes.objects[sizeClass]
      used[sizeClass] += inuse
      frames += length
      visit(z, sizeClass, zpages)
    }
    for (let c = 0; c < classes.count; c++)
      if (allocated[c] !== this.allocated[c] || used[c] !== this.used[c])
        wrong.push(
          `class of ${classes.size[c]} bytes counts ${this.used[c]} of ${this.allocated[c]} objects; there are ${used[c]} of ${allocated[c]}`,
        )
    return frames
  }
}

function bitsIn(word: number): number {
  let bits = 0
  for (let left = word; left !== 0; left &= left - 1) bits++
  return bits
}
