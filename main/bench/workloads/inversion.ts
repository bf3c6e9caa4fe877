import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import { ScatteredZipf } from './scattered-zipf.ts'
import type { AccessShape } from './stream.ts'

/**
 * A cold bulk, written once in order at the start and never touched again; from then on a hot set, by a Zipf law. Where the hot set
 * itself does not fit the RAM, the bulk, which was evicted first, sits in the pool, and hot pages go to disk: the inversion of age that
 * writeback is to undo. The bulk is the low end of the address space; its writes come before any access to the hot set.
 */
export class Inversion extends AccessPattern {
  private readonly hot: ScatteredZipf
  private readonly bulk: number
  private written = 0

  constructor(spec: PatternSpec<'inversion'>, shape: AccessShape) {
    super(spec, shape)
    const hot = sharePages(spec.hot, shape.pages)
    this.hot = new ScatteredZipf(hot, hot, spec.theta, shape.seed)
    this.bulk = shape.pages - hot
  }

  next(): void {
    if (this.written < this.bulk) this.write(this.written++)
    else this.touch(this.bulk + this.hot.draw(this.random))
  }
}
