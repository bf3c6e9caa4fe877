import { mix32 } from './random.ts'

const ROUNDS = 4 // M. Luby, C. Rackoff 1988: four rounds of a random function cannot be told from a random permutation

/**
 * A seeded permutation of 0 .. n-1 that needs no table: a Feistel network over the next power of two, walked until the
 * value falls inside (cycle walking: J. Black, P. Rogaway 2002; under two steps on average). A table would be 16 MiB for the largest
 * address space and would push the engine's own data out of the CPU's cache while it is being measured.
 */
export class Permutation {
  private readonly n: number
  private readonly lowBits: number
  private readonly lowMask: number
  private readonly highMask: number
  private readonly keys = new Int32Array(ROUNDS)

  /** n: 1 .. 2^30 */
  constructor(n: number, seed: number) {
    this.n = n
    const bits = Math.max(2, 32 - Math.clz32(n - 1))
    this.lowBits = bits >>> 1
    this.lowMask = (1 << this.lowBits) - 1
    this.highMask = (1 << (bits - this.lowBits)) - 1
    for (let round = 0; round < ROUNDS; round++) this.keys[round] = mix32(seed + mix32(round + 1))
  }

  at(index: number): number {
    let x = index
    do {
      let low = x & this.lowMask
      let high = x >>> this.lowBits
      for (let round = 0; round < ROUNDS; round += 2) {
        high ^= mix32(low ^ this.keys[round]) & this.highMask
        low ^= mix32(high ^ this.keys[round + 1]) & this.lowMask
      }
      x = (high << this.lowBits) | low
    } while (x >= this.n)
    return x
  }
}
