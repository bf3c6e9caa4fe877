const FIRST_MS = 500
const LONGEST_MS = 10_000

/** Milliseconds to wait before connection attempt `attempt` (1 = first retry): doubles from 0.5 s up to 10 s. */
export function backoffMs(attempt: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1))
}
