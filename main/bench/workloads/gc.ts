import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import { ScatteredZipf } from './scattered-zipf.ts'
import type { AccessShape } from './stream.ts'

/**
 * A program with a tracing garbage collector: the mutator works on a hot share of the heap by a Zipf law; now and then the
 * collector walks the whole heap in order, live and garbage alike, and touches pages that nobody has used since the last sweep (M. Hertz,
 * Y. Feng, E. D. Berger, "Garbage collection without paging", PLDI 2005). The hot pages are scattered over the heap. Between two sweeps lie as many
 * accesses of the mutator as give the sweeps their share. Marks lie aside in a bitmap: a sweep only reads.
 */
export class Gc extends AccessPattern {
  private readonly hot: ScatteredZipf
  /** Accesses of the mutator between two sweeps; 0 is a collector that never rests. */
  private readonly mutator: number
  private left: number
  /** Next page of the sweep under way; `pages` while the mutator works. */
  private cursor: number

  constructor(spec: PatternSpec<'gc'>, shape: AccessShape) {
    super(spec, shape)
    const { pages } = shape
    this.hot = new ScatteredZipf(sharePages(spec.hot, pages), pages, spec.theta, shape.seed)
    this.mutator = spec.sweeps === 0 ? Number.POSITIVE_INFINITY : Math.round((pages * (1 - spec.sweeps)) / spec.sweeps)
    this.left = this.mutator
    this.cursor = this.mutator === 0 ? 0 : pages
  }

  next(): void {
    if (this.cursor < this.pages) {
      this.read(this.cursor++)
      if (this.cursor < this.pages) return
      this.left = this.mutator
      if (this.left === 0) this.cursor = 0
      return
    }
    this.touch(this.hot.draw(this.random))
    if (--this.left === 0) this.cursor = 0
  }
}
