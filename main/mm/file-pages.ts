import type { FileIo } from '../swapfile/index.ts'
import type { Cleancache } from './cleancache.ts'
import { type FaultPath, PATH_CLEANCACHE, PATH_FILE } from './fault-path.ts'

/** The part of the address space that is a private mapping of a file (MAP_PRIVATE). */
export interface MappedFile {
  /** Row = vpn: page of the file, -1 for anonymous memory. */
  pageOf: Int32Array
  io: FileIo
}

export interface FileCounters {
  faults_file: number
  faults_cleancache: number
  /** Pages read from the file. */
  file_reads: number
  /** Clean file pages that left RAM; cleancache was offered each. */
  file_drops: number
  /** Pages of the file that were written to, and are anonymous memory from then on. */
  file_cows: number
}

/**
 * Where pages of the mapped file come from. Such a page is always clean: it leaves RAM without a write, and its page table entry is none
 * again, as before it was first touched. There is no readahead: each fault reads one page (MADV_RANDOM).
 */
export class FilePages {
  readonly counters: FileCounters = {
    faults_file: 0,
    faults_cleancache: 0,
    file_reads: 0,
    file_drops: 0,
    file_cows: 0,
  }
  readonly pageOf: Int32Array
  readonly cleancache: Cleancache | null
  private readonly io: FileIo

  constructor(file: MappedFile, cleancache: Cleancache | null) {
    this.pageOf = file.pageOf
    this.io = file.io
    this.cleancache = cleancache
  }

  /** Fills a frame with a page of the file. @throws FileIoError */
  fetch(page: number, frame: number): FaultPath {
    if (this.cleancache?.get(page, frame)) {
      this.counters.faults_cleancache++
      return PATH_CLEANCACHE
    }
    this.io.read(page, frame)
    this.counters.file_reads++
    this.counters.faults_file++
    return PATH_FILE
  }

  /** The clean page in this frame is about to leave RAM. */
  drop(vpn: number, frame: number): void {
    this.counters.file_drops++
    this.cleancache?.put(this.pageOf[vpn], frame)
  }
}
