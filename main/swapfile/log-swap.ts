import { MAX_INFLIGHT } from './direct-swap.ts'
import { type LogGeometry, type LogHead, Segments } from './segments.ts'
import { StagedBlocks } from './staged-blocks.ts'
import { breach, type DiskLayout, type SwapIo, SwapIoError, type WriteDone } from './swap-io.ts'
import {
  ZPAGE_DISCARDED,
  ZPAGE_DURABLE,
  ZPAGE_FAILED,
  type ZpageArea,
  type ZpageEnd,
  type ZpageOutcome,
} from './zpage-area.ts'
import { MAX_BLOCK_ZPAGE_BYTES, MAX_BLOCK_ZPAGES, type ZpageBlocks } from './zpage-block.ts'

/**
 * A swap area that writes a log: whatever goes to disk gets the next place, so that writes are contiguous whichever slots they are of.
 * It stands in front of a SwapIo of which it uses the slots as places. Room comes from segments whose places have died, and where
 * those do not suffice from cleaning: the live places of a segment move to the log's end (segments.ts chooses).
 *
 * at     Int32  row = slot   NOTHING | place >= 0 | -2-id of a staged zpage
 * owner  Int32  row = place  NOTHING | slot of a page | BLOCK + zpages alive in the block there | UNDER_WAY + token
 *
 * One row per token: a write under way, of a page (done), of a block, or a move. A place stays alive until what supersedes it is as durable
 * as the device's sync policy asks, so nothing is written over before. Nothing is allocated after construction.
 */

const NOTHING = -1
const BLOCK = 2 ** 28
const UNDER_WAY = 2 ** 29

const WRITE_PAGE = 0
const WRITE_BLOCK = 1
const MOVE = 2

/** Pages cleaning reads at once and moves together: 128 KiB, from where on a larger operation costs a disk no less for each page. */
const CLEAN_PAGES = 32

export interface LogOptions {
  slots: number
  geometry: LogGeometry
  /** The device's frames are its pages. */
  arena: Uint8Array
  /** First of logBufferPages(blocks) pages of the arena that nothing else uses. */
  buffers: number
  /** Blocks of zpages that may be filled or under way at once; 0: zpages are refused. */
  blocks: number
  /** Moves a zpage into its block. Offsets in bytes. */
  move(to: number, from: number, bytes: number): void
  /** Generation of each slot, bumped when it is freed (SlotMap.generation). */
  generations: Uint32Array
  now(): number
  /** The cleaning of one segment has ended, ns. */
  onCleaned(ns: number): void
}

/** Pages of RAM for its buffers: to clean with, and with blocks one to read into and the blocks themselves. */
export function logBufferPages(blocks: number): number {
  return CLEAN_PAGES + (blocks > 0 ? 1 + blocks : 0)
}

/** Bytes of its map and segments: charged to the lane's RAM. */
export function logMetadataBytes(slots: number, geometry: LogGeometry): number {
  return slots * (4 + 1) + geometry.places * 4 + Segments.bytes(geometry)
}

export interface LogCounters {
  /** Pages of 4096 bytes written, whatever they hold; cleaning included. */
  log_written_pages: number
  /** Of them by cleaning. */
  log_cleaned_pages: number
  log_cleaned_segments: number
  /** Pages read, whatever for. */
  log_read_pages: number
  /** Of them by cleaning; dead ones between live ones are read with them. */
  log_clean_reads: number
  log_clean_errors: number
  /** Writes that failed because no segment could be cleaned. */
  log_full: number
  /** Blocks of zpages that became durable, their zpages, and the compressed bytes in them. */
  log_blocks: number
  log_block_zpages: number
  log_block_bytes: number
  log_segments_free: number
  log_live_pages: number
}

export class LogSwap implements SwapIo, DiskLayout, ZpageArea {
  readonly slots: number
  readonly places: number
  readonly layout: DiskLayout = this
  readonly maxZpageBytes = MAX_BLOCK_ZPAGE_BYTES
  onZpage: ZpageEnd | null = null

