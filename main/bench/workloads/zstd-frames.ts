import { readSync } from 'node:fs'

/**
 * Where the frames of a zstd file begin and end, by their headers alone (RFC 8878, 3.1). Node's decompressor ends without a word
 * after the first frame, and where a frame is cut off; compressors that use several cores write many frames.
 */

const MAGIC = 0xfd2fb528
/** 16 values of frames that hold no content. */
const SKIPPABLE = 0x184d2a50
const DICTIONARY_ID_BYTES = [0, 1, 2, 4]
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]
const BLOCK_HEADER = 3
const RLE = 1
const RESERVED = 3

/** Whether a file begins as zstd, be it with frames that hold no content: pzstd writes one before each other. */
export function isZstd(fd: number, size: number): boolean {
  const head = Buffer.alloc(8)
  for (let at = 0; at < size; at += 8 + head.readUInt32LE(4)) {
    if (readSync(fd, head, 0, 8, at) < 8) return false
    if (!isSkippable(head.readUInt32LE(0))) return head.readUInt32LE(0) === MAGIC
  }
  return false
}

function isSkippable(magic: number): boolean {
  return (magic & ~0xf) >>> 0 === SKIPPABLE
}

/**
 * The frame that begins at `start`: the byte behind it, and whether it holds content.
 * @returns null where it is no frame, or cut off
 */
export function zstdFrame(fd: number, start: number, size: number): { end: number; content: boolean } | null {
  const head = Buffer.alloc(18)
  const read = (at: number, bytes: number) => at + bytes <= size && readSync(fd, head, 0, bytes, at) === bytes
  if (!read(start, 5)) return null
  const magic = head.readUInt32LE(0)
  if (isSkippable(magic)) {
    if (!read(start + 4, 4)) return null
    const end = start + 8 + head.readUInt32LE(0)
    return end <= size ? { end, content: false } : null
  }
  if (magic !== MAGIC) return null
  const descriptor = head[4]
  const single = (descriptor & 0x20) !== 0
  const contentSize = single && descriptor >>> 6 === 0 ? 1 : CONTENT_SIZE_BYTES[descriptor >>> 6]
  let at = start + 5 + (single ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3] + contentSize
  for (let last = false; !last; ) {
    if (!read(at, BLOCK_HEADER)) return null
    const header = head.readUIntLE(0, BLOCK_HEADER)
    const type = (header >>> 1) & 3
    if (type === RESERVED) return null
    last = (header & 1) === 1
    at += BLOCK_HEADER + (type === RLE ? 1 : header >>> 3)
  }
  const end = at + ((descriptor & 4) === 0 ? 0 : 4)
  return end <= size ? { end, content: true } : null
}
