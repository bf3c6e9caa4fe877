/**
 * All zpages of a pool in the order of their stores, one row per descriptor:
 *
 * next/prev Int32    the LRU, towards the young and the old end
 * at        Float64  when it was stored, ns
 * flags     Uint8    LISTED, MARKED (a policy's own), and of recompression BY_SECOND_CODEC and INCOMPRESSIBLE
 */

const LISTED = 1
const MARKED = 2
const BY_SECOND_CODEC = 4
const INCOMPRESSIBLE = 8

export class Zpages {
  private readonly next: Int32Array
  private readonly prev: Int32Array
  private readonly at: Float64Array
  private readonly flags: Uint8Array
  private old = -1
  private young = -1

  /** @param capacity most descriptors */
  constructor(capacity: number) {
    this.next = new Int32Array(capacity).fill(-1)
    this.prev = new Int32Array(capacity).fill(-1)
    this.at = new Float64Array(capacity)
    this.flags = new Uint8Array(capacity)
  }

  /** Bytes for `capacity` descriptors. */
  static bytes(capacity: number): number {
    return capacity * (4 + 4 + 8 + 1)
  }

  /** Enters a zpage at the young end. */
  add(zpage: number, now: number): void {
    this.at[zpage] = now
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

  younger(zpage: number): number {
    return this.next[zpage]
  }

  storedAt(zpage: number): number {
    return this.at[zpage]
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
    const next = this.next[zpage]
    const prev = this.prev[zpage]
    this.next[fresh] = next
    this.prev[fresh] = prev
    if (next >= 0) this.prev[next] = fresh
    else this.young = fresh
    if (prev >= 0) this.next[prev] = fresh
    else this.old = fresh
    this.at[fresh] = this.at[zpage]
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
    this.next[zpage] = -1
    this.prev[zpage] = this.young
    if (this.young >= 0) this.next[this.young] = zpage
    else this.old = zpage
    this.young = zpage
  }

  private unlink(zpage: number): void {
    const next = this.next[zpage]
    const prev = this.prev[zpage]
    if (next >= 0) this.prev[next] = prev
    else this.young = prev
    if (prev >= 0) this.next[prev] = next
    else this.old = next
  }
}
