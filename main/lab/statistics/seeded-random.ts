/** Draws that repeat exactly for the same seed, on every machine. Not for secrets. */
export interface SeededRandom {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number
  /** Uniform integer in [0, bound), bound ≤ 2^32. */
  below(bound: number): number
  /** Standard normal (Box and Muller 1958). */
  normal(): number
}

/**
 * xoshiro128** (Blackman and Vigna 2018, period 2^128 - 1), its state filled from the seed by the splitmix step with
 * MurmurHash3's finaliser, so that neighbouring seeds give unrelated streams. The seed is taken modulo 2^32.
 */
export function seededRandom(seed: number): SeededRandom {
  let mixed = seed >>> 0
  const fill = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0
    let word = mixed
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return (word ^ (word >>> 16)) >>> 0
  }
  let a = fill()
  let b = fill()
  let c = fill()
  let d = fill()

  const next = (): number => {
    const scrambled = Math.imul(b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result / 0x1_0000_0000
  }
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}
