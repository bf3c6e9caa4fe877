/**
 * What a compressed pool needs of a compressor. `frame` is a page of the arena; compressed bytes live at byte offsets of the same
 * arena. Implementations: the native codecs, or a model that knows only sizes.
 */
export interface PageCodec {
  /** Byte offset in the arena where compressed bytes may be left until the next call here. */
  readonly scratch: number
  /**
   * Compresses a frame.
   * @param to byte offset of the arena, `scratch` or one with room for `capacity` bytes; a multiple of 4
   * @param capacity most bytes wanted
   * @returns compressed length in bytes; 0 where it does not fit, and then what lies at `to` is undefined
   */
  compress(frame: number, to: number, capacity: number): number
  /** Decompresses `bytes` at a byte offset into a whole frame. @throws Error where they do not give a page */
  decompress(offset: number, bytes: number, frame: number): void
  /** Byte offset of 4096 bytes that loadRaw turns into this page again, wherever they are moved; valid until the next call here. */
  keepRaw(frame: number): number
  /** Fills a frame from 4096 bytes at a byte offset. */
  loadRaw(offset: number, frame: number): void
}

/**
 * Decompresses beside the engine, one page after the other in the order in which they are asked for: a frame may be asked for that
 * a zpage still lies in whose turn is before.
 */
export interface Decompressor {
  /** As PageCodec.decompress. Until wait() has seen its end nobody else writes to those bytes, or uses that frame. */
  post(offset: number, bytes: number, frame: number): void
  /** Waits until at most `behind` are pending. @throws Error where one of those that have ended gave no page */
  wait(behind: number): void
}
