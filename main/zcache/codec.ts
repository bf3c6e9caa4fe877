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
