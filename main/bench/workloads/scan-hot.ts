import type { AccessSpec } from '../../contract/index.ts'
import { Random } from './random.ts'
import {
  ACCESS_RANDOM,
  type AccessOp,
  type AccessShape,
  type AccessStream,
  chooseOp,
  READ,
  sharePages,
} from './stream.ts'

type Spec = Extract<AccessSpec, { pattern: 'scan+hot' }>

/**
 * A hot set touched evenly, while a sequential scan walks round the rest of the address space: a backup beside a service. A good
 * policy keeps the hot set; LRU lets the scan push it out.
 */
class ScanHot implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly pages: number
  private readonly writes: number
  private readonly scan: number
  /** The hot set is base .. base+hot-1, wrapping; the scan has the pages behind it. */
  private readonly base: number
  private readonly hot: number
  private cursor = 0

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.pages = shape.pages
    this.writes = spec.writes
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
    this.vpn = vpn >= this.pages ? vpn - this.pages : vpn
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createScanHot(spec: Spec, shape: AccessShape): AccessStream {
  return new ScanHot(spec, shape)
}
