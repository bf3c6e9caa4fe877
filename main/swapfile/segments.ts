import { breach } from './swap-io.ts'

/**
 * The places of a log, in segments. One row per segment:
 *
 * live     Int32    places that hold something anybody may still read, or take a write now
 * pending  Int32    writes into it under way
 * written  Float64  when a place of it was last given out, in places given out since the beginning: the log's own time
 * state    Uint8    FREE, OPEN (a head gives its places out) or CLOSED
 *
 * A segment is free again as soon as nothing of it is live or pending; what supersedes a place keeps it live until that is
 * as durable as asked, so a free segment may be written over.
 */

const FREE = 0
const OPEN = 1
const CLOSED = 2

/** Places of a segment, at most: 1 MiB, as LFS had 512 KiB to 1 MiB, and as many slots as a cluster has. */
const MAX_SEGMENT_PLACES = 256
const MIN_SEGMENT_PLACES = 16
/** A small area has smaller segments, so that there are at least so many. */
const MIN_SEGMENTS = 32
/** Segments only cleaning may open: one to write into, one more for places lost to write errors. */
const RESERVE_SEGMENTS = 2
/** Heads that may each have a segment begun: new writes, and what cleaning moves. */
const HEADS = 2

export interface LogGeometry {
  segmentPlaces: number
  segments: number
  /** Segments that new writes must leave to cleaning. */
  reserve: number
  /** All places: the swap file's size in pages, its header aside. */
  places: number
}

/**
 * How large a log for so many slots is.
 * @param overprovision places beyond one for each slot, as a share of the slots; above 0. Cleaning finds at least the share
 * overprovision / (1 + overprovision) of some segment dead, so the smaller it is the more is moved
 */
export function logGeometry(slots: number, overprovision: number): LogGeometry {
  if (!(overprovision > 0)) breach(`a log with over-provisioning ${overprovision}`)
  let segmentPlaces = MAX_SEGMENT_PLACES
  while (segmentPlaces > MIN_SEGMENT_PLACES && segmentPlaces * MIN_SEGMENTS > slots) segmentPlaces /= 2
  const segments = Math.ceil((slots * (1 + overprovision)) / segmentPlaces) + RESERVE_SEGMENTS + HEADS
  return { segmentPlaces, segments, reserve: RESERVE_SEGMENTS, places: segments * segmentPlaces }
}

/** Gives out the places of one open segment, in order. */
export interface LogHead {
  /** -1: none. */
  segment: number
  next: number
}

export class Segments {
  readonly geometry: LogGeometry
  /** Free segments. */
  free: number
  private readonly live: Int32Array
  private readonly pending: Int32Array
  private readonly written: Float64Array
  private readonly state: Uint8Array
  /** Free segments, first in first out: one that came free rests as long as possible. A circle. */
  private readonly freeList: Int32Array
  private freeHead = 0
  private readonly avoided: Uint8Array
  private now = 0

  constructor(geometry: LogGeometry) {
    const { segments } = geometry
    this.geometry = geometry
    this.free = segments
    this.live = new Int32Array(segments)
    this.pending = new Int32Array(segments)
    this.written = new Float64Array(segments)
    this.state = new Uint8Array(segments)
    this.avoided = new Uint8Array(segments)
    this.freeList = Int32Array.from({ length: segments }, (_, segment) => segment)
  }

  /** Bytes of the rows. */
  static bytes({ segments }: LogGeometry): number {
    return segments * (4 + 4 + 8 + 1 + 4 + 1)
  }

  /** The next place of a head, live and pending from now on; -1 where its segment is used up. */
  give(head: LogHead): number {
    const { segment } = head
    if (segment < 0) return -1
    const { segmentPlaces } = this.geometry
    if (head.next === segmentPlaces) {
      this.close(head)
      return -1
    }
    this.live[segment]++
    this.pending[segment]++
    this.written[segment] = ++this.now
    return segment * segmentPlaces + head.next++
  }

  /** Opens a free segment for a head that has none. The caller knows that there is one. */
  open(head: LogHead): void {
    if (this.free === 0 || head.segment >= 0) breach('a segment is opened without need or without one being free')
    const segment = this.freeList[this.freeHead]
    this.freeHead = (this.freeHead + 1) % this.freeList.length
    this.free--
    this.state[segment] = OPEN
    head.segment = segment
    head.next = 0
  }

  /** A write into a place has ended. */
  ended(place: number): void {
    const segment = this.segmentOf(place)
    this.pending[segment]--
    this.freeIfEmpty(segment)
  }

  /** Nobody reads a place again. */
  kill(place: number): void {
    const segment = this.segmentOf(place)
    if (--this.live[segment] < 0) breach(`place ${place} died twice`)
    this.freeIfEmpty(segment)
  }

  segmentOf(place: number): number {
    return Math.floor(place / this.geometry.segmentPlaces)
  }

  /** Live places of a segment. */
  liveIn(segment: number): number {
    return this.live[segment]
  }

  isFree(segment: number): boolean {
    return this.state[segment] === FREE
  }

  /**
   * The segment to clean: most free room gained, times how long it will stay free, for the price of reading it whole and writing
   * its live places: (1 - u) * age / (1 + u), u the live share, age since its youngest write (Rosenblum and Ousterhout 1992,
   * "The design and implementation of a log-structured file system", section 3.5). Segments being written into are left out.
   * -1 where there is none.
   */
  victim(): number {
    const { segmentPlaces, segments } = this.geometry
    let best = -1
    let most = 0
    for (let segment = 0; segment < segments; segment++) {
      if (this.state[segment] !== CLOSED || this.pending[segment] > 0 || this.avoided[segment]) continue
      const live = this.live[segment] / segmentPlaces
      const worth = ((1 - live) * (this.now + 1 - this.written[segment])) / (1 + live)
      if (worth <= most) continue
      most = worth
      best = segment
    }
    return best
  }

  /** Leaves a segment out of the choice, because it could not be cleaned, until forgive(). */
  avoid(segment: number): void {
    this.avoided[segment] = 1
  }

  forgive(): void {
    this.avoided.fill(0)
  }

  /** Live places, all segments. */
  get livePlaces(): number {
    return this.live.reduce((sum, live) => sum + live, 0)
  }

  private close(head: LogHead): void {
    const { segment } = head
    this.state[segment] = CLOSED
    head.segment = -1
    this.freeIfEmpty(segment)
  }

  private freeIfEmpty(segment: number): void {
    if (this.live[segment] > 0 || this.pending[segment] > 0 || this.state[segment] !== CLOSED) return
    this.state[segment] = FREE
    this.freeList[(this.freeHead + this.free++) % this.freeList.length] = segment
  }
}
