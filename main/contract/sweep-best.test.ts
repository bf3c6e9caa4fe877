import { describe, expect, it } from 'vitest'
import { laneLabel } from './lane.ts'
import { type SweepAxis, type SweepDocument, sweepSize } from './sweep.ts'
import { bestLanes } from './sweep-best.ts'

const SPEC = { mode: 'simulate', name: 'pools', trials: 1, lanes: [{ lane: 'raw' }, { lane: 'zcache' }] }

/** A sweep whose lanes have these figures, by point. */
function sweepOf(
  axes: SweepAxis[],
  figures: (number | undefined)[][],
  spec: SweepDocument['spec'] = SPEC,
): SweepDocument {
  const points = figures.map((lanes, position) => ({
    position,
    lanes: lanes.map((value, at) => {
      const metrics: Record<string, number> = value === undefined ? {} : { 'fault.ns.p99': value }
      return { label: `lane ${at}`, trials: 1, metrics }
    }),
    fault: null,
  }))
  const sweep = {
    id: '20260102-x',
    name: 'pools',
    status: 'done' as const,
    axes,
    lanes: ['raw', 'zcache'],
    fault: null,
  }
  const times = { points: sweepSize(axes), done: points.length, startedAt: '2026-01-02T03:04:05Z', endedAt: null }
  return {
    sweep: { ...sweep, ...times },
    spec,
    points,
    metrics: { 'fault.ns.p99': { unit: 'ns', better: 'lower' } },
  }
}
const asked = (most: number) => ({ metric: 'fault.ns.p99', most })

const SIZES = { field: 'simulate.sizes', values: ['corpus', 'magenheimer'] }
const POOL = { field: 'memory.pool', values: [1024, 2048] }
const POLICY = { field: 'lanes.1.policy', values: ['lru-frame', 'watermark', 'senpai'] }

describe('the best lanes of a sweep, as one experiment', () => {
  it('are of one experiment where only the models differ, which are not measured', () => {
    const figures = [
      [9, 6],
      [9, 5],
      [9, 4],
      [9, 3],
    ]
    const { at, elsewhere } = bestLanes(sweepOf([POOL, SIZES], figures), asked(2))
    expect([at['memory.pool'], elsewhere.map((other) => other['memory.pool'])]).toEqual([2048, [1024]])
  })

  it('are measured at the pool limit of the best of all, with the lanes in which nothing varies in front', () => {
    const document = sweepOf(
      [POOL, POLICY],
      [
        [9, 5],
        [9, 4],
        [9, 3],
        [9, 6],
        [9, 1],
        [9, 2],
      ],
    )
    const { spec, at, elsewhere } = bestLanes(document, asked(2))
    expect(spec).toMatchObject({
      mode: 'measure',
      trials: 6,
      memory: { pool: 2048 },
      name: 'pools: best of sweep 20260102-x',
    })
    expect(spec.lanes.map((lane) => [lane.lane, 'policy' in lane ? lane.policy : null])).toEqual([
      ['raw', null],
      ['zcache', 'watermark'],
      ['zcache', 'senpai'],
    ])
    expect(at).toEqual({ 'memory.pool': 2048 })
    expect(elsewhere).toEqual([{ 'memory.pool': 1024 }])
  })
  it('tell lanes of one label apart by what is varied in them', () => {
    const { spec } = bestLanes(
      sweepOf(
        [POLICY],
        [
          [9, 3],
          [9, 2],
          [9, 1],
        ],
        { ...SPEC, lanes: [{ lane: 'raw' }, { lane: 'zcache', label: 'mine' }] },
      ),
      asked(2),
    )
    expect(spec.lanes.map(laneLabel)).toEqual(['raw', 'mine, policy senpai', 'mine, policy watermark'])
  })
  it('are all the lanes of the best point where nothing of them varies', () => {
    const { spec } = bestLanes(
      sweepOf(
        [POOL],
        [
          [undefined, 2],
          [undefined, 3],
        ],
      ),
      asked(3),
    )
    expect(spec.memory.pool).toBe(1024)
    expect(spec.lanes.map(({ lane }) => lane)).toEqual(['raw', 'zcache'])
  })
  it('are refused by a metric that no point has, with those there are', () => {
    expect(() =>
      bestLanes(
        sweepOf(
          [POOL],
          [
            [1, 2],
            [1, 3],
          ],
        ),
        { metric: 'store.ns.p50', most: 1 },
      ),
    ).toThrow('No point of sweep 20260102-x has store.ns.p50.')
  })
})
