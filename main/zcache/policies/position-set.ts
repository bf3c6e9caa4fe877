/**
 * A set of whole numbers 0 .. limit-1 with its greatest at hand, in limit/8 bytes and a thirty-first of that: bits, and over them levels of bits that say which
 * word of the level below has any. Each operation is one word a level.
 */
export class PositionSet {
  size = 0
  private readonly levels: Uint32Array[] = []

  constructor(limit: number) {
    let words = limit
    do {
      words = Math.max(1, Math.ceil(words / 32))
      this.levels.push(new Uint32Array(words))
    } while (words > 1)
  }

  has(value: number): boolean {
    return ((this.levels[0][value >>> 5] >>> (value & 31)) & 1) === 1
  }

  add(value: number): void {
    if (this.has(value)) return
    this.size++
    for (const level of this.levels) {
      level[value >>> 5] |= 1 << (value & 31)
      value >>>= 5
    }
  }

  delete(value: number): void {
    if (!this.has(value)) return
    this.size--
    for (const level of this.levels) {
      level[value >>> 5] &= ~(1 << (value & 31))
      value >>>= 5
      if (level[value] !== 0) return
    }
  }

  /** -1 where it is empty. */
  greatest(): number {
    return this.size === 0 ? -1 : this.greatestUnder(this.levels.length - 1, 0)
  }

  /** The greatest that is smaller than this; -1 for none. */
  before(value: number): number {
    let word = value
    for (const [level, words] of this.levels.entries()) {
      const smaller = words[word >>> 5] & ((1 << (word & 31)) - 1)
      if (smaller !== 0) return this.greatestUnder(level - 1, (word & ~31) + 31 - Math.clz32(smaller))
      word >>>= 5
    }
    return -1
  }

  /** @param at of a bit that is set in this level; -1 is below all levels */
  private greatestUnder(level: number, at: number): number {
    let value = at
    for (let below = level; below >= 0; below--) value = value * 32 + 31 - Math.clz32(this.levels[below][value])
    return value
  }
}
