import type { LoadFacts, OpenLoad } from '../../contract/index.ts'
import type { MeasureAnswers } from '../../kernel/index.ts'
import { Histogram, type HistogramData } from '../measure/histogram.ts'
import { Arrivals } from '../trial/arrivals.ts'
import { PAGE_OUT } from './model-order.ts'

/** Most that one message may take of the schedule, s: progress and cancel come in between. */
const MESSAGE_S = 0.1

const isAccess = (row: number) => (row & 3) !== PAGE_OUT

/**
 * The schedule of an open loop for accesses that are carried out in batches by another process. Its time is the one that the batches took,
 * without what they spent aside: between two of them it stands still. Page-outs of a model have no time of their own.
 */
export class Pace {
  private readonly load: OpenLoad
  /** The same schedule twice: drawn ahead for the next batch, and followed by what has begun. */
  private readonly ahead: Arrivals
  private readonly kept: Arrivals
  private readonly response = new Histogram()
  private readonly service = new Histogram()

  constructor(load: OpenLoad, seed: number) {
    this.load = load
    this.ahead = new Arrivals(load, seed)
    this.kept = new Arrivals(load, seed)
  }

  /** Most rows of a message. */
  get batch(): number {
    return Math.max(1, Math.floor(this.load.rate * MESSAGE_S))
  }

  /** A new part of so many accesses begins now; what was measured before is forgotten. */
  start(now: number, accesses: number): void {
    this.ahead.start(now, accesses)
    this.kept.start(now, accesses)
    this.response.clear()
    this.service.clear()
  }

  /** When each row of the next batch, which begins now, is meant to begin, ns after it. */
  take(rows: Uint32Array, now: number): Float64Array {
    return Float64Array.from(rows, (row) => (isAccess(row) ? this.ahead.begin(this.ahead.due) - now : 0))
  }

  /** What became of them; `now` as of their take(). */
  took(
    rows: Uint32Array,
    { starts, latencies }: Pick<MeasureAnswers['replay'], 'starts' | 'latencies'>,
    now: number,
  ): void {
    for (const [index, row] of rows.entries()) {
      if (!isAccess(row)) continue
      const begun = now + starts[index]
      const due = this.kept.begin(begun)
      this.service.record(latencies[index])
      this.response.record(begun + latencies[index] - due)
    }
  }

  /** Sum of all response times of the part, ns. */
  get responseNs(): number {
    return this.response.sum
  }

  data(): Record<'access.ns' | 'service.ns', HistogramData> {
    return { 'access.ns': this.response.toData(), 'service.ns': this.service.toData() }
  }

  facts(): { load: LoadFacts; invalid: string | null } {
    return this.kept.facts()
  }
}
