import { expect, it } from 'vitest'
import { followable, trendHref, trialsHref } from './place.ts'

const lanes = [
  { label: 'raw', metrics: { 'fault.ns.p50': 1, 'accesses.per_s': 1 } },
  { label: 'zcache', metrics: { 'accesses.per_s': 1, 'pool.ratio.effective': 1 } },
]

it('what can be followed instead are the metrics of the lane that was asked for', () => {
  const metrics = ['accesses.per_s', 'fault.ns.p50']
  expect(followable({ lanes }, 'raw')).toEqual({ lanes: ['raw', 'zcache'], lane: 'raw', metrics })
})

it('without a lane the first is meant, and one that the run does not have has nothing', () => {
  expect(followable({ lanes }, undefined).lane).toBe('raw')
  expect(followable({ lanes }, 'removed')).toEqual({ lanes: ['raw', 'zcache'], lane: 'removed', metrics: [] })
})

it('lane and metric are taken along to a run and back', () => {
  const followed = { lane: 'zcache lz4 & "more"', metric: 'fault.ns.p99' }
  const search = (href: string) => Object.fromEntries(new URLSearchParams(href.slice(href.indexOf('?'))))
  expect(search(trialsHref('a b', followed))).toEqual({ trials: followed.metric, lane: followed.lane })
  expect(trialsHref('a b', followed)).toMatch(/^\/runs\/a%20b\?/)
  expect(search(trendHref('a b', followed))).toEqual({ run: 'a b', ...followed })
})
