import { type LogGeometry, Segments } from './segments.ts'
import type { StagedBlocks } from './staged-blocks.ts'
import type { ZpageBlocks } from './zpage-block.ts'

/**
 * Where everything of a log lies, and what lies at each place.
 *
 * at     Int32  row = slot   NOTHING | place >= 0 | -2-id of a staged zpage
 * owner  Int32  row = place  NOTHING | slot of a page | BLOCK + zpages alive in the block there | UNDER_WAY + the writer's number of it
 *
 * A place stays alive until what supersedes it is as durable as the device's sync policy asks, so nothing is written over before.
 */

const NOTHING = -1
const BLOCK = 2 ** 28
const UNDER_WAY = 2 ** 29

export class LogMap {
  readonly segments: Segments
  private readonly format: ZpageBlocks
  private readonly at: Int32Array
  private readonly owner: Int32Array

  /** @param format of the blocks that are moved */
  constructor(slots: number, geometry: LogGeometry, format: ZpageBlocks) {
    this.segments = new Segments(geometry)
    this.format = format
    this.at = new Int32Array(slots).fill(NOTHING)
    this.owner = new Int32Array(geometry.places).fill(NOTHING)
  }

  /** Bytes of the rows, the segments' included. */
  static bytes(slots: number, geometry: LogGeometry): number {
    return slots * 4 + geometry.places * 4 + Segments.bytes(geometry)
  }

  // --- What a slot has -----------------------------------------------------------------------------------------------

  /** -1 where nothing of it is on disk. */
  placeOf(slot: number): number {
    return Math.max(this.at[slot], NOTHING)
  }

  /** Id of its staged zpage; -1 where it has none. */
  stagedOf(slot: number): number {
    const at = this.at[slot]
    return at < NOTHING ? -2 - at : NOTHING
  }

  hasNothing(slot: number): boolean {
    return this.at[slot] === NOTHING
  }

  stage(slot: number, id: number): void {
    this.at[slot] = -2 - id
  }

  /** Nobody reads again what it has. */
  forget(slot: number): void {
    const at = this.at[slot]
    this.at[slot] = NOTHING
    if (at >= 0) this.leave(at)
  }

  // --- What lies at a place ------------------------------------------------------------------------------------------

  /** The slot of the page there; -1 where it is none. */
  slotAt(place: number): number {
    const owner = this.owner[place]
    return owner < BLOCK ? owner : NOTHING
  }

  isBlock(place: number): boolean {
    return this.owner[place] >= BLOCK && this.owner[place] < UNDER_WAY
  }

  isDead(place: number): boolean {
    return this.owner[place] === NOTHING
  }

  // --- Writes --------------------------------------------------------------------------------------------------------

  /** A place that a head of the segments gave is being written. `number`: the writer's own. */
  begin(place: number, number: number): void {
    this.owner[place] = UNDER_WAY + number
  }

  /** The writer's number of the write under way; below 0 where there is none. */
  writeAt(place: number): number {
    return this.owner[place] - UNDER_WAY
  }

  /** A page has been written, or has not, and then the slot has nothing any more. */
  endPage(slot: number, place: number, ok: boolean): void {
    const before = this.at[slot]
    this.at[slot] = ok ? place : NOTHING
    if (ok) this.owner[place] = slot
    else this.kill(place)
    if (before >= 0) this.leave(before)
    this.segments.ended(place)
  }

  /** @param alive zpages of it that are on disk now, and then settled; 0 where there are none, or it was not written */
  endBlock(place: number, alive: number): void {
    if (alive > 0) this.owner[place] = BLOCK + alive
    else this.kill(place)
    this.segments.ended(place)
  }

  /** A slot's zpage is in the block at a place. */
  settle(slot: number, place: number): void {
    this.at[slot] = place
  }

  /**
   * What was copied from one place to another lives there from now on, unless it has died meanwhile, or was not written.
   * @param page of the arena that holds the copy
   */
  endMove(from: number, to: number, page: number, ok: boolean): void {
    const owner = this.owner[from]
    if (ok && owner !== NOTHING) {
      this.owner[to] = owner
      if (owner < BLOCK) this.at[owner] = to
      else this.moveZpages(from, to, page)
      this.kill(from)
    } else this.kill(to)
    this.segments.ended(to)
  }

  private moveZpages(from: number, to: number, page: number): void {
    const { format, at } = this
    const count = format.count(page)
    for (let i = 0; i < count; i++) {
      const slot = format.slotOf(page, i)
      if (slot >= 0 && at[slot] === from) at[slot] = to
    }
  }

  /** What a slot had at a place is not wanted any more. */
  private leave(place: number): void {
    if (this.owner[place] > BLOCK + 1) this.owner[place]--
    else this.kill(place)
  }

  private kill(place: number): void {
    this.owner[place] = NOTHING
    this.segments.kill(place)
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** What is wrong with the books, in sentences; empty when all is well. */
  audit(staged: StagedBlocks): string[] {
    const wrong: string[] = []
    const inBlock = new Map<number, number>()
    for (let slot = 0; slot < this.at.length; slot++) {
      const place = this.at[slot]
      if (place < 0) {
        if (place < NOTHING && !staged.isAlive(-2 - place)) wrong.push(`slot ${slot} has a staged zpage given up`)
        continue
      }
      if (this.isBlock(place)) inBlock.set(place, (inBlock.get(place) ?? 0) + 1)
      else if (this.owner[place] !== slot)
        wrong.push(`slot ${slot} lies at place ${place}, whose owner is ${this.owner[place]}`)
    }
    const { segmentPlaces, segments } = this.segments.geometry
    const live = new Int32Array(segments)
    for (let place = 0; place < this.owner.length; place++) {
      const owner = this.owner[place]
      if (owner === NOTHING) continue
      live[Math.floor(place / segmentPlaces)]++
      if (owner < BLOCK && this.at[owner] !== place)
        wrong.push(`place ${place} is said to hold slot ${owner}, which lies at ${this.at[owner]}`)
      if (this.isBlock(place) && inBlock.get(place) !== owner - BLOCK)
        wrong.push(`the block at place ${place} counts ${owner - BLOCK} zpages, ${inBlock.get(place)} lie there`)
    }
    for (let segment = 0; segment < segments; segment++) {
      if (live[segment] !== this.segments.liveIn(segment))
        wrong.push(
          `segment ${segment} holds ${live[segment]} live places, ${this.segments.liveIn(segment)} were counted`,
        )
      if (live[segment] > 0 && this.segments.isFree(segment))
        wrong.push(`segment ${segment} is free and holds something`)
    }
    return wrong
  }
}
