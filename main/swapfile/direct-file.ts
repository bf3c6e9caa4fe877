import { type Arena, native } from '../../native-bench/index.ts'
import type { Swapfile } from './create.ts'
import { type FileIo, FileIoError } from './file-io.ts'
import { breach, type IoObserver } from './swap-io.ts'

/** The pages of a mapped file on disk, read one at a time as a fault reads them: one blocking pread. */
export class DirectFile implements FileIo {
  readonly pages: number
  /** May be changed between operations. */
  observer: IoObserver | null = null
  private readonly file: Swapfile
  private readonly arena: Arena

  /** @param file stays the caller's to close */
  constructor(file: Swapfile, arena: Arena) {
    this.pages = file.slots
    this.file = file
    this.arena = arena
  }

  read(page: number, frame: number): number {
    if (!(page >= 0 && page < this.pages)) breach(`a read of page ${page} of a file of ${this.pages}`)
    let ns: number
    try {
      // Page 0 of the file is its header.
      ns = native.fileRead(this.file.file, this.arena.id, frame, 1, page + 1)
    } catch (error) {
      throw new FileIoError(page, error instanceof Error ? error.message : String(error), { cause: error })
    }
    this.observer?.onRead(ns, 1)
    return ns
  }
}
