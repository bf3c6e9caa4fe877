import type { Clock } from './clock.ts'
import type { Recorder } from './recorder.ts'

/**
 * The seam between core mm and a backend that may keep clean pages of files: put, get, flush page, flush inode, flush fs
 * (Documentation/vm/cleancache.txt). Nothing here is a promise: a page that was put may be gone at any get. One file is mapped, so
 * a page is named by its number in it.
 */

/** What such a backend offers. */
export interface EphemeralBackend {
  /** Takes a copy of a clean page, or refuses; in both cases no older copy is left. */
  putPage(page: number, frame: number): boolean
  /** Fills the frame from its copy and drops the copy. False where it has none. */
  getPage(page: number, frame: number): boolean
  flushPage(page: number): void
  flushInode(): void
  /** Drops every page there is, and what they were found by: nothing is asked of it afterwards. */
  flushFs(): void
}

/** cleancache's own counters, by their kernel names. */
export interface CleancacheCounters {
  cleancache_succ_gets: number
  cleancache_failed_gets: number
  cleancache_puts: number
  cleancache_flushes: number
}

export interface CleancacheMeters {
  /** A put, taken or refused, ns. */
  cleancachePut: Recorder
  /** A get that found the page, ns. */
  cleancacheGet: Recorder
}

export class Cleancache {
  readonly counters: CleancacheCounters = {
    cleancache_succ_gets: 0,
    cleancache_failed_gets: 0,
    cleancache_puts: 0,
    cleancache_flushes: 0,
  }
  private readonly backend: EphemeralBackend
  private readonly clock: Clock
  private readonly meters: CleancacheMeters

  constructor(backend: EphemeralBackend, clock: Clock, meters: CleancacheMeters) {
    this.backend = backend
    this.clock = clock
    this.meters = meters
  }

  /** A clean page leaves RAM. As in the kernel the frontend does not learn whether it was taken. */
  put(page: number, frame: number): void {
    const start = this.clock.now()
    this.backend.putPage(page, frame)
    this.counters.cleancache_puts++
    this.meters.cleancachePut.record(this.clock.now() - start)
  }

  /** Exclusive. False: the page must be read from its file. */
  get(page: number, frame: number): boolean {
    const start = this.clock.now()
    if (!this.backend.getPage(page, frame)) {
      this.counters.cleancache_failed_gets++
      return false
    }
    this.counters.cleancache_succ_gets++
    this.meters.cleancacheGet.record(this.clock.now() - start)
    return true
  }

  /** The page of the file changes or is cut off. */
  flushPage(page: number): void {
    this.backend.flushPage(page)
    this.counters.cleancache_flushes++
  }

  /** The file goes away. */
  flushInode(): void {
    this.backend.flushInode()
    this.counters.cleancache_flushes++
  }

  /** The file system is unmounted. */
  flushFs(): void {
    this.backend.flushFs()
  }
}
