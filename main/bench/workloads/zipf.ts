import { AccessPattern, type PatternSpec } from './access-pattern.ts'
import { ScatteredZipf } from './scattered-zipf.ts'
import type { AccessShape } from './stream.ts'

/** The page of rank k is touched in proportion to 1 / k^theta. */
export class Zipf extends AccessPattern {
  private readonly places: ScatteredZipf

  constructor(spec: PatternSpec<'zipf'>, shape: AccessShape) {
    super(spec, shape)
    this.places = new ScatteredZipf(shape.pages, shape.pages, spec.theta, shape.seed)
  }

  next(): void {
    this.touch(this.places.draw(this.random))
  }
}
