import type { LaneCodec } from '../lanes/index.ts'
import type { CodecCosts } from './codec-costs.ts'
import { type PageTags, TAG_BYTES } from './page-tags.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { ZpageSizes } from './zpage-sizes.ts'

/**
 * A codec that knows sizes and costs instead of bytes. Of a zpage there is only its tag, in the scratch area and the arena as a
 * real zpage's bytes are; TagMover moves it between them.
 */
export class ModelCodec implements LaneCodec {
  private readonly arena: Uint8Array
  private readonly words: Int32Array
  readonly scratch: number
  private readonly frames: Int32Array
  private readonly sizes: ZpageSizes
  private readonly clock: VirtualClock
  private readonly compressNs: Float64Array
  private readonly decompressNs: Float64Array

  /** @param scratch byte offset in the arena that compress() may write, a multiple of 4 */
  constructor(parts: {
    arena: Uint8Array
    scratch: number
    tags: PageTags
    sizes: ZpageSizes
    costs: CodecCosts
    clock: VirtualClock
  }) {
    this.arena = parts.arena
    this.words = new Int32Array(parts.arena.buffer, parts.arena.byteOffset, parts.arena.byteLength >> 2)
    this.scratch = parts.scratch
    this.frames = parts.tags.frames
    this.sizes = parts.sizes
    this.clock = parts.clock
    this.compressNs = parts.costs.compressNs
    this.decompressNs = parts.costs.decompressNs
  }

  compress(frame: number, capacity: number): number {
    const vpn = this.frames[2 * frame]
    const version = this.frames[2 * frame + 1]
    const bytes = this.sizes.bytesOf(vpn, version)
    this.clock.advance(this.compressNs[bytes >> 6])
    if (bytes > capacity) return 0
    const at = this.scratch >> 2
    this.words[at] = vpn
    this.words[at + 1] = version
    return bytes
  }

  decompress(offset: number, bytes: number, frame: number): void {
    const at = this.tagAt(offset)
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
    const at = this.scratch >> 2
    this.words[at] = this.frames[2 * frame]
    this.words[at + 1] = this.frames[2 * frame + 1]
    return this.scratch
  }

  loadRaw(offset: number, frame: number): void {
    const at = this.tagAt(offset)
    this.frames[2 * frame] = this.words[at]
    this.frames[2 * frame + 1] = this.words[at + 1]
  }

  close(): void {}

  /** Where the tag at a byte offset can be read as words. */
  private tagAt(offset: number): number {
    if ((offset & 3) === 0) return offset >> 2
    // Into scratch words of their own: a store may wait in the first ones.
    const at = (this.scratch >> 2) + 2
    this.arena.copyWithin(at << 2, offset, offset + TAG_BYTES)
    return at
  }
}