  private readonly device: SwapIo
  private readonly options: LogOptions
  private readonly segments: Segments
  private readonly staged: StagedBlocks
  private readonly format: ZpageBlocks
  private readonly at: Int32Array
  private readonly owner: Int32Array
  /** By slot: a page of it is being written. */
  private readonly busy: Uint8Array
  private readonly newHead: LogHead = { segment: NOTHING, next: 0 }
  private readonly cleanHead: LogHead = { segment: NOTHING, next: 0 }
  private readonly cleanFrames: Int32Array
  private readonly readPage: number
  private readonly readFrames: Int32Array
  // Tokens.
  private readonly kindOf = new Uint8Array(MAX_INFLIGHT)
  /** The page's slot; the block; of a move, the place it leaves. */
  private readonly subjectOf = new Int32Array(MAX_INFLIGHT)
  private readonly frameOf = new Int32Array(MAX_INFLIGHT)
  private readonly placeOfToken = new Int32Array(MAX_INFLIGHT)
  private readonly okOf = new Uint8Array(MAX_INFLIGHT)
  private readonly doneOf: (WriteDone | null)[] = new Array<WriteDone | null>(MAX_INFLIGHT).fill(null)
  private readonly freeTokens = Int32Array.from({ length: MAX_INFLIGHT }, (_, i) => MAX_INFLIGHT - 1 - i)
  private freeTokenCount = MAX_INFLIGHT
  /** Ended on the device, and waiting to be delivered. A circle. */
  private readonly ready = new Int32Array(MAX_INFLIGHT)
  private readyHead = 0
  private readyCount = 0
  private pages = 0
  private moving = 0
  private delivering = false
  private readonly counts = {
    log_written_pages: 0,
    log_cleaned_pages: 0,
    log_cleaned_segments: 0,
    log_read_pages: 0,
    log_clean_reads: 0,
    log_clean_errors: 0,
    log_full: 0,
    log_blocks: 0,
    log_block_zpages: 0,
    log_block_bytes: 0,
  }
  private readonly onWritten: WriteDone

  /** @param device has geometry.places slots, all free */
  constructor(device: SwapIo, options: LogOptions) {
    const { slots, geometry, arena, buffers, blocks } = options
    if (device.slots < geometry.places) breach(`a log of ${geometry.places} places on an area of ${device.slots}`)
    this.device = device
    this.options = options
    this.slots = slots
    this.places = geometry.places
    this.segments = new Segments(geometry)
    this.cleanFrames = Int32Array.from({ length: CLEAN_PAGES }, (_, i) => buffers + i)
    this.readPage = buffers + CLEAN_PAGES
    this.readFrames = Int32Array.of(this.readPage)
    this.staged = new StagedBlocks(arena, this.readPage + 1, blocks)
    this.format = this.staged.format
    this.at = new Int32Array(slots).fill(NOTHING)
    this.owner = new Int32Array(geometry.places).fill(NOTHING)
    this.busy = new Uint8Array(slots)
    this.onWritten = (place, frame, ok) => this.written(place, frame, ok)
  }

  get inflight(): number {
    return this.pages + this.staged.underWay
  }

  /** Since the beginning, whatever they held. */
  get pagesWritten(): number {
    return this.counts.log_written_pages
  }

  get pagesRead(): number {
    return this.counts.log_read_pages
  }

  get counters(): LogCounters {
    return { ...this.counts, log_segments_free: this.segments.free, log_live_pages: this.segments.livePlaces }
  }

  // --- DiskLayout ----------------------------------------------------------------------------------------------------

  placeOf(slot: number): number {
    return Math.max(this.at[slot], NOTHING)
  }

  slotAt(place: number): number {
    const owner = this.owner[place]
    return owner < BLOCK ? owner : NOTHING
  }

  discard(slot: number): void {
    if (this.busy[slot]) breach(`slot ${slot} is freed while its write is under way`)
    const at = this.at[slot]
    if (at === NOTHING) return
    this.at[slot] = NOTHING
    if (at >= 0) this.leave(at)
    else this.staged.giveUp(-2 - at)
  }

  // --- SwapIo --------------------------------------------------------------------------------------------------------

  read(place: number, frames: Int32Array, count: number): number {
    const ns = this.device.read(place, frames, count)
    this.counts.log_read_pages += count
    return ns
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (!(slot >= 0 && slot < this.slots)) breach(`a write of slot ${slot} of ${this.slots}`)
    if (this.busy[slot]) breach(`slot ${slot} is written while its write is under way`)
    if (this.at[slot] < NOTHING) breach(`slot ${slot} is written while a zpage of it is staged`)
    this.busy[slot] = 1
    this.pages++
    const token = this.take(WRITE_PAGE, slot, frame)
    this.doneOf[token] = done
    this.submit(token, this.newPlace())
  }

  flush(): void {
    if (this.staged.filling >= 0) this.writeBlock(this.staged.finish())
    this.device.flush()
  }

