import { BlockReader } from './block-reader.ts'
import { CLEAN_PAGES, type CleanMeter, LogCleaner } from './log-cleaner.ts'
import { type LogCounters, newLogCounters } from './log-counters.ts'
import { LogMap } from './log-map.ts'
import { PagesInFlight } from './pages-in-flight.ts'
import type { LogGeometry, LogHead } from './segments.ts'
import { StagedBlocks } from './staged-blocks.ts'
import { breach, type DiskLayout, type SwapIo, type WriteDone } from './swap-io.ts'
import {
  ZPAGE_DISCARDED,
  ZPAGE_DURABLE,
  ZPAGE_FAILED,
  type ZpageArea,
  type ZpageEnd,
  type ZpageOutcome,
} from './zpage-area.ts'
import { MAX_BESIDE_ZPAGE_BYTES, MAX_BLOCK_ZPAGE_BYTES, MAX_BLOCK_ZPAGES, type ZpageBlocks } from './zpage-block.ts'

/**
 * A swap area that writes a log: whatever goes to disk gets the next place, so that writes are contiguous whichever slots they are of.
 * It stands in front of a SwapIo of which it uses the slots as places. What lies where is in log-map.ts; room comes from segments whose places have
 * died (segments.ts), and where those do not suffice from cleaning (log-cleaner.ts).
 *
 * Pages and blocks of zpages are written alike: a block is a page in flight whose slot is `slots` + its number. Their callers hear of the end in
 * poll, wait or drain, whenever the device told it. Nothing is allocated after construction.
 */

const NOWHERE = -1

export interface LogOptions extends CleanMeter {
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
}

/** Pages of RAM for its buffers: to clean with, and with blocks one to read into and the blocks themselves. */
export function logBufferPages(blocks: number): number {
  return CLEAN_PAGES + (blocks > 0 ? 1 + blocks : 0)
}

/** Bytes of its map and segments, and a byte for each slot: charged to the lane's RAM. */
export function logMetadataBytes(slots: number, geometry: LogGeometry): number {
  return slots + LogMap.bytes(slots, geometry)
}

export class LogSwap implements SwapIo, DiskLayout, ZpageArea {
  readonly slots: number
  readonly places: number
  readonly layout: DiskLayout = this
  readonly maxZpageBytes = MAX_BLOCK_ZPAGE_BYTES
  onZpage: ZpageEnd | null = null

  private readonly device: SwapIo
  private readonly options: LogOptions
  private readonly map: LogMap
  private readonly cleaner: LogCleaner
  private readonly head: LogHead = { segment: NOWHERE, next: 0 }
  private readonly inFlight: PagesInFlight
  private readonly staged: StagedBlocks
  private readonly format: ZpageBlocks
  private readonly reader: BlockReader
  private readonly counts = newLogCounters()
  private readonly onWritten: WriteDone
  private readonly onBlock: WriteDone

  /** @param device has geometry.places slots, all free */
  constructor(device: SwapIo, options: LogOptions) {
    const { slots, geometry, arena, buffers, blocks, generations } = options
    if (device.slots < geometry.places) breach(`a log of ${geometry.places} places on an area of ${device.slots}`)
    this.device = device
    this.options = options
    this.slots = slots
    this.places = geometry.places
    const readPage = buffers + CLEAN_PAGES
    this.staged = new StagedBlocks(arena, readPage + 1, blocks)
    this.format = this.staged.format
    this.map = new LogMap(slots, geometry, this.format)
    const { map, format, counts } = this
    this.cleaner = new LogCleaner(device, map, buffers, counts, options)
    this.reader = new BlockReader(readPage, { device, map, format, counts, generations })
    this.inFlight = new PagesInFlight(slots + blocks)
    this.onWritten = (place, frame, ok) => this.written(place, frame, ok)
    this.onBlock = (subject, _page, ok) => this.blockDone(subject - slots, ok)
  }

  get inflight(): number {
    return this.inFlight.count + (this.staged.filling < 0 ? 0 : 1)
  }

  /** Since the beginning, whatever they held. */
  get pagesWritten(): number {
    return this.counts.log_written_pages
  }

  get pagesRead(): number {
    return this.counts.log_read_pages
  }

  get counters(): LogCounters & { log_segments_free: number; log_live_pages: number } {
    const { segments } = this.map
    return { ...this.counts, log_segments_free: segments.free, log_live_pages: segments.livePlaces }
  }

  /** What is wrong with the books, in sentences; empty when all is well. */
  audit(): string[] {
    return this.map.audit(this.staged)
  }

  // --- DiskLayout ----------------------------------------------------------------------------------------------------

  placeOf(slot: number): number {
    return this.map.placeOf(slot)
  }

  slotAt(place: number): number {
    return this.map.slotAt(place)
  }

  discard(slot: number): void {
    if (this.inFlight.isBusy(slot)) breach(`slot ${slot} is freed while its write is under way`)
    const id = this.map.stagedOf(slot)
    this.map.forget(slot)
    if (id >= 0) this.staged.giveUp(id)
  }

  // --- SwapIo --------------------------------------------------------------------------------------------------------

