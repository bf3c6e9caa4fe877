import { z } from 'zod'

export const CodecName = z.enum(['lz4', 'lz4hc', 'lzo', 'zstd', 'deflate'])
export type CodecName = z.infer<typeof CodecName>

/** Levels each codec accepts. Sources: lz4.h, lz4hc.h, zstd.h, zlib.h; lzo1x_1 has none. */
export const CODEC_LEVELS: Record<CodecName, { default: number; min: number; max: number; meaning: string }> = {
  lz4: { default: 1, min: 1, max: 65537, meaning: 'acceleration: higher is faster and compresses less' },
  lz4hc: { default: 9, min: 2, max: 12, meaning: 'effort' },
  lzo: { default: 1, min: 1, max: 1, meaning: 'lzo1x_1 has one level' },
  zstd: { default: 1, min: -50, max: 19, meaning: 'effort; negative levels are faster' },
  deflate: { default: 6, min: 1, max: 9, meaning: 'effort' },
}
