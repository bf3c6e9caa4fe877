/**
 * All zpages of a pool in the order of their stores, one row per descriptor:
 *
 * next/prev Int32    the LRU, towards the young and the old end
 * at        Float64  when it was stored, ns
 * flags     Uint8    LISTED, MARKED (a policy's own), and of recompression BY_SECOND_CODEC and INCOMPRESSIBLE
 *
 * Links and time of a zpage lie together, in one cache line: `times` is another view of the rows of `links`.
 */

/** Int32s of a row, and where in it; the time is the second Float64. */
const ROW = 4
const NEXT = 0
const PREV = 1
const AT = 1

const LISTED = 1
const MARKED = 2
const BY_SECOND_CODEC = 4
const INCOMPRESSIBLE = 8

export class Zpages {
  private readonly links: Int32Array
  private readonly times: Float64Array
  private readonly flags: Uint8Array
  private old = -1
  private young = -1

  /** @param capacity most descriptors */
  constructor(capacity: number) {
    this.times = new Float64Array((capacity * ROW) / 2)
    this.links = new Int32Array(this.times.buffer)
    this.flags = new Uint8Array(capacity)
  }

  /** Bytes for `capacity` descriptors. */
  static bytes(capacity: number): number {
    return capacity * (ROW * 4 + 1)
  }

  /** Enters a zpage at the young end. */
  add(zpage: number, now: number): void {
    this.times[zpage * (ROW / 2) + AT] = now
    this.flags[zpage] = LISTED
    this.append(zpage)
  }

  remove(zpage: number): void {
    if ((this.flags[zpage] & LISTED) === 0) return
    this.flags[zpage] = 0
    this.unlink(zpage)
  }

  oldest(): number {
    return this.old
  }

  /** Counts them: for the books. */
  count(): number {
    let count = 0
    for (let zpage = this.old; zpage >= 0; zpage = this.younger(zpage)) count++
    return count
  }

  younger(zpage: number): number {
    return this.links[zpage * ROW + NEXT]
  }

  storedAt(zpage: number): number {
    return this.times[zpage * (ROW / 2) + AT]
  }

  has(zpage: number): boolean {
    return (this.flags[zpage] & LISTED) !== 0
  }

  mark(zpage: number): boolean {
    return (this.flags[zpage] & MARKED) !== 0
  }

  setMark(zpage: number, value: boolean): void {
    if (value) this.flags[zpage] |= MARKED
    else this.flags[zpage] &= ~MARKED
  }

  bySecondCodec(zpage: number): boolean {
    return (this.flags[zpage] & BY_SECOND_CODEC) !== 0
  }

  isIncompressible(zpage: number): boolean {
    return (this.flags[zpage] & INCOMPRESSIBLE) !== 0
  }

  setIncompressible(zpage: number): void {
    this.flags[zpage] |= INCOMPRESSIBLE
  }

  /** Puts what the second codec made of a zpage in its place: as old as it, and without its mark. */
  replace(zpage: number, fresh: number): void {
    const next = this.links[zpage * ROW + NEXT]
    const prev = this.links[zpage * ROW + PREV]
    this.links[fresh * ROW + NEXT] = next
    this.links[fresh * ROW + PREV] = prev
    if (next >= 0) this.links[next * ROW + PREV] = fresh
    else this.young = fresh
    if (prev >= 0) this.links[prev * ROW + NEXT] = fresh
    else this.old = fresh
    this.times[fresh * (ROW / 2) + AT] = this.times[zpage * (ROW / 2) + AT]
    this.flags[fresh] = LISTED | BY_SECOND_CODEC
    this.flags[zpage] = 0
  }

  /** @throws RangeError for one that is not listed: it would tear the list */
  rotate(zpage: number): void {
    if (!this.has(zpage)) throw new RangeError(`zpage ${zpage} is not in the pool`)
    this.unlink(zpage)
    this.append(zpage)
  }

  private append(zpage: number): void {
    this.links[zpage * ROW + NEXT] = -1
    this.links[zpage * ROW + PREV] = this.young
    if (this.young >= 0) this.links[this.young * ROW + NEXT] = zpage
    else this.old = zpage
    this.young = zpage
  }

  private unlink(zpage: number): void {
    const next = this.links[zpage * ROW + NEXT]
    const prev = this.links[zpage * ROW + PREV]
    if (next >= 0) this.links[next * ROW + PREV] = prev
    else this.young = prev
    if (prev >= 0) this.links[prev * ROW + NEXT] = next
    else this.old = next
  }
}
