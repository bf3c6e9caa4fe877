/**
 * Doubly linked lists of frames; a frame is on one list at most.
 *
 * next/prev Int32   row = frame  neighbours on its list, -1 at the ends
 * where     Uint16  row = frame  its list + 1, 0 = none
 * head/tail Int32   row = list   -1 = empty
 */
export class FrameLists {
  /** Bytes of bookkeeping a frame. */
  static readonly BYTES_PER_FRAME = 4 + 4 + 2
  /** Bytes of bookkeeping a list. */
  static readonly BYTES_PER_LIST = 4 + 4

  private readonly next: Int32Array
  private readonly prev: Int32Array
  private readonly where: Uint16Array
  private readonly head: Int32Array
  private readonly tail: Int32Array

  constructor(frames: number, lists: number) {
    this.next = new Int32Array(frames)
    this.prev = new Int32Array(frames)
    this.where = new Uint16Array(frames)
    this.head = new Int32Array(lists).fill(-1)
    this.tail = new Int32Array(lists).fill(-1)
  }

  /** -1 where the list is empty. */
  first(list: number): number {
    return this.head[list]
  }

  /** -1 where the list is empty. */
  last(list: number): number {
    return this.tail[list]
  }

  /** -1 at the end. */
  after(frame: number): number {
    return this.next[frame]
  }

  /** -1 where it is on none. */
  listOf(frame: number): number {
    return this.where[frame] - 1
  }

  pushFirst(list: number, frame: number): void {
    const first = this.head[list]
    this.where[frame] = list + 1
    this.next[frame] = first
    this.prev[frame] = -1
    if (first >= 0) this.prev[first] = frame
    else this.tail[list] = frame
    this.head[list] = frame
  }

  /** The frame must be on a list. Returns which. */
  remove(frame: number): number {
    const list = this.where[frame] - 1
    const next = this.next[frame]
    const prev = this.prev[frame]
    if (next >= 0) this.prev[next] = prev
    else this.tail[list] = prev
    if (prev >= 0) this.next[prev] = next
    else this.head[list] = next
    this.where[frame] = 0
    return list
  }
}
