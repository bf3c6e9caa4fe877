import { LabError, PAGE_SIZE } from '../contract/index.ts'
import { breach } from './swap-io.ts'

/** A file whose pages are only read: what a workload has mapped. Frames are page numbers of one arena. */
export interface FileIo {
  readonly pages: number
  /**
   * Reads pages first .. first + count - 1 into the first `count` of these frames, and blocks until they are there. Returns ns.
   * @throws FileIoError, after which the content of the frames is undefined
   */
  read(first: number, frames: Int32Array, count: number): number
}

/** A read that the disk refused. */
export class FileIoError extends LabError {
  constructor(page: number, reason: string, options?: ErrorOptions) {
    super(
      {
        code: 'io_error',
        message: `The read of page ${page} of the mapped file failed: ${reason}.`,
        remedy: 'Check the kernel log (dmesg) and the health of the disk (smartctl), or choose another swap directory.',
      },
      options,
    )
    this.name = 'FileIoError'
  }
}

/** A file in memory for tests. */
export class MemoryFile implements FileIo {
  readonly pages: number
  /** Operations carried out, for assertions. */
  reads = 0
  private readonly arena: Uint8Array
  private readonly content: Uint8Array
  private failing = 0

  /** @param content a multiple of PAGE_SIZE */
  constructor(arena: Uint8Array, content: Uint8Array) {
    this.pages = content.length / PAGE_SIZE
    this.arena = arena
    this.content = content
  }

  /** The next `times` read() calls throw. */
  failNextReads(times = 1): void {
    this.failing += times
  }

  heal(): void {
    this.failing = 0
  }

  read(first: number, frames: Int32Array, count: number): number {
    if (!(first >= 0 && first + count <= this.pages))
      breach(`a read of pages ${first}..${first + count - 1} of a file of ${this.pages}`)
    if (this.failing > 0) {
      this.failing--
      throw new FileIoError(first, 'injected error')
    }
    this.reads++
    for (let i = 0; i < count; i++) {
      const from = (first + i) * PAGE_SIZE
      this.arena.set(this.content.subarray(from, from + PAGE_SIZE), frames[i] * PAGE_SIZE)
    }
    return 80_000
  }
}
