import { mix32 } from './random.ts'

/** Entries at first; doubled whenever half of them are taken, so a look-up takes about 1.5 steps. */
const FIRST_CAPACITY = 4096

/**
 * 64-bit ids to 0, 1, 2 … in order of first appearance. Open addressing with linear probing; one row an entry: the two halves of the
 * id and its number + 1 (0: free). 12 bytes a row, at most 100 MiB at the largest address space.
 */
export class DenseIds {
  /** Different ids so far. */
  size = 0
  private low = new Uint32Array(FIRST_CAPACITY)
  private high = new Uint32Array(FIRST_CAPACITY)
  private number = new Int32Array(FIRST_CAPACITY)

  numberOf(low: number, high: number): number {
    const at = this.find(low, high)
    const number = this.number[at]
    if (number !== 0) return number - 1
    this.low[at] = low
    this.high[at] = high
    this.number[at] = ++this.size
    const found = this.size - 1
    if (this.size * 2 > this.number.length) this.grow()
    return found
  }

  private find(low: number, high: number): number {
    const mask = this.number.length - 1
    let at = mix32(low ^ mix32(high)) & mask
    while (this.number[at] !== 0 && (this.low[at] !== low >>> 0 || this.high[at] !== high >>> 0)) at = (at + 1) & mask
    return at
  }

  private grow(): void {
    const { low, high, number } = this
    const capacity = number.length * 2
    this.low = new Uint32Array(capacity)
    this.high = new Uint32Array(capacity)
    this.number = new Int32Array(capacity)
    for (let row = 0; row < number.length; row++) {
      if (number[row] === 0) continue
      const at = this.find(low[row], high[row])
      this.low[at] = low[row]
      this.high[at] = high[row]
      this.number[at] = number[row]
    }
  }
}