  poll(): number {
    if (this.device.inflight > 0) this.device.poll()
    return this.deliver()
  }

  wait(): number {
    this.flush()
    while (this.readyCount === 0 && this.inflight > 0)
      if (this.device.wait() === 0) breach(`${this.inflight} pages are in flight, and nothing is on the device`)
    return this.deliver()
  }

  drain(): void {
    while (this.inflight > 0) this.wait()
  }

  // --- ZpageArea -----------------------------------------------------------------------------------------------------

  get stagedIds(): number {
    return this.staged.ids
  }

  get failedZpages(): number {
    return this.staged.failed
  }

  canStage(bytes: number): boolean {
    if (bytes > MAX_BLOCK_ZPAGE_BYTES) return false
    const { staged } = this
    if (staged.fits(bytes) || staged.hasEmpty) return true
    this.flush()
    return false
  }

  retryFailed(): number {
    const zpages = this.staged.failed
    while (this.staged.failed > 0) this.writeBlock(this.staged.retry())
    return zpages
  }

  stage(slot: number, generation: number, offset: number, bytes: number): number {
    if (this.busy[slot] || this.at[slot] !== NOTHING) breach(`a zpage of slot ${slot} is staged beside something of it`)
    const { staged } = this
    if (!staged.fits(bytes)) {
      if (staged.filling >= 0) this.writeBlock(staged.finish())
      staged.begin()
    }
    const id = staged.add(slot, generation, bytes)
    this.options.move(staged.offsetOf(id), offset, bytes)
    this.at[slot] = -2 - id
    return id
  }

  stagedOf(slot: number): number {
    const at = this.at[slot]
    return at < NOTHING ? -2 - at : NOTHING
  }

  stagedOffset(id: number): number {
    return this.staged.offsetOf(id)
  }

  stagedBytes(id: number): number {
    return this.staged.bytesOf(id)
  }

  readBlock(slot: number, along: Int32Array): number {
    const place = this.at[slot]
    if (place < 0 || this.owner[place] < BLOCK || this.owner[place] >= UNDER_WAY)
      breach(`slot ${slot} has no zpage on disk`)
    this.read(place, this.readFrames, 1)
    this.rowOf(slot)
    const { format, readPage } = this
    const count = format.count(readPage)
    let others = 0
    for (let i = 0; i < count; i++) {
      const other = format.slotOf(readPage, i)
      if (other >= 0 && other !== slot && this.at[other] === place) along[others++] = other
    }
    return others
  }

  readOffset(slot: number): number {
    return this.format.offsetOf(this.readPage, this.rowOf(slot))
  }

  readBytes(slot: number): number {
    return this.format.bytesOf(this.readPage, this.rowOf(slot))
  }

  /** The row of a slot's zpage in the block read last. @throws LabError `invariant`: the disk gave another block, or a damaged one */
  private rowOf(slot: number): number {
    const { format, readPage } = this
    const count = format.isBlock(readPage) ? Math.min(format.count(readPage), MAX_BLOCK_ZPAGES) : 0
    for (let i = 0; i < count; i++)
      if (
        format.slotOf(readPage, i) === slot &&
        format.generationOf(readPage, i) === this.options.generations[slot] &&
        format.bytesOf(readPage, i) <= MAX_BLOCK_ZPAGE_BYTES
      )
        return i
    return breach(`the block at place ${this.at[slot]} holds no zpage of slot ${slot}`)
  }

  // --- Writes --------------------------------------------------------------------------------------------------------

  private take(kind: number, subject: number, frame: number): number {
    if (this.freeTokenCount === 0) breach(`more than ${MAX_INFLIGHT} writes are under way`)
    const token = this.freeTokens[--this.freeTokenCount]
    this.kindOf[token] = kind
    this.subjectOf[token] = subject
    this.frameOf[token] = frame
    return token
  }

  private giveBack(token: number): void {
    this.doneOf[token] = null
    this.freeTokens[this.freeTokenCount++] = token
  }

  /** Sends a write to its place; -1: it has failed, for want of one. */
  private submit(token: number, place: number): void {
    this.placeOfToken[token] = place
    if (place < 0) {
      this.okOf[token] = 0
      this.pushReady(token)
      return
    }
    this.owner[place] = UNDER_WAY + token
    this.counts.log_written_pages++
    this.device.write(place, this.frameOf[token], this.onWritten)
  }

