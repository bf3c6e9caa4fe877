/**
 * LRU lists of frames, active and inactive, for anonymous pages and for file pages; doubly linked through typed arrays: head is the
 * young end, tail the old. A frame is on at most one list. Reclaim takes from the tail of an inactive list; a page there that is
 * found referenced twice is promoted to the active one;
 * active is refilled into inactive when inactive is low (Linux: mm/vmscan, two-list scheme).
 */

export const LIST_NONE = 0
export const LIST_INACTIVE_ANON = 1
export const LIST_ACTIVE_ANON = 2
export const LIST_INACTIVE_FILE = 3
export const LIST_ACTIVE_FILE = 4
const LISTS = 5

export type InactiveList = typeof LIST_INACTIVE_ANON | typeof LIST_INACTIVE_FILE
export type LruList = InactiveList | typeof LIST_ACTIVE_ANON | typeof LIST_ACTIVE_FILE

/** The active list of the same kind. */
export function activeOf(list: InactiveList): typeof LIST_ACTIVE_ANON | typeof LIST_ACTIVE_FILE {
  return list === LIST_INACTIVE_ANON ? LIST_ACTIVE_ANON : LIST_ACTIVE_FILE
}

export class Lru {
  readonly list: Uint8Array
  private readonly next: Int32Array // towards the tail
  private readonly prev: Int32Array // towards the head
  private readonly head = new Int32Array(LISTS).fill(-1)
  private readonly tail = new Int32Array(LISTS).fill(-1)
  private readonly sizes = new Int32Array(LISTS)

  constructor(frames: number) {
    this.list = new Uint8Array(frames)
    this.next = new Int32Array(frames).fill(-1)
    this.prev = new Int32Array(frames).fill(-1)
  }

  size(list: LruList): number {
    return this.sizes[list]
  }

  /** Oldest frame of a list, or -1. */
  oldest(list: LruList): number {
    return this.tail[list]
  }

  /** Puts a frame that is on no list at the young end. */
  add(frame: number, list: LruList): void {
    const old = this.head[list]
    this.list[frame] = list
    this.prev[frame] = -1
    this.next[frame] = old
    if (old >= 0) this.prev[old] = frame
    else this.tail[list] = frame
    this.head[list] = frame
    this.sizes[list]++
  }

  /** Takes a frame off its list, if it is on one. */
  remove(frame: number): void {
    const list = this.list[frame]
    if (list === LIST_NONE) return
    const next = this.next[frame]
    const prev = this.prev[frame]
    if (next >= 0) this.prev[next] = prev
    else this.tail[list] = prev
    if (prev >= 0) this.next[prev] = next
    else this.head[list] = next
    this.list[frame] = LIST_NONE
    this.sizes[list]--
  }
}