  read(place: number, frames: Int32Array, count: number): number {
    const ns = this.device.read(place, frames, count)
    this.counts.log_read_pages += count
    return ns
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (!(slot < this.slots)) breach(`a write of slot ${slot} of ${this.slots}`)
    if (this.map.stagedOf(slot) >= 0) breach(`slot ${slot} is written while a zpage of it is staged`)
    this.submit(this.inFlight.begin(slot, frame, done), this.newPlace())
  }

  flush(): void {
    if (this.staged.filling >= 0) this.writeBlock(this.staged.finish())
    this.device.flush()
  }

  poll(): number {
    if (this.device.inflight > 0) this.device.poll()
    return this.inFlight.deliver()
  }

  wait(): number {
    this.flush()
    while (this.inFlight.ended === 0 && this.inflight > 0)
      if (this.device.wait() === 0) breach(`${this.inflight} pages are in flight, and nothing is on the device`)
    return this.inFlight.deliver()
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

  sharesBlock(bytes: number, zpages = 1): boolean {
    return this.staged.fits(bytes + (zpages - 1) * MAX_BESIDE_ZPAGE_BYTES)
  }

  retryFailed(): number {
    const zpages = this.staged.failed
    while (this.staged.failed > 0) this.writeBlock(this.staged.retry())
    return zpages
  }

  stage(slot: number, generation: number, offset: number, bytes: number): number {
    if (this.inFlight.isBusy(slot) || !this.map.hasNothing(slot))
      breach(`a zpage of slot ${slot} is staged beside something of it`)
    const { staged } = this
    if (!staged.fits(bytes)) {
      if (staged.filling >= 0) this.writeBlock(staged.finish())
      staged.begin()
    }
    const id = staged.add(slot, generation, bytes)
    this.options.move(staged.offsetOf(id), offset, bytes)
    this.map.stage(slot, id)
    return id
  }

  stagedOf(slot: number): number {
    return this.map.stagedOf(slot)
  }

  stagedOffset(id: number): number {
    return this.staged.offsetOf(id)
  }

  stagedBytes(id: number): number {
    return this.staged.bytesOf(id)
  }

  readBlock(slot: number, along: Int32Array): number {
    return this.reader.read(slot, along)
  }

  readOffset(slot: number): number {
    return this.reader.offsetOf(slot)
  }

  readBytes(slot: number): number {
    return this.reader.bytesOf(slot)
  }

  // --- Writes --------------------------------------------------------------------------------------------------------

  /** The log's end moves on; cleans where it must. -1 where no segment could be cleaned. */
  private newPlace(): number {
    const { head } = this
    const { segments } = this.map
    const place = segments.give(head)
    if (place >= 0) return place
    const { reserve } = segments.geometry
    if (segments.free <= reserve) this.cleaner.makeRoom(reserve)
    if (segments.free <= reserve) {
      this.counts.log_full++
      return NOWHERE
    }
    segments.open(head)
    return segments.give(head)
  }

  /** Sends a write to its place; -1: it has failed, for want of one. */
  private submit(token: number, place: number): void {
    const { inFlight } = this
    if (place < 0) {
      inFlight.ok[token] = 0
      inFlight.end(token)
      return
    }
    this.map.begin(place, token)
    this.counts.log_written_pages++
    this.device.write(place, inFlight.frame[token], this.onWritten)
  }

  private writeBlock(block: number): void {
    const { staged, inFlight } = this
    const token = inFlight.begin(this.slots + block, staged.pageOf(block), this.onBlock)
    // Where nothing in it is wanted any more, its write ends before it begins.
    const wanted = staged.aliveIn(block) > 0
    const place = wanted ? this.newPlace() : NOWHERE
    staged.placeOf[block] = place
    if (wanted) this.submit(token, place)
    else inFlight.end(token)
  }

  /** The device has ended a write. What others may build on, once it is durable, is settled here; callers hear of it when it is delivered. */
  private written(place: number, frame: number, ok: boolean): void {
    const { inFlight, slots } = this
    const token = this.map.writeAt(place)
    if (token < 0 || inFlight.frame[token] !== frame) breach(`a write of place ${place} ended that nobody had begun`)
    if (!ok) inFlight.ok[token] = 0
    // A block's zpages are readable where they are staged until their callers have heard.
    if (inFlight.slot[token] < slots) this.map.endPage(inFlight.slot[token], place, ok)
    inFlight.end(token)
  }

  private blockDone(block: number, ok: boolean): void {
    const { staged, format, counts, map } = this
    const page = staged.pageOf(block)
    const place = staged.placeOf[block]
    const count = format.count(page)
    const first = block * MAX_BLOCK_ZPAGES
    const durable = ok ? staged.aliveIn(block) : 0
    if (place >= 0) map.endBlock(place, durable)
    if (durable > 0) {
      counts.log_blocks++
      counts.log_block_zpages += durable
      for (let i = 0; i < count; i++) {
        if (!staged.isAlive(first + i)) continue
        map.settle(format.slotOf(page, i), place)
        counts.log_block_bytes += format.bytesOf(page, i)
      }
    }
    for (let i = 0; i < count; i++) {
      if (!staged.isPresent(first + i)) continue
      const outcome: ZpageOutcome = !staged.isAlive(first + i) ? ZPAGE_DISCARDED : ok ? ZPAGE_DURABLE : ZPAGE_FAILED
      this.onZpage?.(format.slotOf(page, i), first + i, outcome)
    }
    if (ok) staged.end(block)
    else staged.fail(block)
  }
}
