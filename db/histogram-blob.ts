import { LabError } from '../main/contract/index.ts'

/** A sparse histogram as the engine hands it over: bucket numbers ascending (below 65 536), with their counts. */
export interface StoredHistogram {
  bucket: number[]
  count: number[]
  sum: number
  min: number
  max: number
}

/**
 * Layout: n counts as float64 (exact to 2^53), then n bucket numbers as uint16, all little-endian: 10 bytes a bucket, so
 * a trial's histogram takes a few KiB.
 */
const BYTES_PER_BUCKET = 10

/** The bytes of a histogram's buckets, as they are kept. */
export function packBuckets(histogram: StoredHistogram): Uint8Array {
  const n = histogram.bucket.length
  const bytes = new Uint8Array(n * BYTES_PER_BUCKET)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < n; i++) {
    view.setFloat64(i * 8, histogram.count[i], true)
    view.setUint16(n * 8 + i * 2, histogram.bucket[i], true)
  }
  return bytes
}

/** @throws LabError `io_error` where the bytes are no whole number of buckets */
export function unpackBuckets(bytes: Uint8Array): { bucket: number[]; count: number[] } {
  const n = bytes.byteLength / BYTES_PER_BUCKET
  if (!Number.isInteger(n))
    throw new LabError({
      code: 'io_error',
      message: `A stored histogram has ${bytes.byteLength} bytes, which is no whole number of buckets: the history is damaged.`,
      remedy: 'Delete this run, or restore a copy of the history.',
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bucket = new Array<number>(n)
  const count = new Array<number>(n)
  for (let i = 0; i < n; i++) {
    count[i] = view.getFloat64(i * 8, true)
    bucket[i] = view.getUint16(n * 8 + i * 2, true)
  }
  return { bucket, count }
}
