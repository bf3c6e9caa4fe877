import { expect, it } from 'vitest'
import type { RunDocument } from '../../../main/contract/index.ts'
import { everyState } from '../../fixture-lab/runs.ts'
import { followable, trendHref, trialsHref } from './place.ts'

const lanes = everyState().find(({ run }) => run.id === 'lanes')?.lanes ?? []

it('a lane that lacks the metric leads back to one that has it', () => {
  const raw = followable({ lanes }, 'raw')
  expect(raw.lanes).toEqual(lanes.map(({ label }) => label))
  expect(raw.metrics).toContain('accesses.per_s')
  expect(raw.metrics).not.toContain('pool.ratio.effective')
  expect(followable({ lanes }, lanes[1].label).metrics).toContain('pool.ratio.effective')
})

it('without a lane the first is meant, and one that the run does not have has nothing', () => {
  expect(followable({ lanes }, undefined).lane).toBe(lanes[0].label)
  expect(followable({ lanes }, 'removed')).toMatchObject({ lane: 'removed', metrics: [] })
  const none: RunDocument['lanes'] = []
  expect(followable({ lanes: none }, 'raw').lanes).toEqual([])
})

it('lane and metric are taken along to a run and back', () => {
  const followed = { lane: 'zcache lz4 & "more"', metric: 'fault.ns.p99' }
  const search = (href: string) => Object.fromEntries(new URLSearchParams(href.slice(href.indexOf('?'))))
  expect(search(trialsHref('a b', followed))).toEqual({ trials: followed.metric, lane: followed.lane })
  expect(trialsHref('a b', followed)).toMatch(/^\/runs\/a%20b\?/)
  expect(search(trendHref('a b', followed))).toEqual({ run: 'a b', ...followed })
})
