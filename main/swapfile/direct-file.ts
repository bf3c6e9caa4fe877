import { type Arena, native } from '../../native-bench/index.ts'
import type { Swapfile } from './create.ts'
import { type FileIo, FileIoError } from './file-io.ts'
import { breach, type IoObserver } from './swap-io.ts'

/** The pages of a mapped file on disk, read as a fault reads them: one blocking preadv for a run of pages. */
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

  read(first: number, frames: Int32Array, count: number): number {
    if (!(first >= 0 && first + count <= this.pages))
      breach(`a read of pages ${first}..${first + count - 1} of a file of ${this.pages}`)
    let ns: number
    try {
      // Page 0 of the file is its header.
      ns = native.fileReadVector(this.file.file, this.arena.id, frames, count, first + 1)
    } catch (error) {
      throw new FileIoError(first, error instanceof Error ? error.message : String(error), { cause: error })
    }
    this.observer?.onRead(ns, count)
    return ns
  }
}
