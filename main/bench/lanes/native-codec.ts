import { isSystemFailure, native } from '../../../native-bench/index.ts'
import { CODEC_LEVELS, type CodecName, LabError, PAGE_SIZE } from '../../contract/index.ts'
import type { LaneCodec, LaneDecompressor } from './lane.ts'

/** What compress() may write at `scratch`: more than any codec makes of a page. */
const SCRATCH_BYTES = 2 * PAGE_SIZE

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
  checkAvailable(name)
  const codec = native.codecOpen(name, level ?? CODEC_LEVELS[name].default)
  const scratch = scratchPage * PAGE_SIZE
  const { compress, decompress } = native
  const { id, bytes: memory } = arena
  return {
    scratch,
    // In the scratch pages there is room for what no page exceeds, and a codec that need not look for the end is a little faster.
    compress: (frame, to, capacity) => {
      const bytes = compress(codec, id, frame, id, to, to === scratch ? SCRATCH_BYTES : capacity)
      return bytes <= capacity ? bytes : 0
    },
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

/**
 * A thread that decompresses over the same arena, with a codec of its own.
 * @throws LabError `codec_unavailable`; `unavailable` where the engine is pinned to the only CPU
 */
export function openNativeDecompressor(
  name: CodecName,
  level: number | undefined,
  arena: { id: number },
): LaneDecompressor {
  checkAvailable(name)
  const thread = openThread(name, level ?? CODEC_LEVELS[name].default, arena.id)
  const { decompressorPost, decompressorWait } = native
  return {
    post: (offset, bytes, frame) => decompressorPost(thread, offset, bytes, frame),
    wait: (behind) => decompressorWait(thread, behind),
    busyNs: () => native.decompressorBusyNs(thread),
    close: () => native.decompressorClose(thread),
  }
}

function openThread(name: CodecName, level: number, arena: number): number {
  try {
    return native.decompressorOpen(name, level, arena)
  } catch (error) {
    if (!isSystemFailure(error)) throw error
    throw new LabError({
      code: 'unavailable',
      message: `A second thread to decompress on cannot be had here: ${error.message}.`,
      remedy: 'Leave writebackThread off, or allow the lab a second CPU.',
      field: 'writebackThread',
    })
  }
}

/** @throws LabError `codec_unavailable` */
function checkAvailable(name: CodecName): void {
  const facts = native.codecList().find((row) => row.codec === name)
  if (facts?.available) return
  throw new LabError({
    code: 'codec_unavailable',
    message: `${name} is unavailable here: ${facts?.reason ?? 'unknown codec'}.`,
    remedy: `Install it (Debian: apt-get install ${facts?.package ?? name}), or choose another codec.`,
    field: 'codec',
  })
}
