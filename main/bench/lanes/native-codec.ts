import { native } from '../../../native-bench/index.ts'
import { CODEC_LEVELS, type CodecName, LabError, PAGE_SIZE } from '../../contract/index.ts'
import type { LaneCodec } from './lane.ts'

/**
 * A system codec over an arena.
 * @param scratchPage first of two pages of the arena that compress() may write
 * @throws LabError `codec_unavailable` naming the package that brings it
 */
export function openNativeCodec(
  name: CodecName,
  level: number | undefined,
  arena: { id: number; bytes: Uint8Array },
  scratchPage: number,
): LaneCodec {
  const facts = native.codecList().find((row) => row.codec === name)
  if (!facts?.available)
    throw new LabError({
      code: 'codec_unavailable',
      message: `${name} is unavailable here: ${facts?.reason ?? 'unknown codec'}.`,
      remedy: `Install it (Debian: apt-get install ${facts?.package ?? name}), or choose another codec.`,
      field: 'codec',
    })
  const codec = native.codecOpen(name, level ?? CODEC_LEVELS[name].default)
  const scratch = scratchPage * PAGE_SIZE
  const { compress, decompress } = native
  const { id, bytes: memory } = arena
  return {
    scratch,
    compress: (frame, to, capacity) => compress(codec, id, frame, id, to, capacity),
    decompress: (offset, bytes, frame) => {
      decompress(codec, id, offset, bytes, id, frame)
    },
    keepRaw: (frame) => frame * PAGE_SIZE,
    loadRaw: (offset, frame) => {
      memory.copyWithin(frame * PAGE_SIZE, offset, offset + PAGE_SIZE)
    },
    close: () => native.codecClose(codec),
  }
}
