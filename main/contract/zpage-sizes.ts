import type { LaneReport } from './run.ts'

/** zcache2's unit of a zbud page; zbud adds a handle to each zpage before it rounds up. */
const CHUNK_BYTES = 64
const HANDLE_BYTES = 32
/** Two zpages of so many chunks each fill a frame. */
export const HALF_FRAME_CHUNKS = 32

/** How many chunks the swap pages of a lane took that its zbud was given. */
export interface ZpageSizes {
  label: string
  /** Place of the lane in the specification. */
  lane: number
  /** [chunks] → zpages stored; 64 entries, the first always 0. */
  counts: readonly number[]
  stored: number
  /** 0..1, of those stored: any two of them share a frame. */
  halfOrLess: number
}

/** The largest zpage, in bytes, that `chunks` hold with its handle. */
export const largestZpage = (chunks: number): number => chunks * CHUNK_BYTES - HANDLE_BYTES

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** cumul_chunk_counts of the valid trials together, for each lane whose zbud counts them and was given a page. */
export function zpageSizes(lanes: readonly LaneReport[]): ZpageSizes[] {
  return lanes.flatMap(({ label, trials }, lane) => {
    const counted = trials.flatMap(({ status, cumulChunkCounts }) =>
      status === 'done' && cumulChunkCounts ? [cumulChunkCounts] : [],
    )
    if (counted.length === 0) return []
    const counts = counted[0].map((_, at) => total(counted.map((trial) => trial[at])))
    const stored = total(counts)
    if (stored === 0) return []
    return [{ label, lane, counts, stored, halfOrLess: total(counts.slice(0, HALF_FRAME_CHUNKS + 1)) / stored }]
  })
}

/** The size that half of those stored do not exceed, in chunks. */
export function medianChunks({ counts, stored }: ZpageSizes): number {
  let seen = 0
  return counts.findIndex((count) => {
    seen += count
    return seen * 2 >= stored
  })
}
