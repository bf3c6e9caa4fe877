import { type Calibration, type CodecName, PAGE_SIZE } from '../../contract/index.ts'

/** What compressing and decompressing a page costs, by what it compresses to. */
export interface CodecCosts {
  /** ns by compressed bytes >> 6. */
  compressNs: Float64Array
  decompressNs: Float64Array
  /** Where the figures come from. */
  label: string
}

/** Compressed bytes of a page, ns to compress, ns to decompress; ascending by bytes. */
type Point = readonly [bytes: number, compressNs: number, decompressNs: number]

/**
 * p50 of the reference machine, in user space, random order over 16 MiB: zero, text-like, heap-like and random pages, each at its own
 * ratio. lz4 at acceleration 1, zstd at 1, lzo1x_1, deflate at 6. What lzo takes to decompress was liblzo2's figure, times what Swaplab's decoder takes
 * of it on the same pages in turns (0.33, 0.48, 0.85; of the mixed ones 0.45). lz4hc at 9 was measured apart: 5.5 times lz4's compression and 0.77 of its
 * decompression on the same pages in turns. Other levels are charged as these.
 */
const REFERENCE: Record<CodecName, readonly Point[]> = {
  lz4: [
    [20, 840, 350],
    [1347, 4200, 1400],
    [2482, 6500, 2300],
    [4096, 2300, 800],
  ],
  lz4hc: [
    [20, 4620, 270],
    [1160, 23_100, 1080],
    [2190, 35_800, 1770],
    [4096, 12_700, 620],
  ],
  zstd: [
    [20, 2280, 620],
    [923, 14_300, 6000],
    [1750, 15_500, 4600],
    [4096, 6700, 900],
  ],
  lzo: [
    [28, 970, 540],
    [1370, 5100, 1870],
    [2238, 7400, 3230],
    [4096, 2100, 1200],
  ],
  deflate: [
    [20, 21_600, 8000],
    [896, 66_000, 12_000],
    [1837, 162_000, 14_000],
    [4096, 73_000, 14_000],
  ],
}

/** The mixed corpus those figures were taken on: medians of all its pages, which a calibration's are held against. */
const REFERENCE_MIXED: Record<CodecName, { compressNs: number; decompressNs: number }> = {
  lz4: { compressNs: 4300, decompressNs: 1500 },
  lz4hc: { compressNs: 23_700, decompressNs: 1160 },
  zstd: { compressNs: 10_800, decompressNs: 4200 },
  lzo: { compressNs: 4600, decompressNs: 1650 },
  deflate: { compressNs: 74_000, decompressNs: 12_000 },
}

/** The reference figures; with a calibration that has this codec, the same curve through its medians. */
export function codecCosts(name: CodecName, calibration: Pick<Calibration, 'codecs' | 'host'> | null): CodecCosts {
  const row = calibration?.codecs.find((codec) => codec.codec === name)
  const compress = row ? row.rawCompressNs / REFERENCE_MIXED[name].compressNs : 1
  const decompress = row ? row.rawDecompressNs / REFERENCE_MIXED[name].decompressNs : 1
  const cells = (PAGE_SIZE >> 6) + 1
  const costs: CodecCosts = {
    compressNs: new Float64Array(cells),
    decompressNs: new Float64Array(cells),
    label: row ? `as calibrated on ${calibration?.host.hostname}` : 'of the reference machine',
  }
  for (let cell = 0; cell < cells; cell++) {
    costs.compressNs[cell] = Math.round(compress * between(REFERENCE[name], cell * 64, 1))
    costs.decompressNs[cell] = Math.round(decompress * between(REFERENCE[name], cell * 64, 2))
  }
  return costs
}

function between(points: readonly Point[], bytes: number, column: 1 | 2): number {
  let at = 0
  while (at < points.length - 2 && bytes > points[at + 1][0]) at++
  const [from, to] = [points[at], points[at + 1]]
  const share = Math.min(1, Math.max(0, (bytes - from[0]) / (to[0] - from[0])))
  return from[column] + share * (to[column] - from[column])
}