  private writeBlock(block: number): void {
    const token = this.take(WRITE_BLOCK, block, this.staged.pageOf(block))
    if (this.staged.aliveIn(block) > 0) {
      this.submit(token, this.newPlace())
      return
    }
    // Nothing in it is wanted any more.
    this.placeOfToken[token] = NOTHING
    this.okOf[token] = 1
    this.pushReady(token)
  }

  /** The device has ended a write. What others may build on, once it is durable, is settled here; callers hear of it in deliver(). */
  private written(place: number, frame: number, ok: boolean): void {
    const token = this.owner[place] - UNDER_WAY
    if (token < 0 || this.frameOf[token] !== frame) breach(`a write of place ${place} ended that nobody had begun`)
    this.okOf[token] = ok ? 1 : 0
    switch (this.kindOf[token]) {
      case WRITE_PAGE:
        this.settlePage(this.subjectOf[token], place, ok)
        this.segments.ended(place)
        this.pushReady(token)
        break
      case WRITE_BLOCK:
        // Its zpages are readable where they are staged until their callers have heard.
        this.pushReady(token)
        break
      case MOVE:
        this.settleMove(this.subjectOf[token], place, frame, ok)
        this.segments.ended(place)
        this.giveBack(token)
        this.moving--
        break
    }
  }

  private settlePage(slot: number, place: number, ok: boolean): void {
    const before = this.at[slot]
    this.at[slot] = ok ? place : NOTHING
    if (ok) this.owner[place] = slot
    else this.kill(place)
    if (before >= 0) this.leave(before)
  }

  /** What a slot had at a place is not wanted any more. */
  private leave(place: number): void {
    const owner = this.owner[place]
    if (owner > BLOCK + 1) this.owner[place]--
    else this.kill(place)
  }

  private kill(place: number): void {
    this.owner[place] = NOTHING
    this.segments.kill(place)
  }

  private pushReady(token: number): void {
    this.ready[(this.readyHead + this.readyCount++) % MAX_INFLIGHT] = token
  }

  private deliver(): number {
    if (this.delivering) breach('poll, wait or drain was called from a WriteDone')
    this.delivering = true
    let pages = 0
    try {
      // What a WriteDone adds waits for the next call.
      for (let left = this.readyCount; left > 0; left--) {
        const token = this.ready[this.readyHead]
        this.readyHead = (this.readyHead + 1) % MAX_INFLIGHT
        this.readyCount--
        const subject = this.subjectOf[token]
        const ok = this.okOf[token] === 1
        if (this.kindOf[token] === WRITE_PAGE) {
          const frame = this.frameOf[token]
          const done = this.doneOf[token]
          this.giveBack(token)
          this.busy[subject] = 0
          this.pages--
          pages++
          done?.(subject, frame, ok)
        } else {
          const place = this.placeOfToken[token]
          this.giveBack(token)
          pages += this.deliverBlock(subject, place, ok)
        }
      }
    } finally {
      this.delivering = false
    }
    return pages
  }

  /** Returns zpages whose end was told. */
  private deliverBlock(block: number, place: number, ok: boolean): number {
    const { staged, format, counts } = this
    const page = staged.pageOf(block)
    const count = format.count(page)
    const first = block * MAX_BLOCK_ZPAGES
    const alive = staged.aliveIn(block)
    if (place >= 0) {
      if (ok && alive > 0) this.owner[place] = BLOCK + alive
      else this.kill(place)
      this.segments.ended(place)
    }
    if (ok && alive > 0) {
      counts.log_blocks++
      counts.log_block_zpages += alive
      for (let i = 0; i < count; i++) {
        if (!staged.isAlive(first + i)) continue
        this.at[format.slotOf(page, i)] = place
        counts.log_block_bytes += format.bytesOf(page, i)
      }
    }
    let told = 0
    for (let i = 0; i < count; i++) {
      if (!staged.isPresent(first + i)) continue
      told++
      const slot = format.slotOf(page, i)
      const outcome: ZpageOutcome = !staged.isAlive(first + i) ? ZPAGE_DISCARDED : ok ? ZPAGE_DURABLE : ZPAGE_FAILED
      this.onZpage?.(slot, first + i, outcome)
    }
    if (ok) staged.end(block)
    else staged.fail(block)
    return told
  }

  // --- Room ----------------------------------------------------------------------------------------------------------

  /** The log's end moves on; cleans where it must. -1 where no segment could be cleaned. */
  private newPlace(): number {
    let place = this.segments.give(this.newHead)
    if (place >= 0) return place
    const { segments } = this
    const { reserve } = segments.geometry
    if (segments.free <= reserve) this.makeRoom(reserve)
    if (segments.free <= reserve) {
      this.counts.log_full++
      return NOTHING
    }
    segments.open(this.newHead)
    place = segments.give(this.newHead)
    return place
  }

