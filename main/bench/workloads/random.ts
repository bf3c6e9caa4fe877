/**
 * xoshiro128** 1.1 (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2018; public domain), its state
 * spread from the seed by splitmix32 steps. Integer arithmetic only, so a seed gives the same sequence on every machine.
 * Not for secrets. Allocates nothing after construction.
 */
export class Random {
  private readonly s = new Uint32Array(4)

  /** `stream` separates the sequences of one seed: accesses, contents and trial order must not mirror each other. */
  constructor(seed: number, stream = 0) {
    let x = (seed ^ mix32(stream + 0x9e3779b9)) >>> 0
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0
      this.s[i] = mix32(x)
    }
    // The all-zero state is the one that never leaves itself.
    if ((this.s[0] | this.s[1] | this.s[2] | this.s[3]) === 0) this.s[0] = 1
  }

  /** 0 .. 2^32-1 */
  next32(): number {
    const s = this.s
    const s1 = s[1]
    const product = Math.imul(s1, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    s[2] ^= s[0]
    s[3] ^= s1
    s[1] = s1 ^ s[2]
    s[0] ^= s[3]
    s[2] ^= s1 << 9
    const s3 = s[3]
    s[3] = (s3 << 11) | (s3 >>> 21)
    return result >>> 0
  }

  /** 0 <= x < 1, in steps of 2^-32. */
  float(): number {
    return this.next32() * 2 ** -32
  }

  /** 0 .. n-1 for n <= 2^32. A value's share is off by at most n / 2^32: 0.1 % at the largest address space. */
  below(n: number): number {
    return Math.floor(this.next32() * 2 ** -32 * n)
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
    return items
  }
}

/** A bijection of 32-bit integers that spreads every bit: the finaliser of MurmurHash3 (A. Appleby, public domain). */
export function mix32(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
