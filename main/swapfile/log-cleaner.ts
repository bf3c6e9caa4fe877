import type { LogCounters } from './log-counters.ts'
import type { LogMap } from './log-map.ts'
import type { LogHead } from './segments.ts'
import { breach, type SwapIo, SwapIoError, type WriteDone } from './swap-io.ts'

/** Pages cleaning reads at once and moves together: 128 KiB, from where on a larger operation costs a disk no less for each page. */
export const CLEAN_PAGES = 32

export interface CleanMeter {
  now(): number
  /** The cleaning of one segment has ended, ns. */
  onCleaned(ns: number): void
}

/**
 * Makes room in a log: what lives in a segment moves to a head of its own, and is durable there before the segment is free. Runs inside the write that
 * wants the room, and waits for its own.
 */
export class LogCleaner {
  private readonly device: SwapIo
  private readonly map: LogMap
  private readonly counts: LogCounters
  private readonly meter: CleanMeter
  private readonly head: LogHead = { segment: -1, next: 0 }
  /** Pages of the arena that what moves is read into, and the place that each leaves. */
  private readonly frames: Int32Array
  private readonly leaves = new Int32Array(CLEAN_PAGES)
  private moving = 0
  private readonly onMoved: WriteDone

  /** @param firstPage of CLEAN_PAGES pages of the arena */
  constructor(device: SwapIo, map: LogMap, firstPage: number, counts: LogCounters, meter: CleanMeter) {
    this.device = device
    this.map = map
    this.counts = counts
    this.meter = meter
    this.frames = Int32Array.from({ length: CLEAN_PAGES }, (_, i) => firstPage + i)
    this.onMoved = (place, frame, ok) => this.moved(place, frame, ok)
  }

  /** Cleans until more than `reserve` segments are free, or none is left that can be. */
  makeRoom(reserve: number): void {
    const { device, counts, meter } = this
    const { segments } = this.map
    segments.forgive()
    while (segments.free <= reserve) {
      const victim = segments.victim()
      if (victim >= 0) {
        const start = meter.now()
        if (this.clean(victim)) counts.log_cleaned_segments++
        else segments.avoid(victim)
        meter.onCleaned(meter.now() - start)
      } else if (device.inflight > 0) device.wait()
      else return
    }
  }

  /** Moves what lives in a segment, and waits until that is durable. False where something stayed. */
  private clean(segment: number): boolean {
    const { map, frames, counts } = this
    const { segments } = map
    const { segmentPlaces } = segments.geometry
    const first = segment * segmentPlaces
    for (let from = first; from < first + segmentPlaces && !segments.isFree(segment); from += CLEAN_PAGES) {
      // One large read of the window from its first live place to its last costs less than one for each run.
      let begin = from
      let end = Math.min(from + CLEAN_PAGES, first + segmentPlaces)
      while (begin < end && map.isDead(begin)) begin++
      while (end > begin && map.isDead(end - 1)) end--
      if (begin === end) continue
      try {
        this.device.read(begin, frames, end - begin)
      } catch (error) {
        if (!(error instanceof SwapIoError)) throw error
        counts.log_clean_errors++
        return false
      }
      counts.log_read_pages += end - begin
      counts.log_clean_reads += end - begin
      const all = this.move(begin, end)
      this.settle()
      if (!all) return false
    }
    return segments.isFree(segment)
  }

  /** Sends what lives in the window that was read to new places. False where there was none for some of it. */
  private move(begin: number, end: number): boolean {
    const { map, frames, leaves, counts } = this
    for (let place = begin; place < end; place++) {
      if (map.isDead(place)) continue
      const to = this.newPlace()
      if (to < 0) return false
      const move = place - begin
      leaves[move] = place
      this.moving++
      counts.log_cleaned_pages++
      counts.log_written_pages++
      map.begin(to, move)
      this.device.write(to, frames[move], this.onMoved)
    }
    return true
  }

  private moved(to: number, frame: number, ok: boolean): void {
    const move = this.map.writeAt(to)
    if (this.frames[move] !== frame) breach(`a move to place ${to} ended that nobody had begun`)
    if (!ok) this.counts.log_clean_errors++
    this.map.endMove(this.leaves[move], to, frame, ok)
    this.moving--
  }

  private settle(): void {
    this.device.flush()
    while (this.moving > 0) if (this.device.wait() === 0) breach('a move was under way, and nothing is')
  }

  private newPlace(): number {
    const { head } = this
    const { segments } = this.map
    const place = segments.give(head)
    if (place >= 0 || segments.free === 0) return place
    segments.open(head)
    return segments.give(head)
  }
}
