import { describe, expect, it } from 'vitest'
import { bearsOn, distinctRows, type SweepDocument, type SweepPoint, sweepRows } from '../../../main/contract/index.ts'
import type { AxisValue } from '../../format/sweep-axis.ts'
import {
  bestFirst,
  bestOfLanes,
  bestRow,
  firstAxis,
  firstMetric,
  laneNames,
  ordered,
  pointsAlong,
  scaleOf,
  shownMetrics,
  valuesTold,
} from './reading.ts'

const METRICS: SweepDocument['metrics'] = {
  'accesses.per_s': { unit: 'per_s', better: 'higher' },
  'fault.ns.p99': { unit: 'ns', better: 'lower' },
  'writeback.pages_per_s': { unit: 'per_s', better: 'higher' },
}

/** Pool 1024, 2048 by readahead 1, 8; two lanes, of which the second faults in half the time; the last point is not possible. */
function sweep(points: SweepPoint[] = [0, 1, 2].map(point)): SweepDocument {
  return {
    sweep: {
      id: 'made',
      name: 'made',
      status: 'done',
      axes: [
        { field: 'memory.pool', values: [1024, 2048] },
        { field: 'mm.readahead', values: [1, 8] },
      ],
      lanes: ['raw', 'zcache'],
      points: 4,
      done: 4,
      startedAt: '2026-11-20T09:30:00.000Z',
      endedAt: '2026-11-20T09:31:00.000Z',
      fault: null,
    },
    spec: { lanes: [{ lane: 'raw' }, { lane: 'zcache' }] },
    points: [...points, { position: 3, lanes: [], fault: { code: 'out_of_memory', message: 'No frame is left.' } }],
    metrics: METRICS,
  }
}

function point(position: number): SweepPoint {
  const ns = 900 - 100 * position
  return {
    position,
    lanes: [
      { label: 'raw', trials: 3, metrics: { 'fault.ns.p99': ns, 'accesses.per_s': 1e6 / ns } },
      { label: 'zcache', trials: 3, metrics: { 'fault.ns.p99': ns / 2, 'writeback.pages_per_s': position } },
    ],
    fault: null,
  }
}

const placesOf = (rows: ReturnType<typeof sweepRows>) => rows.map(({ point: { position }, lane }) => [position, lane])

describe('the rows of a sweep', () => {
  it('are every lane of every point that has figures, with its values', () => {
    const rows = sweepRows(sweep())
    expect(placesOf(rows)).toEqual([0, 1, 2].flatMap((position) => [0, 1].map((lane) => [position, lane])))
    expect(rows[2].values).toEqual([1024, 8])
    expect(rows[4].values).toEqual([2048, 1])
  })

  it('stand best first, whichever way is better, and a lane without the figure last', () => {
    const rows = sweepRows(sweep())
    expect(placesOf(ordered(rows, bestFirst('fault.ns.p99', METRICS))).slice(0, 3)).toEqual([
      [2, 1],
      [1, 1],
      [0, 1],
    ])
    const fastest = ordered(rows, bestFirst('accesses.per_s', METRICS))
    expect(placesOf(fastest).slice(0, 3)).toEqual([
      [2, 0],
      [1, 0],
      [0, 0],
    ])
    const slowest = ordered(rows, { by: 'metric', metric: 'accesses.per_s', direction: 'ascending' })
    expect(slowest.slice(3).every(({ lane }) => lane === 1)).toBe(true)
  })

  it('are ordered by the size of numbers, by text otherwise', () => {
    const values: AxisValue[] = [100, 9, 'b', 'a']
    const rows = values.map((value) => ({ ...sweepRows(sweep())[0], values: [value] }))
    const shown = ordered(rows, { by: 'axis', axis: 0, direction: 'ascending' })
    expect(shown.map((row) => row.values[0])).toEqual([9, 100, 'a', 'b'])
  })

  it('have a best one in each lane that has the figure', () => {
    const rows = sweepRows(sweep())
    expect(placesOf([...bestOfLanes(rows, 'fault.ns.p99', 'lower').values()])).toEqual([
      [2, 0],
      [2, 1],
    ])
    expect([...bestOfLanes(rows, 'writeback.pages_per_s', 'higher').keys()]).toEqual([1])
    expect(bestRow(rows, 'fault.ns.p99', 'lower')).toBe(rows[5])
    expect(bestRow(rows, 'no.such', 'lower')).toBeUndefined()
  })
})

