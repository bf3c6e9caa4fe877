import { FrameLists } from './frame-lists.ts'
import type { SizeClasses } from './size-classes.ts'

/** 0 empty, 1..10 up to 10, 20 … 99 % in use, 11 full. */
const GROUPS = 12
const FULL = 11
/** Groups 1..11 as debugfs heads its columns: at most so many per cent in use. */
const GROUP_NAMES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 99, 100]

/**
 * Zspages listed by class and tenth of fullness; the fullest that has room is filled first, newest first among equals (Linux 6.3 and later).
 *
 * filled  Uint16  row = class  bit g is set where group g is not empty
 */
export class FullnessGroups {
  static readonly BYTES_PER_FRAME = FrameLists.BYTES_PER_FRAME
  static readonly BYTES_PER_CLASS = GROUPS * FrameLists.BYTES_PER_LIST

  private readonly classes: SizeClasses
  private readonly lists: FrameLists
  private readonly filled: Uint16Array

  constructor(frames: number, classes: SizeClasses) {
    this.classes = classes
    this.lists = new FrameLists(frames, classes.count * GROUPS)
    this.filled = new Uint16Array(classes.count)
  }

  /** Lists a zspage by its objects in use, where it is not there already. */
  put(zspage: number, sizeClass: number, inuse: number): void {
    const list = this.listFor(sizeClass, inuse)
    const from = this.lists.listOf(zspage)
    if (from === list) return
    if (from >= 0) this.remove(zspage, sizeClass)
    this.lists.pushFirst(list, zspage)
    this.filled[sizeClass] |= 1 << (list - sizeClass * GROUPS)
  }

  remove(zspage: number, sizeClass: number): void {
    const list = this.lists.remove(zspage)
    if (this.lists.first(list) < 0) this.filled[sizeClass] &= ~(1 << (list - sizeClass * GROUPS))
  }

  /** -1 where no zspage of the class has room. */
  fullestWithRoom(sizeClass: number): number {
    const groups = this.filled[sizeClass] & ~(1 << FULL)
    return groups === 0 ? -1 : this.lists.first(sizeClass * GROUPS + 31 - Math.clz32(groups))
  }

  /** -1 where no zspage of the class has room. */
  emptiest(sizeClass: number): number {
    const groups = this.filled[sizeClass] & ~(1 << FULL)
    return groups === 0 ? -1 : this.lists.first(sizeClass * GROUPS + 31 - Math.clz32(groups & -groups))
  }

  /** Whether a zspage is listed where its objects in use say. */
  isRight(zspage: number, sizeClass: number, inuse: number): boolean {
    return this.lists.listOf(zspage) === this.listFor(sizeClass, inuse)
  }

  /** Zspages of each group, of all classes. */
  stats(): Record<string, number> {
    const zspages = new Float64Array(GROUPS)
    for (let sizeClass = 0; sizeClass < this.classes.count; sizeClass++)
      for (let group = 1; group < GROUPS; group++)
        for (let z = this.lists.first(sizeClass * GROUPS + group); z >= 0; z = this.lists.after(z)) zspages[group]++
    return Object.fromEntries(GROUP_NAMES.map((name, i) => [`zspages_${name}`, zspages[i + 1]]))
  }

  private listFor(sizeClass: number, inuse: number): number {
    const objects = this.classes.objects[sizeClass]
    const group = inuse === objects ? FULL : inuse === 0 ? 0 : (((10 * inuse) / objects) | 0) + 1
    return sizeClass * GROUPS + group
  }
}
