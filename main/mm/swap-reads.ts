import type { SwapIo } from '../swapfile/index.ts'
import { type Backend, MAX_ALONG } from './backend.ts'
import type { MmCounters } from './counters.ts'
import { FRAME_READAHEAD } from './frames.ts'
import { LIST_INACTIVE_ANON, type Lru } from './lru.ts'
import { ReadaheadWindow } from './readahead.ts'
import type { SwapCache } from './swap-cache.ts'
import { SLOT_WRITTEN_BACK } from './swap-slots.ts'
import type { Watermarks } from './watermarks.ts'

/** Answers faults from the swap area on disk, and brings neighbours along. It never reclaims for readahead's sake. */
export class SwapReads {
  /** Pages read ahead that had been written back. */
  writtenBackAhead = 0
  private readonly cache: SwapCache
  private readonly lru: Lru
  private readonly io: SwapIo
  private readonly backend: Backend | null
  private readonly counters: MmCounters
  private readonly watermarks: Watermarks
  private readonly window: ReadaheadWindow
  private readonly readFrames: Int32Array
  private readonly along = new Int32Array(MAX_ALONG)

  /** @param readahead largest window, pages */
  constructor(
    readahead: number,
    parts: {
      cache: SwapCache
      lru: Lru
      io: SwapIo
      backend: Backend | null
      counters: MmCounters
      watermarks: Watermarks
    },
  ) {
    this.cache = parts.cache
    this.lru = parts.lru
    this.io = parts.io
    this.backend = parts.backend
    this.counters = parts.counters
    this.watermarks = parts.watermarks
    this.window = new ReadaheadWindow(readahead)
    this.readFrames = new Int32Array(readahead)
  }

  /** A page that was read ahead is used. */
  hit(): void {
    this.window.hit()
    this.counters.swap_ra_hit++
  }

  /** Reads a slot's page into a frame, which enters the swap cache. @throws SwapIoError; the frame is free then, and the page where it was */
  read(slot: number, frame: number): void {
    const pages = this.cache.swap.inBackendForm(slot) ? this.readInBackendForm(slot, frame) : this.readRun(slot, frame)
    this.cache.enter(slot, frame)
    this.counters.pswpin += pages
    this.cache.frontswap?.diskFault(slot, pages)
  }

  /**
   * Has the backend read what it wrote for this slot in a form of its own, and fills the frame with the page. Returns how many other slots came
   * with it. @throws SwapIoError
   */
  readBack(slot: number, frame: number): number {
    const { backend } = this
    if (!backend?.readBack || !backend.fillReadBack)
      throw new Error(`slot ${slot} is on disk in the form of a backend that reads nothing back`)
    const others = backend.readBack(slot, this.along)
    backend.fillReadBack(slot, frame)
    return others
  }

  /** One read of the run of neighbours in the aligned window that are on disk and nowhere else. Returns pages read. */
  private readRun(slot: number, frame: number): number {
    const { cache, readFrames } = this
    const { frames, layout } = cache
    const place = layout ? layout.placeOf(slot) : slot
    const window = this.window.next(place)
    const base = place - (place % window)
    let first = place
    let end = place + 1
    let spare = frames.free - this.watermarks.low
    const limit = Math.min(base + window, layout ? layout.places : cache.swap.vpn.length)
    while (end < limit && spare > 0 && cache.onlyOnDisk(this.slotAt(end))) {
      end++
      spare--
    }
    while (first > base && spare > 0 && cache.onlyOnDisk(this.slotAt(first - 1))) {
      first--
      spare--
    }
    const count = end - first
    for (let i = 0; i < count; i++) readFrames[i] = first + i === place ? frame : frames.take()
    try {
      this.io.read(first, readFrames, count)
    } catch (error) {
      for (let i = 0; i < count; i++) frames.release(readFrames[i])
      this.counters.read_errors++
      throw error
    }
    for (let i = 0; i < count; i++)
      if (readFrames[i] !== frame) this.addReadAhead(this.slotAt(first + i), readFrames[i])
    return count
  }

  /** Pages that come along with what the backend wrote are read ahead for nothing, as far as the window goes. Returns pages read. */
  private readInBackendForm(slot: number, frame: number): number {
    const { along, cache } = this
    let others: number
    try {
      others = this.readBack(slot, frame)
    } catch (error) {
      cache.frames.release(frame)
      this.counters.read_errors++
      throw error
    }
    const window = this.window.next(cache.layout?.placeOf(slot) ?? slot, true)
    let spare = cache.frames.free - this.watermarks.low
    let count = 1
    for (let i = 0; i < others && count < window && spare > 0; i++) {
      if (!cache.onlyOnDisk(along[i])) continue
      const page = cache.frames.take()
      this.backend?.fillReadBack?.(along[i], page)
      this.addReadAhead(along[i], page)
      count++
      spare--
    }
    return count
  }

  private addReadAhead(slot: number, frame: number): void {
    this.cache.enter(slot, frame)
    this.cache.frames.flags[frame] = FRAME_READAHEAD
    this.counters.swap_ra++
    if (this.cache.swap.flags[slot] & SLOT_WRITTEN_BACK) this.writtenBackAhead++
    this.lru.add(frame, LIST_INACTIVE_ANON)
  }

  private slotAt(place: number): number {
    const { layout } = this.cache
    return layout ? layout.slotAt(place) : place
  }
}
