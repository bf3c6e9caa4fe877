import { useSyncExternalStore } from 'react'
import { MOST_NEW_RUNS, type RunSummary } from '../../main/contract/index.ts'

/** A base and what the lab compares with it at once. */
export const MOST_COMPARED = 1 + MOST_NEW_RUNS

export type ChosenRun = Pick<RunSummary, 'id' | 'name' | 'startedAt'>

/** Runs chosen in the history to be compared. They outlive its page: whoever comes back from a comparison goes on choosing. */
let chosen: readonly ChosenRun[] = []
const listeners = new Set<() => void>()

function become(next: readonly ChosenRun[]): void {
  chosen = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const chosenRuns = (): readonly ChosenRun[] => chosen
export const useChosenRuns = (): readonly ChosenRun[] => useSyncExternalStore(subscribe, chosenRuns)

/** Beyond the most, the oldest choice gives way. */
export function chooseRun(run: ChosenRun, wanted: boolean): void {
  const others = chosen.filter(({ id }) => id !== run.id)
  become(wanted ? [...others, run].slice(-MOST_COMPARED) : others)
}

/** Of a run that is deleted, too: with it, a comparison would end in an error. */
export const unchooseRun = (id: string): void => become(chosen.filter((run) => run.id !== id))
export const chooseNoRun = (): void => become([])
