import type { LaneCodec } from '../lanes/index.ts'
import type { CodecCosts } from './codec-costs.ts'
import type { PageTags, ZpageTags } from './page-tags.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { ZpageSizes } from './zpage-sizes.ts'

/**
 * A codec that knows sizes and costs instead of bytes. Of a zpage there is only its tag, at the place in the scratch area and the arena where a
 * real zpage's bytes would be; TagMover moves it between them.
 */
export class ModelCodec implements LaneCodec {
  private readonly zpageTags: ZpageTags
  private readonly words: Int32Array
  readonly scratch: number
  private readonly scratchAt: number
  private readonly frames: Int32Array
  private readonly sizes: ZpageSizes
  private readonly clock: VirtualClock
  private readonly compressNs: Float64Array
  private readonly decompressNs: Float64Array

  /** @param scratch byte offset in the arena that compress() may write */
  constructor(parts: {
    scratch: number
    tags: PageTags
    zpageTags: ZpageTags
    sizes: ZpageSizes
    costs: CodecCosts
    clock: VirtualClock
  }) {
    this.zpageTags = parts.zpageTags
    this.words = parts.zpageTags.words
    this.scratch = parts.scratch
    this.scratchAt = parts.zpageTags.at(parts.scratch)
    this.frames = parts.tags.frames
    this.sizes = parts.sizes
    this.clock = parts.clock
    this.compressNs = parts.costs.compressNs
    this.decompressNs = parts.costs.decompressNs
  }

  compress(frame: number, to: number, capacity: number): number {
    const vpn = this.frames[2 * frame]
    const version = this.frames[2 * frame + 1]
    const bytes = this.sizes.bytesOf(vpn, version)
    this.clock.advance(this.compressNs[bytes >> 6])
    if (bytes > capacity) return 0
    const at = this.zpageTags.at(to)
    this.words[at] = vpn
    this.words[at + 1] = version
    return bytes
  }

  decompress(offset: number, bytes: number, frame: number): void {
    const at = this.zpageTags.at(offset)
    const vpn = this.words[at]
    const version = this.words[at + 1]
    if (this.sizes.bytesOf(vpn, version) !== bytes)
      throw new Error(
        `a zpage of ${bytes} bytes holds the tag of page ${vpn} version ${version}, which has another size`,
      )
    this.clock.advance(this.decompressNs[bytes >> 6])
    this.frames[2 * frame] = vpn
    this.frames[2 * frame + 1] = version
  }

  keepRaw(frame: number): number {
    this.words[this.scratchAt] = this.frames[2 * frame]
    this.words[this.scratchAt + 1] = this.frames[2 * frame + 1]
    return this.scratch
  }

  loadRaw(offset: number, frame: number): void {
    const at = this.zpageTags.at(offset)
    this.frames[2 * frame] = this.words[at]
    this.frames[2 * frame + 1] = this.words[at + 1]
  }

  close(): void {}
}
