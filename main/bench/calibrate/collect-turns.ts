import type { FioEnd, FioVerdict } from '../../contract/index.ts'

/** Every row is looked at after as many turns as any other, and rows that are unclear get others until they are decided or a limit is reached. */

export interface Row {
  /** Takes so many turns. */
  take(turns: number): Promise<void>
  /** A look at all turns taken so far; null where there is nothing to judge by. */
  look(): FioVerdict | null
}

export interface Limits {
  /** That a row takes one after the other. */
  turns: number
  /** From look to look; in each, the rows take their turns one after the other. */
  rounds: number
  /** At a row, at most. */
  looks: number
  /** From the start; what leads to the first look is taken however long it lasts, and what leads to any other is finished once begun. */
  ms: number
  /** Monotonic, ms. */
  now(): number
}

/** The row whose turns begin, of those that get some before look 0, 1, ... */
export type Tell = (step: { look: number; round: number; row: number; at: number; of: number }) => void

/** Why a row got no more turns, and how often it was looked at. */
export interface Ended {
  ended: FioEnd
  looks: number
}

/**
 * Rounds, because a bad spell of the host shall fall on some turns of many rows and not on all turns of one, which would be decided by it: the bootstrap knows the spread among the turns it has, and
 * turns of one spell are alike. A row that is decided stays so, and is decided by looks whose intervals allow for their number (LOOK_LEVEL). Null for rows that had nothing to judge by.
 */
export async function collectTurns(rows: readonly Row[], limits: Limits, tell: Tell): Promise<(Ended | null)[]> {
  const start = limits.now()
  const ends = rows.map((): Ended | null => null)
  let open = [...rows.keys()]
  for (let look = 0; open.length > 0; look++) {
    if (look > 0 && limits.now() - start >= limits.ms) {
      for (const row of open) ends[row] = { ended: 'time', looks: look }
      break
    }
    for (let round = 0; round < limits.rounds; round++)
      for (const [at, row] of open.entries()) {
        tell({ look, round, row, at, of: open.length })
        await rows[row].take(limits.turns)
      }
    open = open.filter((row) => {
      const verdict = rows[row].look()
      if (verdict === null) return false
      const last = look + 1 === limits.looks
      if (verdict === 'unclear' && !last) return true
      ends[row] = { ended: verdict === 'unclear' ? 'turns' : 'decided', looks: look + 1 }
      return false
    })
  }
  return ends
}
