/**
 * What zcache needs of a compressor. `frame` is a page of the arena; compressed bytes live at byte offsets of the same arena.
 * Implementations: the native codecs, or a model that knows only sizes.
 */
export interface PageCodec {
  /**
   * Compresses a frame into the scratch area.
   * @param capacity most bytes wanted
   * @returns compressed length in bytes; 0 where it does not fit
   */
  compress(frame: number, capacity: number): number
  /** Moves the scratch area's first `bytes` to a byte offset of the arena. */
  place(bytes: number, offset: number): void
  /** Decompresses `bytes` at a byte offset into a whole frame. @throws Error where they do not give a page */
  decompress(offset: number, bytes: number, frame: number): void
}
