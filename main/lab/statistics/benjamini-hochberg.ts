/**
 * p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995, step-up; adjusted form of Yekutieli and
 * Benjamini 1999), in the order given. Calling everything ≤ q a discovery keeps the expected share of false ones ≤ q,
 * for independent and for positively dependent tests, which metrics of one run are.
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((i, j) => ps[j] - ps[i])
  const adjusted = new Array<number>(ps.length)
  let smallest = 1
  for (const [place, index] of order.entries()) {
    const p = ps[index]
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a p-value lies between 0 and 1, got ${p}`)
    smallest = Math.min(smallest, (p * ps.length) / (ps.length - place))
    adjusted[index] = smallest
  }
  return adjusted
}
