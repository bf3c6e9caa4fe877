export interface Ranking {
  /** Midrank of each value, from 1, in the order given: equal values share the mean of their places. */
  ranks: number[]
  /** Sizes of the groups of equal values that have more than one member. */
  ties: number[]
}

/** Midranks and tie groups (Hollander and Wolfe 1999, section 1.6). */
export function midranks(values: readonly number[]): Ranking {
  const order = values.map((_, index) => index).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length)
  const ties: number[] = []
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]] === values[order[start]]) end++
    for (let place = start; place < end; place++) ranks[order[place]] = (start + 1 + end) / 2
    if (end - start > 1) ties.push(end - start)
    start = end
  }
  return { ranks, ties }
}

/** Σ (t³ − t), the term every tie correction of a rank test needs. */
export function tieTerm(ties: readonly number[]): number {
  return ties.reduce((sum, t) => sum + (t * t * t - t), 0)
}
