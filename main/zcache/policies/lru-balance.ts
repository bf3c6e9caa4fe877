import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { Policy, PolicyEntry, PolicyView } from './policy.ts'

/**
 * The target of zcache's shrinker as it was meant: compressed frames should not outnumber uncompressed pages. It has two steps in every pass of reclaim. Step A, ephemeral frames against
 * resident file pages, is zcache's own and has run when a policy is asked (EphemeralPool.shrink). Step B, here, asks for as many of the oldest persistent frames as are over
 * the resident anonymous pages; the number of pages that reclaim is after is ignored. Only a frame that cannot be had ends it early. As shipped it knew no pool
 * limit: a pool that is full below the balance refuses stores.
 */

const SOURCE = "zcache with writeback (drivers/staging/zcache), 2013: the shrinker's step for persistent frames"

function overBalance(view: PolicyView, ratio: number): number {
  return Math.max(0, view.poolFrames - Math.floor(ratio * (view.activePages + view.inactivePages)))
}

export const lruBalance: PolicyEntry<ParameterOf<'lru-balance'>> = {
  name: 'lru-balance',
  title: 'LRU balance',
  rule: 'when reclaim finds more pool frames than resident anonymous pages on both lists, as many of the oldest frames are written back as are over',
  source: SOURCE,
  parameters: POLICY_PARAMETERS['lru-balance'],
  create: ({ ratio }): Policy => ({
    unit: 'frame',
    onReclaim: (view) => overBalance(view, ratio),
  }),
}

/** What its authors asked themselves in a FIXME: should step B not run only where step A did not free enough? */
export const lruBalanceEphemeralFirst: PolicyEntry<ParameterOf<'lru-balance-ephemeral-first'>> = {
  name: 'lru-balance-ephemeral-first',
  title: 'LRU balance, ephemeral first',
  rule: 'as lru-balance, but only in a pass of reclaim in which fewer ephemeral frames were dropped than pages are wanted',
  source: `${SOURCE}, as its FIXME proposes`,
  parameters: POLICY_PARAMETERS['lru-balance-ephemeral-first'],
  create: ({ ratio }): Policy => ({
    unit: 'frame',
    onReclaim: (view) => (view.dropped >= view.wanted ? 0 : overBalance(view, ratio)),
  }),
}
