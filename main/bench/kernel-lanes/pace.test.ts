import { expect, it } from 'vitest'
import { OpenLoad } from '../../contract/index.ts'
import { PAGE_OUT } from './model-order.ts'
import { Pace } from './pace.ts'

const uniform = OpenLoad.parse({ kind: 'open', rate: 1000, arrivals: 'uniform' })
const MS = 1e6
const access = (vpn: number) => vpn << 2

it('keeps one schedule over messages, in which page-outs have no time', () => {
  const pace = new Pace(uniform, 1)
  pace.start(5 * MS, 4)
  const first = Uint32Array.of(access(1), (9 << 2) | PAGE_OUT, access(2))
  expect([...pace.take(first, 5 * MS)]).toEqual([1 * MS, 0, 2 * MS])
  pace.took(first, { starts: Float64Array.of(1 * MS, 0, 2 * MS), latencies: Float64Array.of(100, 7, 100) }, 5 * MS)
  // The next message begins 2.5 ms later: its first access was due 0.5 ms after that, and begins 4 ms late.
  const second = Uint32Array.of(access(3), access(4))
  expect([...pace.take(second, 7.5 * MS)]).toEqual([0.5 * MS, 1.5 * MS])
  pace.took(second, { starts: Float64Array.of(4.5 * MS, 4.6 * MS), latencies: Float64Array.of(200, 200) }, 7.5 * MS)
  const { load, invalid } = pace.facts()
  expect(load).toMatchObject({ lateMaxNs: 4 * MS, lateEndNs: 3.1 * MS })
  expect(invalid).toContain('not held')
  // The stall counts for both accesses that it delayed; the service knows nothing of it.
  expect(pace.responseNs).toBe(100 + 100 + (4 * MS + 200) + (3.1 * MS + 200))
  expect(pace.data()['service.ns'].sum).toBe(600)
})

it('is a message of a tenth of a second at most', () => {
  expect(new Pace(uniform, 1).batch).toBe(100)
  expect(new Pace({ ...uniform, rate: 3 }, 1).batch).toBe(1)
})

it('forgets what was measured, and what it was behind, where a new part begins', () => {
  const pace = new Pace(uniform, 1)
  const rows = Uint32Array.of(access(1))
  pace.start(0, 1)
  pace.take(rows, 0)
  pace.took(rows, { starts: Float64Array.of(90 * MS), latencies: Float64Array.of(50) }, 0)
  pace.start(100 * MS, 1)
  expect([...pace.take(rows, 100 * MS)]).toEqual([1 * MS])
  pace.took(rows, { starts: Float64Array.of(1 * MS), latencies: Float64Array.of(50) }, 100 * MS)
  expect(pace.responseNs).toBe(50)
  expect(pace.facts().invalid).toBeNull()
})
