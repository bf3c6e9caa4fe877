import { expect, it } from 'vitest'
import { axisAt, laneAt, metricAt, orderAt, pinAt, sortName } from './place.ts'
import type { Order } from './reading.ts'

const AXES = [
  { field: 'memory.pool', values: [1024, 2048] },
  { field: 'lanes.2.policy', values: ['lru-frame', null] },
]
const METRICS = {
  'accesses.per_s': { unit: 'per_s', better: 'higher' },
  'fault.ns.p99': { unit: 'ns', better: 'lower' },
} as const
const at = (search: string) => new URLSearchParams(search)

it('an address that says nothing, or what there is not, shows what is shown at first', () => {
  for (const search of ['', 'metric=no.such&along=no.such&at:memory.pool=1&sort=-no.such&lane=9']) {
    expect(metricAt(at(search), METRICS)).toBe('fault.ns.p99')
    expect(axisAt(at(search), AXES)).toBe(0)
    expect(pinAt(at(search), AXES[0])).toBeUndefined()
    expect(laneAt(at(search), ['raw', 'zcache'])).toBeNull()
    expect(orderAt(at(search), { axes: AXES, metrics: METRICS, metric: 'accesses.per_s' })).toEqual({
      ...{ by: 'metric', metric: 'accesses.per_s', direction: 'descending' },
    })
  }
})

it('metric, axis, value of another axis and lane are read by their names', () => {
  const place = at('metric=accesses.per_s&along=lanes.2.policy&at:memory.pool=2048&at:lanes.2.policy=null&lane=2')
  expect(metricAt(place, METRICS)).toBe('accesses.per_s')
  expect(axisAt(place, AXES)).toBe(1)
  expect(AXES.map((axis) => pinAt(place, axis))).toEqual([2048, null])
  expect(laneAt(place, ['raw', 'zcache'])).toBe(1)
})

it('every order is read as it is written', () => {
  const orders: Order[] = [
    { by: 'metric', metric: 'accesses.per_s', direction: 'ascending' },
    { by: 'metric', metric: 'fault.ns.p99', direction: 'descending' },
    { by: 'axis', axis: 1, direction: 'descending' },
    { by: 'lane', direction: 'ascending' },
  ]
  for (const order of orders)
    expect(
      orderAt(new URLSearchParams({ sort: sortName(order, AXES) }), {
        ...{ axes: AXES, metrics: METRICS, metric: 'fault.ns.p99' },
      }),
    ).toEqual(order)
})
