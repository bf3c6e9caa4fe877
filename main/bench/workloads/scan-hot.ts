import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import type { AccessShape } from './stream.ts'

/**
 * A hot set touched evenly, while a sequential scan walks round the rest of the address space: a backup beside a service. A good
 * policy keeps the hot set; LRU lets the scan push it out.
 */
export class ScanHot extends AccessPattern {
  private readonly scan: number
  /** The hot set is base .. base+hot-1, wrapping; the scan has the pages behind it. */
  private readonly base: number
  private readonly hot: number
  private cursor = 0

  constructor(spec: PatternSpec<'scan+hot'>, shape: AccessShape) {
    super(spec, shape)
    this.scan = spec.scan
    this.hot = sharePages(spec.hot, shape.pages)
    this.base = this.random.below(shape.pages)
  }

  next(): void {
    let offset: number
    if (this.random.float() < this.scan) {
      offset = this.hot + this.cursor
      this.cursor = offset + 1 >= this.pages ? 0 : this.cursor + 1
    } else {
      offset = this.random.below(this.hot)
    }
    const vpn = this.base + offset
    this.touch(vpn >= this.pages ? vpn - this.pages : vpn)
  }
}