  /** Cleans until more than `reserve` segments are free, or none is left that can be. */
  private makeRoom(reserve: number): void {
    const { segments, device } = this
    segments.forgive()
    while (segments.free <= reserve) {
      const victim = segments.victim()
      if (victim >= 0) {
        const start = this.options.now()
        if (this.clean(victim)) this.counts.log_cleaned_segments++
        else segments.avoid(victim)
        this.options.onCleaned(this.options.now() - start)
      } else if (device.inflight > 0) device.wait()
      else return
    }
  }

  /** Moves what lives in a segment, and waits until that is durable. False where something stayed. */
  private clean(segment: number): boolean {
    const { segments, cleanFrames } = this
    const { segmentPlaces } = segments.geometry
    const first = segment * segmentPlaces
    for (let from = first; from < first + segmentPlaces && !segments.isFree(segment); from += CLEAN_PAGES) {
      // One large read of the window from its first live place to its last costs less than one for each run.
      const limit = Math.min(from + CLEAN_PAGES, first + segmentPlaces)
      let begin = from
      let end = limit
      while (begin < limit && this.owner[begin] === NOTHING) begin++
      while (end > begin && this.owner[end - 1] === NOTHING) end--
      if (begin === end) continue
      try {
        this.read(begin, cleanFrames, end - begin)
      } catch (error) {
        if (!(error instanceof SwapIoError)) throw error
        this.counts.log_clean_errors++
        return false
      }
      this.counts.log_clean_reads += end - begin
      for (let place = begin; place < end; place++) {
        if (this.owner[place] === NOTHING) continue
        const to = this.cleanPlace()
        if (to < 0) return this.settleMoves(false)
        this.moving++
        this.counts.log_cleaned_pages++
        this.submit(this.take(MOVE, place, cleanFrames[place - begin]), to)
      }
      this.settleMoves(true)
    }
    return segments.isFree(segment)
  }

  private settleMoves(result: boolean): boolean {
    this.device.flush()
    while (this.moving > 0) if (this.device.wait() === 0) breach('a move was under way, and nothing is')
    return result
  }

  private cleanPlace(): number {
    const { segments, cleanHead } = this
    const place = segments.give(cleanHead)
    if (place >= 0 || segments.free === 0) return place
    segments.open(cleanHead)
    return segments.give(cleanHead)
  }

  /** What was copied from one place to another lives there from now on, unless it has died meanwhile. */
  private settleMove(from: number, to: number, frame: number, ok: boolean): void {
    const owner = this.owner[from]
    if (!ok || owner === NOTHING) {
      if (!ok) this.counts.log_clean_errors++
      this.kill(to)
      return
    }
    this.owner[to] = owner
    if (owner < BLOCK) this.at[owner] = to
    else {
      const count = this.format.count(frame)
      for (let i = 0; i < count; i++) {
        const slot = this.format.slotOf(frame, i)
        if (slot >= 0 && this.at[slot] === from) this.at[slot] = to
      }
    }
    this.kill(from)
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** What is wrong with the books, in sentences; empty when all is well. */
  audit(): string[] {
    const wrong: string[] = []
    const inBlock = new Map<number, number>()
    for (let slot = 0; slot < this.slots; slot++) {
      const place = this.at[slot]
      if (place < 0) {
        if (place < NOTHING && !this.staged.isAlive(-2 - place)) wrong.push(`slot ${slot} has a staged zpage given up`)
        continue
      }
      const owner = this.owner[place]
      if (owner >= BLOCK && owner < UNDER_WAY) inBlock.set(place, (inBlock.get(place) ?? 0) + 1)
      else if (owner !== slot) wrong.push(`slot ${slot} lies at place ${place}, whose owner is ${owner}`)
    }
    const { segmentPlaces, segments } = this.segments.geometry
    const live = new Int32Array(segments)
    for (let place = 0; place < this.places; place++) {
      const owner = this.owner[place]
      if (owner === NOTHING) continue
      live[Math.floor(place / segmentPlaces)]++
      if (owner < BLOCK && this.at[owner] !== place)
        wrong.push(`place ${place} is said to hold slot ${owner}, which lies at ${this.at[owner]}`)
      if (owner >= BLOCK && owner < UNDER_WAY && inBlock.get(place) !== owner - BLOCK)
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
