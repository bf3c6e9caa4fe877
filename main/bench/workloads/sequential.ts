import { AccessPattern, type PatternSpec } from './access-pattern.ts'
import type { AccessShape } from './stream.ts'

/** Page 0, 1, 2 … round and round: the pattern that defeats LRU as soon as it exceeds the RAM. */
export class Sequential extends AccessPattern {
  constructor(spec: PatternSpec<'sequential'>, shape: AccessShape) {
    super(spec, shape)
    this.vpn = shape.pages - 1
  }

  next(): void {
    this.touch(this.vpn + 1 === this.pages ? 0 : this.vpn + 1)
  }
}
