import type { SteadyFacts } from '../../contract/index.ts'
import { steadyState } from './steady-state.ts'

/** Parts of the measured accesses in which a steady state is looked for: a window of five is a quarter of them. */
export const ROUNDS = 20
/** Fewest accesses that make a round. */
const FEWEST = 128

/** The measured part of a trial, cut into rounds of equally many accesses, with one figure for each. */
export class Rounds {
  private readonly quantity: SteadyFacts['quantity']
  private readonly rounds: number
  private readonly accesses: number
  private readonly values: number[] = []
  private last: { done: number; now: number; responseNs: number }

  /** @param parts.now time without asides, ns; `responseNs` the sum of all response times so far: open loop only */
  constructor(parts: { accesses: number; open: boolean; now: number }) {
    this.accesses = parts.accesses
    this.rounds = Math.min(ROUNDS, Math.floor(parts.accesses / FEWEST))
    this.quantity = parts.open ? 'access.ns.mean' : 'accesses.per_s'
    this.last = { done: 0, now: parts.now, responseNs: 0 }
  }

  /** Whether the round under way ends with this many accesses done. */
  ends(done: number): boolean {
    return this.values.length < this.rounds && done >= ((this.values.length + 1) / this.rounds) * this.accesses
  }

  /** Ends a round; figures as for the constructor. */
  end(done: number, now: number, responseNs: number): void {
    const { last } = this
    const accesses = done - last.done
    this.values.push(
      this.quantity === 'access.ns.mean'
        ? (responseNs - last.responseNs) / accesses
        : (accesses / (now - last.now)) * 1e9,
    )
    this.last = { done, now, responseNs }
  }

  facts(): SteadyFacts {
    const { quantity, values } = this
    const { reachedAt, reason } = steadyState(values)
    return {
      reached: reachedAt !== null,
      fromRound: reachedAt === null ? null : reachedAt + 1,
      quantity,
      values,
      reason,
    }
  }
}
