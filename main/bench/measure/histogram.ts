import { EVENTS_BEYOND } from '../../contract/index.ts'

/**
 * Log-linear latency histogram: 128 linear buckets for each power of two, so a value is known to 1/128 (0.8 %).
 *
 * Values are integers of ns, 0 .. 2^40-1 (18 minutes); larger ones count in the last bucket. One Float64Array of counts
 * (exact to 2^53) of BUCKETS entries, 35 KiB; record() allocates nothing.
 */

const SUB_BITS = 7
const SUB = 1 << SUB_BITS // linear buckets per power of two
const MAX_EXPONENT = 40
const BUCKETS = SUB + (MAX_EXPONENT - SUB_BITS) * SUB

/** What travels and is stored: sparse, mergeable. */
export interface HistogramData {
  /** Bucket numbers with a count, ascending. */
  bucket: number[]
  count: number[]
  sum: number
  min: number
  max: number
}

function bucketOf(ns: number): number {
  if (ns < SUB) return ns < 0 ? 0 : ns | 0
  if (ns >= 2 ** MAX_EXPONENT) return BUCKETS - 1
  // clz32 needs 32 bits: wide values are shifted down first by division.
  let exponent: number
  let mantissa: number
  if (ns < 0x8000_0000) {
    exponent = 31 - Math.clz32(ns | 0)
    mantissa = (ns | 0) >>> (exponent - SUB_BITS)
  } else {
    const high = Math.floor(ns / 0x1000) // ns < 2^40, so high < 2^28
    exponent = 31 - Math.clz32(high) + 12
    mantissa = high >>> (exponent - 12 - SUB_BITS)
  }
  return (exponent - SUB_BITS) * SUB + mantissa
}

/** Middle of a bucket, ns. */
export function bucketValue(bucket: number): number {
  if (bucket < SUB) return bucket
  const exponent = Math.floor(bucket / SUB) - 1 // power-of-two group, 0 = width 1
  const width = 2 ** exponent
  const low = (SUB + (bucket % SUB)) * width
  return low + (width - 1) / 2
}

export class Histogram {
  private readonly counts = new Float64Array(BUCKETS)
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = 0

  /** One value, ns. */
  record(ns: number): void {
    this.counts[bucketOf(ns)]++
    this.count++
    this.sum += ns
    if (ns < this.min) this.min = ns
    if (ns > this.max) this.max = ns
  }

  clear(): void {
    this.counts.fill(0)
    this.count = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = 0
  }

  toData(): HistogramData {
    const data: HistogramData = { bucket: [], count: [], sum: this.sum, min: this.count ? this.min : 0, max: this.max }
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.counts[bucket] === 0) continue
      data.bucket.push(bucket)
      data.count.push(this.counts[bucket])
    }
    return data
  }
}

/** Of whole numbers of ns. */
export function histogramOf(values: Iterable<number>): HistogramData {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.toData()
}

/** Events in all buckets. */
export function totalCount(data: HistogramData): number {
  return data.count.reduce((sum, n) => sum + n, 0)
}

/** The sum of histograms; percentiles are taken from it and never averaged. */
export function mergeHistograms(parts: readonly HistogramData[]): HistogramData {
  const counts = new Map<number, number>()
  let sum = 0
  let min = Number.POSITIVE_INFINITY
  let max = 0
  for (const part of parts) {
    for (const [i, bucket] of part.bucket.entries()) counts.set(bucket, (counts.get(bucket) ?? 0) + part.count[i])
    sum += part.sum
    if (part.bucket.length > 0) {
      min = Math.min(min, part.min)
      max = Math.max(max, part.max)
    }
  }
  const bucket = [...counts.keys()].sort((a, b) => a - b)
  return { bucket, count: bucket.map((b) => counts.get(b) ?? 0), sum, min: Number.isFinite(min) ? min : 0, max }
}

/**
 * Value at a quantile (0..1), ns; null where fewer than EVENTS_BEYOND events lie beyond it, because such a figure is an anecdote
 * (p50 needs 20 events, p99.99 needs 100 000).
 */
export function percentile(data: HistogramData, quantile: number): number | null {
  const total = totalCount(data)
  if (total === 0) return null
  if (total * (1 - quantile) < EVENTS_BEYOND - 1e-9) return null
  return quantileOf(data, quantile)
}

/** The same of however few there are; of none, 0. */
export function quantileOf(data: HistogramData, quantile: number): number {
  const rank = Math.max(1, Math.ceil(totalCount(data) * quantile))
  let seen = 0
  for (const [i, bucket] of data.bucket.entries()) {
    seen += data.count[i]
    if (seen >= rank) return Math.min(Math.max(bucketValue(bucket), data.min), data.max)
  }
  return data.max
}
