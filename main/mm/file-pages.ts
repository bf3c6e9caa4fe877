import type { FileIo } from '../swapfile/index.ts'
import type { Cleancache } from './cleancache.ts'
import { type FaultPath, PATH_CLEANCACHE, PATH_FILE } from './fault-path.ts'
import { FRAME_FILE, FRAME_READAHEAD, FRAME_REFERENCED, type Frames } from './frames.ts'
import { LIST_INACTIVE_FILE, type Lru } from './lru.ts'
import { ReadAround } from './read-around.ts'
import type { Watermarks } from './watermarks.ts'

/** The part of the address space that is a private mapping of a file (MAP_PRIVATE). */
export interface MappedFile {
  /** Row = vpn: page of the file, -1 for anonymous memory. */
  pageOf: Int32Array
  io: FileIo
}

export interface FileCounters {
  faults_file: number
  faults_cleancache: number
  /** Pages read from the file, those read ahead among them. */
  file_reads: number
  /** Pages brought in beside the one that was wanted, from the file or from cleancache, and those of them that were used. */
  file_ra: number
  file_ra_hit: number
  /** Clean file pages that left RAM; cleancache was offered each. */
  file_drops: number
  /** Pages of the file that were written to, and are anonymous memory from then on. */
  file_cows: number
}

interface FileParts {
  pte: Int32Array
  frames: Frames
  lru: Lru
  watermarks: Watermarks
  cleancache: Cleancache | null
}

/**
 * Where pages of the mapped file come from. Such a page is always clean: it leaves RAM without a write, and its page table entry is none
 * again, as before it was first touched.
 *
 * cache  Int32  row = page of the file  frame that holds it, read ahead and not mapped; -1
 */
export class FilePages {
  readonly counters: FileCounters = {
    faults_file: 0,
    faults_cleancache: 0,
    file_reads: 0,
    file_ra: 0,
    file_ra_hit: 0,
    file_drops: 0,
    file_cows: 0,
  }
  readonly pageOf: Int32Array
  readonly cleancache: Cleancache | null
  private readonly vpnOf: Int32Array
  private readonly io: FileIo
  private readonly parts: FileParts
  private readonly cache: Int32Array
  private readonly around: ReadAround
  private readonly readFrames: Int32Array

  /** @param readahead pages around a fault that are read with it; 1 is off */
  constructor(file: MappedFile, readahead: number, parts: FileParts) {
    this.pageOf = file.pageOf
    this.io = file.io
    this.cleancache = parts.cleancache
    this.parts = parts
    this.vpnOf = new Int32Array(file.io.pages).fill(-1)
    for (let vpn = 0; vpn < file.pageOf.length; vpn++) if (file.pageOf[vpn] >= 0) this.vpnOf[file.pageOf[vpn]] = vpn
    this.cache = new Int32Array(file.io.pages).fill(-1)
    this.around = new ReadAround(readahead)
    this.readFrames = new Int32Array(readahead)
  }

  /** The frame that holds a page of the mapping although nothing maps it; -1. */
  cached(vpn: number): number {
    const page = this.pageOf[vpn]
    return page < 0 ? -1 : this.cache[page]
  }

  /** A page that was read ahead is mapped. */
  use(vpn: number, frame: number): void {
    this.cache[this.pageOf[vpn]] = -1
    const { flags } = this.parts.frames
    flags[frame] = (flags[frame] & ~FRAME_READAHEAD) | FRAME_REFERENCED
    this.around.hit()
    this.counters.file_ra_hit++
  }

  /** Fills a frame for a fault, and brings neighbours along as far as frames are free. @throws FileIoError */
  read(vpn: number, frame: number): FaultPath {
    const page = this.pageOf[vpn]
    if (this.fromCleancache(page, frame)) return PATH_CLEANCACHE
    const window = this.around.miss()
    const base = Math.max(0, page - (window >> 1))
    const limit = Math.min(base + window, this.io.pages)
    let first = page
    let end = page + 1
    while (end < limit && this.isWanted(end, end - first)) end++
    while (first > base && this.isWanted(first - 1, end - first)) first--
    this.readRun(first, end - first, page, frame)
    this.counters.faults_file++
    return PATH_FILE
  }

  /** Fills a frame outside of mm with a page of the file. @throws FileIoError */
  fetch(page: number, frame: number): FaultPath {
    if (this.fromCleancache(page, frame)) return PATH_CLEANCACHE
    this.readRun(page, 1, page, frame)
    this.counters.faults_file++
    return PATH_FILE
  }

  /** The clean page in this frame is about to leave RAM. */
  drop(vpn: number, frame: number): void {
    const page = this.pageOf[vpn]
    this.cache[page] = -1
    this.counters.file_drops++
    this.cleancache?.put(page, frame)
  }

  private fromCleancache(page: number, frame: number): boolean {
    if (!this.cleancache?.get(page, frame)) return false
    this.counters.faults_cleancache++
    return true
  }

  /**
   * Whether a neighbour is to be read from the file too: it is in no frame, nor private to the workload, and there is room. What cleancache
   * has comes from there at once, and ends the run.
   * @param run pages to be read so far
   */
  private isWanted(page: number, run: number): boolean {
    const { frames, pte, watermarks } = this.parts
    if (pte[this.vpnOf[page]] !== -1 || this.cache[page] >= 0) return false
    if (frames.free - watermarks.low < run) return false
    if (this.cleancache === null) return true
    const frame = frames.take()
    if (!this.cleancache.get(page, frame)) {
      frames.release(frame)
      return true
    }
    this.addReadAhead(page, frame)
    return false
  }

  /** One read of a run of pages, of which one goes into the given frame. @throws FileIoError; that frame is the caller's then, all others are free */
  private readRun(first: number, count: number, page: number, frame: number): void {
    const { readFrames } = this
    const { frames } = this.parts
    for (let i = 0; i < count; i++) readFrames[i] = first + i === page ? frame : frames.take()
    try {
      this.io.read(first, readFrames, count)
    } catch (error) {
      for (let i = 0; i < count; i++) if (readFrames[i] !== frame) frames.release(readFrames[i])
      throw error
    }
    this.counters.file_reads += count
    for (let i = 0; i < count; i++) if (readFrames[i] !== frame) this.addReadAhead(first + i, readFrames[i])
  }

  private addReadAhead(page: number, frame: number): void {
    const { frames, lru } = this.parts
    frames.vpn[frame] = this.vpnOf[page]
    frames.flags[frame] = FRAME_FILE | FRAME_READAHEAD
    this.cache[page] = frame
    this.counters.file_ra++
    lru.add(frame, LIST_INACTIVE_FILE)
  }
}