describe('what is shown at first', () => {
  it('is the tail of the faults, or what there is', () => {
    expect(firstMetric(METRICS)).toBe('fault.ns.p99')
    expect(firstMetric({ 'x.y': METRICS['accesses.per_s'], 'a.b': METRICS['accesses.per_s'] })).toBe('a.b')
    expect(firstMetric({})).toBeUndefined()
  })

  it('are the usual metrics there are, and the chosen one before them', () => {
    expect(shownMetrics(METRICS, 'fault.ns.p99')).toEqual(['accesses.per_s', 'fault.ns.p99'])
    expect(shownMetrics(METRICS, 'writeback.pages_per_s')[0]).toBe('writeback.pages_per_s')
  })

  it('is the first axis with more than one value', () => {
    expect(
      firstAxis([
        { field: 'a', values: [1] },
        { field: 'b', values: [1, 2] },
      ]),
    ).toBe(1)
    expect(firstAxis([{ field: 'a', values: [1] }])).toBe(0)
  })
})

describe('the names of the lanes', () => {
  it('are their labels', () => {
    expect(laneNames(sweep())).toEqual(['raw', 'zcache'])
  })

  it('leave out what is varied of them', () => {
    const other = point(1)
    const points = [point(0), { ...other, lanes: [other.lanes[0], { ...other.lanes[1], label: 'zcache zstd' }] }]
    expect(laneNames(sweep(points))).toEqual(['raw', 'lane 2: zcache, varied'])
  })
})

describe('the line of a lane', () => {
  it('has the points along one axis whose other values are the pinned ones', () => {
    const { sweep: summary, ...rest } = sweep([2, 1, 0].map(point))
    const along = (axis: number, pinned: AxisValue[]) =>
      pointsAlong(sweepRows({ sweep: summary, ...rest }), {
        axis,
        lane: 1,
        pinned,
        metric: 'fault.ns.p99',
        scale: scaleOf(summary.axes[axis].values),
      })
    expect(along(0, [1024, 1])).toEqual([
      { x: 1024, y: 450 },
      { x: 2048, y: 350 },
    ])
    expect(along(1, [1024, 8])).toEqual([
      { x: 1, y: 450 },
      { x: 8, y: 400 },
    ])
    // Of the point that was not possible there is nothing to draw.
    expect(along(0, [1024, 8])).toEqual([{ x: 1024, y: 400 }])
  })

  it('stands over powers of two on a logarithmic axis, over texts side by side', () => {
    expect(scaleOf([256, 512, 2048]).kind).toBe('log')
    expect(scaleOf([256, 500, 2048]).kind).toBe('linear')
    expect(scaleOf([0, 1, 2]).kind).toBe('linear')
    const names = scaleOf(['lru-frame', null, 8])
    expect(names.kind).toBe('names')
    expect([names.place('lru-frame'), names.place(null), names.place(8)]).toEqual([0, 1, 2])
  })
})

describe('what is varied in one lane', () => {
  const axes = [
    { field: 'lanes.1.policy', values: ['lru-frame', 'watermark'] },
    { field: 'memory.pool', values: [1024, 2048] },
  ]
  /** raw is the same at both policies. */
  const made = (position: number, raw: number): SweepPoint => ({
    position,
    lanes: [
      { label: 'raw', trials: 3, metrics: { 'fault.ns.p99': raw } },
      { label: 'zcache', trials: 3, metrics: { 'fault.ns.p99': 300 + position } },
    ],
    fault: null,
  })
  const document = sweep([made(0, 700), made(1, 600), made(2, 700)])
  const rows = sweepRows({ ...document, sweep: { ...document.sweep, axes } })

  it('bears on that lane alone, and anything else on all', () => {
    expect([0, 1, 10].map((lane) => bearsOn({ field: 'lanes.1.policy' }, lane))).toEqual([false, true, false])
    expect([0, 1].map((lane) => bearsOn({ field: 'lanes.1' }, lane))).toEqual([false, true])
    expect(['memory.pool', 'lanes'].map((field) => bearsOn({ field }, 0))).toEqual([true, true])
  })

  it('makes one row of another lane, as long as its figures are the same', () => {
    const told = distinctRows(rows, axes)
    expect(placesOf(told)).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 1],
    ])
    expect(told.filter(({ everywhere }) => everywhere).map(({ point: { position } }) => position)).toEqual([0])
    const noisy = sweep([made(0, 700), made(2, 701)])
    expect(distinctRows(sweepRows({ ...noisy, sweep: { ...noisy.sweep, axes } }), axes)).toHaveLength(4)
  })

  it('is not said of another lane', () => {
    expect(valuesTold(rows[0], axes)).toEqual([{ field: 'memory.pool', values: [1024] }])
    expect(valuesTold(rows[1], axes)).toEqual([
      { field: 'lanes.1.policy', values: ['lru-frame'] },
      { field: 'memory.pool', values: [1024] },
    ])
  })
})
