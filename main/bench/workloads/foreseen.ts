import { LabError } from '../../contract/index.ts'
import { type AccessOp, type AccessShape, type AccessStream, FREE, READ, WRITE } from './stream.ts'

/** Two tables of this many 32-bit entries: 256 MiB. */
export const MOST_FORESEEN = 2 ** 25

const OPS: readonly AccessOp[] = [READ, WRITE, FREE]

/** @throws LabError `bad_input` for more than MOST_FORESEEN accesses */
export function checkForeseeable(operations: number): void {
  if (operations > MOST_FORESEEN)
    throw new LabError({
      code: 'bad_input',
      message: `A policy that knows the future keeps 8 bytes for each access: ${operations} are more than the ${MOST_FORESEEN} it may (256 MiB).`,
      field: 'workload.operations',
      remedy: 'Ask for fewer accesses, or leave the lane with that policy out.',
    })
}

/**
 * The accesses of a trial, drawn ahead, and for each of them when its page is used next: one pass back over them. They are seeded and do not depend on
 * timing, so a measured run can know them as well. The tables, 8 bytes an access and 4 a page, are the laboratory's: no lane is charged for them.
 *
 * words   Int32  row = position   vpn << 2 | op
 * nextAt  Uint32 row = position   position of the page's next use after this access; operations + vpn where there is none
 * nextOf  Uint32 row = vpn        the same as of now
 */
export class ForeseenAccesses implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  readonly operations: number
  readonly pages: number
  private readonly words: Int32Array
  private readonly nextAt: Uint32Array
  private readonly nextOf: Uint32Array
  /** Accesses so far. */
  position = 0

  /** @throws LabError of checkForeseeable */
  constructor(stream: AccessStream, { pages, operations }: Pick<AccessShape, 'pages' | 'operations'>) {
    checkForeseeable(operations)
    this.operations = operations
    this.pages = pages
    this.words = new Int32Array(operations)
    this.nextAt = new Uint32Array(operations)
    this.nextOf = Uint32Array.from({ length: pages }, (_, vpn) => operations + vpn)
    for (let at = 0; at < operations; at++) {
      stream.next()
      this.words[at] = (stream.vpn << 2) | stream.op
    }
    for (let at = operations - 1; at >= 0; at--) {
      const vpn = this.pageAt(at)
      this.nextAt[at] = this.nextOf[vpn]
      // What a page held before it is given back is not needed.
      this.nextOf[vpn] = this.opAt(at) === FREE ? operations + vpn : at
    }
  }

  next(): void {
    const at = this.position++
    this.vpn = this.pageAt(at)
    this.op = this.opAt(at)
    this.nextOf[this.vpn] = this.nextAt[at]
  }

  /** Position of the next use of what a page holds now; from `operations` on, it has none. No two pages have the same. */
  nextUse(vpn: number): number {
    return this.nextOf[vpn]
  }

  /** The page whose next use that is. */
  pageAt(position: number): number {
    return position < this.operations ? this.words[position] >> 2 : position - this.operations
  }

  opAt(position: number): AccessOp {
    return OPS[this.words[position] & 3]
  }

  nextAfter(position: number): number {
    return this.nextAt[position]
  }
}
