import type { FioEnd, FioVerdict } from '../../contract/index.ts'

/** Turns by portions: every row has one, and rows that are unclear get others until they are decided or a limit is reached. */

export interface Row {
  /** Takes so many turns. */
  take(turns: number): Promise<void>
  /** A look at all turns taken so far; null where there is nothing to judge by. */
  look(): FioVerdict | null
}

export interface Limits {
  /** In a portion, of each row. */
  turns: number
  /** At a row, at most; the first is after the first portion. */
  looks: number
  /** From the start; the first portions are taken however long they last, and one that was begun is finished. */
  ms: number
  /** Monotonic, ms. */
  now(): number
}

/** The row whose portion begins, of those that get one in this round; round 0 is everybody's. */
export type Tell = (round: number, row: number, at: number, of: number) => void

/** Why a row got no more turns, and how often it was looked at. */
export interface Ended {
  ended: FioEnd
  looks: number
}

/**
 * The rows take their portions in rounds, so that a bad spell of the host falls on some turns of many rows and not on all turns of one. A row that is decided stays so: whether a portion is its last
 * depends on the looks alone, whose intervals allow for their number (LOOK_LEVEL). Null for rows that had nothing to judge by.
 */
export async function collectTurns(rows: readonly Row[], limits: Limits, tell: Tell): Promise<(Ended | null)[]> {
  const start = limits.now()
  const ends = rows.map((): Ended | null => null)
  let open = [...rows.keys()]
  for (let round = 0; open.length > 0; round++) {
    const unclear: number[] = []
    for (const [at, row] of open.entries()) {
      if (round > 0 && limits.now() - start >= limits.ms) {
        ends[row] = { ended: 'time', looks: round }
        continue
      }
      tell(round, row, at, open.length)
      await rows[row].take(limits.turns)
      const verdict = rows[row].look()
      if (verdict === null) continue
      const looks = round + 1
      if (verdict !== 'unclear') ends[row] = { ended: 'decided', looks }
      else if (looks === limits.looks) ends[row] = { ended: 'turns', looks }
      else unclear.push(row)
    }
    open = unclear
  }
  return ends
}
