/**
 * How often things came back lately, by their number, in two bytes for each of `columns`: a count-min sketch of four rows of
 * 4-bit counters with conservative update. Source: TinyLFU (G. Einziger, R. Friedman, B. Manes, ACM ToS 2017). There all counters are halved at
 * once, now and then; here a byte of the table is halved at a time, so that no call does more than another.
 */

const ROWS = 4
const MOST = 15

export class FrequencySketch {
  /** Row by row, two counters to a byte. */
  private readonly table: Uint8Array
  private readonly mask: number
  private readonly rowBytes: number
  /** Bytes halved for each raise, and the part of one left over. */
  private readonly agingPerRaise: number
  private aging = 0
  private cursor = 0

  /**
   * @param columns counters of a row; taken up to a power of two
   * @param period raises, as a multiple of the columns, in which every counter is halved once
   */
  constructor(columns: number, period: number) {
    const width = FrequencySketch.width(columns)
    this.mask = width - 1
    this.rowBytes = width >> 1
    this.table = new Uint8Array(FrequencySketch.bytes(columns))
    this.agingPerRaise = this.table.length / (period * width)
  }

  static bytes(columns: number): number {
    return (ROWS * FrequencySketch.width(columns)) >> 1
  }

  private static width(columns: number): number {
    let width = 64
    while (width < columns) width *= 2
    return width
  }

  /** 0 to 15. */
  of(key: number): number {
    let least = MOST
    for (let row = 0; row < ROWS; row++) {
      const at = this.at(key, row)
      const count = (this.table[at >> 1] >> ((at & 1) << 2)) & MOST
      if (count < least) least = count
    }
    return least
  }

  raise(key: number): void {
    const least = this.of(key)
    if (least < MOST)
      for (let row = 0; row < ROWS; row++) {
        const at = this.at(key, row)
        const shift = (at & 1) << 2
        if (((this.table[at >> 1] >> shift) & MOST) === least) this.table[at >> 1] += 1 << shift
      }
    this.aging += this.agingPerRaise
    while (this.aging >= 1) {
      this.aging--
      this.table[this.cursor] = (this.table[this.cursor] >> 1) & 0x77
      if (++this.cursor === this.table.length) this.cursor = 0
    }
  }

  private at(key: number, row: number): number {
    let hash = Math.imul(key ^ (row * 0x9e37_79b9), 0x85eb_ca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35)
    hash ^= hash >>> 16
    return ((row * this.rowBytes) << 1) + (hash & this.mask)
  }
}
