const SQRT_2PI = Math.sqrt(2 * Math.PI)

/** Below this the power series is quicker and as exact as the continued fraction. */
const SERIES_LIMIT = 2.5

/**
 * P(Z > z) of the standard normal, relative error below 1e-13 down to z = 37 (1e-300).
 * Power series 26.2.11 near the middle, continued fraction 26.2.14 in the tail (Abramowitz and Stegun).
 */
export function normalUpperTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN
  if (z < 0) return 1 - normalUpperTail(-z)
  if (z > 40) return 0
  const density = Math.exp((-z * z) / 2) / SQRT_2PI
  if (z < SERIES_LIMIT) {
    let term = z
    let sum = z
    for (let odd = 3; term > sum * 1e-17; odd += 2) {
      term *= (z * z) / odd
      sum += term
    }
    return 0.5 - density * sum
  }
  let fraction = z
  for (let depth = 200; depth >= 1; depth--) fraction = z + depth / fraction
  return density / fraction
}

/**
 * z with P(Z ≤ z) = probability, 0 < probability < 1; error below 1e-12. Newton's method on the distribution function,
 * which is concave above the middle, so that it converges from 0 for every tail.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability ${probability} is outside (0, 1)`)
  if (probability > 0.5) return -normalQuantile(1 - probability)
  let z = 0
  for (let step = 0; step < 100; step++) {
    const move = (normalUpperTail(z) - probability) / (Math.exp((-z * z) / 2) / SQRT_2PI)
    // A full step from far away overshoots in the thin tail; one unit at a time stays safe.
    z += Math.max(-1, Math.min(1, move))
    if (Math.abs(move) < 1e-14) break
  }
  return -z
}
