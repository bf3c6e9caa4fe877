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
  /** Two Int32 a row: the next frame towards the tail, and towards the head. */
  private readonly links: Int32Array
  private readonly head = new Int32Array(LISTS).fill(-1)
  private readonly tail = new Int32Array(LISTS).fill(-1)
  private readonly sizes = new Int32Array(LISTS)

  constructor(frames: number) {
    this.list = new Uint8Array(frames)
    this.links = new Int32Array(2 * frames).fill(-1)
  }

  size(list: LruList): number {
    return this.sizes[list]
  }

  /** Puts a frame that is on no list at the young end. */
  add(frame: number, list: LruList): void {
    const { head, links } = this
    const old = head[list]
    this.list[frame] = list
    links[2 * frame] = old
    links[2 * frame + 1] = -1
    if (old >= 0) links[2 * old + 1] = frame
    else this.tail[list] = frame
    head[list] = frame
    this.sizes[list]++
  }

  /** Takes the oldest frame off a list; -1 where there is none. */
  takeOldest(list: LruList): number {
    const { links, tail } = this
    const frame = tail[list]
    if (frame < 0) return -1
    const prev = links[2 * frame + 1]
    tail[list] = prev
    if (prev >= 0) links[2 * prev] = -1
    else this.head[list] = -1
    this.list[frame] = LIST_NONE
    this.sizes[list]--
    return frame
  }

  /** Takes a frame off its list, if it is on one. */
  remove(frame: number): void {
    const list = this.list[frame]
    if (list === LIST_NONE) return
    const { links } = this
    const next = links[2 * frame]
    const prev = links[2 * frame + 1]
    if (next >= 0) links[2 * next + 1] = prev
    else this.tail[list] = prev
    if (prev >= 0) links[2 * prev] = next
    else this.head[list] = next
    this.list[frame] = LIST_NONE
    this.sizes[list]--
  }
}
