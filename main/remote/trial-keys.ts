import { setTimeout } from 'node:timers/promises'
import { RESP_ERROR } from './resp.ts'
import type { Talk } from './talk.ts'

/**
 * What a trial has on a server: the keys swaplab:TRIAL:OBJECT, a member TRIAL of the set swaplab:trials, and two connections of the name swaplab:TRIAL,
 * which are there first and last. So a trial that is in the set and has no connection is one whose engine was killed, and its keys may go. They do not
 * expire: a page that expires is lost where a host was suspended, and evicted first under a policy that evicts what expires.
 */

const PREFIX = 'swaplab:'
/** The set of all. */
export const TRIALS = `${PREFIX}trials`
/** Objects of zcache's swap pool (its SWIZ_BITS). */
const OBJECTS = 256

export function trialName(run: string, unique: string): string {
  return `${run}.${unique}`
}

export function connectionName(trial: string): string {
  return PREFIX + trial
}

export function trialKeys(trial: string): string[] {
  return Array.from({ length: OBJECTS }, (_, object) => `${PREFIX}${trial}:${object}`)
}

export interface SweptTrials {
  /** Trials of killed engines whose keys were removed; with a run named, of that run. */
  removed: number
  /** Those that are still there: of the run named, or, where the server does not say who is connected, all that may be of a killed engine. */
  kept: number
}

/** How long the server may take to see that a process has ended, ms. */
const GRACE_MS = 2000
const AGAIN_MS = 50

/**
 * Removes what killed engines have left on a server.
 * @param dead a run whose engine has ended: the server may not have seen it yet, and is waited for
 * @throws Error where the server does not answer
 */
export async function sweepTrials(talk: Pick<Talk, 'ask'>, dead?: string): Promise<SweptTrials> {
  const isMeant = (trial: string) => dead === undefined || trial.startsWith(trialName(dead, ''))
  const until = performance.now() + GRACE_MS
  let removed = 0
  for (;;) {
    // The set first: who joins it after that has had connections before, and is not looked at.
    const { items: trials } = await talk.ask('SMEMBERS', TRIALS)
    if (trials.length === 0) return { removed, kept: 0 }
    const clients = await talk.ask('CLIENT', 'LIST')
    if (clients.kind === RESP_ERROR) return { removed, kept: trials.filter(isMeant).length }
    const kept = trials.filter((trial) => clients.text.includes(` name=${connectionName(trial)} `))
    for (const trial of trials) {
      if (kept.includes(trial)) continue
      await talk.ask('UNLINK', ...trialKeys(trial))
      await talk.ask('SREM', TRIALS, trial)
      if (isMeant(trial)) removed++
    }
    const dying = dead === undefined ? [] : kept.filter(isMeant)
    if (dying.length === 0 || performance.now() > until) return { removed, kept: dying.length }
    await setTimeout(AGAIN_MS)
  }
}
