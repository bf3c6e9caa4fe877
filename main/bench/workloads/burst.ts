import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import type { AccessShape } from './stream.ts'

const CALM = 0
const ALLOCATE = 1
const USE = 2
const RELEASE = 3

/**
 * A service that now and then allocates a large buffer, uses it and frees it: a cycle of calm (accesses fall evenly on the base
 * region), allocate (each page of the burst region is written once, in order), use (evenly on both), and release (each page
 * freed, in order). Calm and use last twice as many accesses as the burst has pages. The burst region is the top of the
 * address space, and only touched between its allocation and its release.
 */
export class Burst extends AccessPattern {
  private readonly base: number
  private readonly burst: number
  private stage = CALM
  private step = 0

  constructor(spec: PatternSpec<'burst'>, shape: AccessShape) {
    super(spec, shape)
    this.burst = sharePages(spec.size, shape.pages)
    this.base = shape.pages - this.burst
  }

  next(): void {
    const stage = this.stage
    const step = this.step
    const walks = stage === ALLOCATE || stage === RELEASE
    if (step + 1 === (walks ? this.burst : 2 * this.burst)) {
      this.stage = (stage + 1) & 3
      this.step = 0
    } else {
      this.step = step + 1
    }
    if (stage === ALLOCATE) this.write(this.base + step)
    else if (stage === RELEASE) this.free(this.base + step)
    else this.touch(this.random.below(stage === USE ? this.pages : this.base))
  }
}
