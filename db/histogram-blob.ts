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
 * The bytes of a histogram's buckets, as they are kept: for each its distance from the one before and its count (exact to 2^53), seven bits a byte, the
 * lowest first, the eighth set where more follow. Most take two bytes, so a trial's histogram takes a KiB or two.
 */
export function packBuckets({ bucket, count }: StoredHistogram): Uint8Array {
  const bytes: number[] = []
  let last = 0
  for (let i = 0; i < bucket.length; i++) {
    putNumber(bytes, bucket[i] - last)
    putNumber(bytes, count[i])
    last = bucket[i]
  }
  return Uint8Array.from(bytes)
}

function putNumber(bytes: number[], number: number): void {
  let rest = number
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128))
  bytes.push(rest)
}

/** @throws LabError `io_error` where the bytes are no whole number of buckets */
export function unpackBuckets(bytes: Uint8Array): { bucket: number[]; count: number[] } {
  const bucket: number[] = []
  const count: number[] = []
  let number = 0
  let unit = 1
  for (const byte of bytes) {
    number += (byte & 127) * unit
    unit *= 128
    if (byte >= 128) continue
    if (bucket.length > count.length) count.push(number)
    else bucket.push(number + (bucket.at(-1) ?? 0))
    number = 0
    unit = 1
  }
  if (unit > 1 || bucket.length > count.length)
    throw new LabError({
      code: 'io_error',
      message: `A stored histogram ends in the middle of a bucket, after ${bytes.byteLength} bytes: the history is damaged.`,
      remedy: 'Delete this run, or restore a copy of the history.',
    })
  return { bucket, count }
}
