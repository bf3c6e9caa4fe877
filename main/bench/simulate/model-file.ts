import type { FileIo } from '../../swapfile/index.ts'
import type { ModelSwap } from './model-swap.ts'
import type { PageTags } from './page-tags.ts'

/** The version of a page that was never written to: what the mapped file holds. */
export const FILE_VERSION = 0

/** The mapped file on the device of the swap area: a read is a fault's from there. */
export class ModelFile implements FileIo {
  readonly pages: number
  private readonly vpnOf: Int32Array
  private readonly swap: ModelSwap
  private readonly frames: Int32Array

  constructor(vpnOf: Int32Array, swap: ModelSwap, tags: PageTags) {
    this.pages = vpnOf.length
    this.vpnOf = vpnOf
    this.swap = swap
    this.frames = tags.frames
  }

  read(first: number, frames: Int32Array, count: number): number {
    for (let i = 0; i < count; i++) {
      this.frames[2 * frames[i]] = this.vpnOf[first + i]
      this.frames[2 * frames[i] + 1] = FILE_VERSION
    }
    return this.swap.readOther(count)
  }
}
