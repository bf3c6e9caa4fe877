import { sortedFinite } from './median.ts'
import { normalQuantile } from './normal-distribution.ts'
import { midranks } from './ranks.ts'

export interface SerialDependence {
  /** Lag-1 rank autocorrelation within the groups, corrected for its bias, 0..0.95; 0 where it is not significant. */
  autocorrelation: number
  /** What a trial is worth against an independent one: (1 − ρ) / (1 + ρ), 0..1. */
  worth: number
}

/** One-sided level above which trials pass for independent; lax, since missing a slow spell costs a false verdict. */
const LEVEL = 0.1

/** A stretch so persistent that a run sees one spell only; beyond, the correction would divide by almost nothing. */
const STRONGEST = 0.95

/** Shorter groups say nothing about what follows what. */
const SHORTEST = 5

/**
 * Do neighbouring trials resemble each other, by heat, drift or slow spells that outlast a trial? Then n trials carry
 * less than n independent ones would. Each group in the order carried out, ranked by itself, so that neither its level
 * nor wild trials count. Bias correction of Kendall 1954, worth as for a first-order process (Bartlett 1946). A spell
 * that covers a whole run leaves no trace in it, and no correction can know of it.
 */
export function serialDependence(groups: readonly (readonly number[])[]): SerialDependence {
  let weighted = 0
  let trials = 0
  for (const group of groups) {
    if (sortedFinite(group).length < SHORTEST) continue
    const correlation = lagOneOfRanks(group)
    if (correlation === null) continue
    weighted += Math.min(1, (correlation * group.length + 1) / (group.length - 4)) * group.length
    trials += group.length
  }
  if (trials === 0) return { autocorrelation: 0, worth: 1 }
  const pooled = Math.min(STRONGEST, weighted / trials)
  if (pooled * Math.sqrt(trials) < normalQuantile(1 - LEVEL)) return { autocorrelation: 0, worth: 1 }
  return { autocorrelation: pooled, worth: (1 - pooled) / (1 + pooled) }
}

function lagOneOfRanks(values: readonly number[]): number | null {
  const { ranks } = midranks(values)
  const middle = (values.length + 1) / 2
  let products = 0
  let squares = 0
  for (const [index, rank] of ranks.entries()) {
    squares += (rank - middle) ** 2
    if (index > 0) products += (rank - middle) * (ranks[index - 1] - middle)
  }
  return squares === 0 ? null : products / squares
}
