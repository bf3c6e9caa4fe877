import { describe, expect, it } from 'vitest'
import { type ExperimentSpec, type LaneReport, parseSpec } from '../../contract/index.ts'
import { someLane, someTrial } from '../testing/some-lane.ts'
import { twinsOf } from './kernel-twin.ts'

const spec = parseSpec({
  memory: { frames: 4096, pool: 2048 },
  lanes: [
    { lane: 'zswap', codec: 'lz4', label: 'another codec' },
    { lane: 'zswap', codec: 'lzo', writeback: 'on' },
    { lane: 'kernel-zswap', reclaim: 'model' },
    { lane: 'kernel-zswap' },
    { lane: 'kernel-zswap', compressor: 'deflate' },
  ],
})

function report(
  lane: number,
  trials: { metrics?: Record<string, number>; counters?: Record<string, number> }[],
): LaneReport {
  return someLane(
    spec.lanes[lane],
    trials.map((figures, order) => someTrial(order, figures)),
  )
}

const lanes = (model: Parameters<typeof report>[1], kernel: Parameters<typeof report>[1]) =>
  spec.lanes.map((_, lane) => report(lane, lane === 1 ? model : lane === 2 ? kernel : []))
const rows = (of: ExperimentSpec, reports: LaneReport[]) =>
  new Map(twinsOf(of, reports)[0].rows.map((row) => [row.name, row]))

describe('twins of a run', () => {
  it('are each kernel zswap lane and the first zswap lane with its codec', () => {
    expect(twinsOf(spec, lanes([], [])).map(({ model, kernel, compares }) => [model, kernel, compares])).toEqual([
      ['zswap lzo writeback watermark', 'kernel zswap lzo, model reclaim', 'zswap'],
      ['zswap lzo writeback watermark', 'kernel zswap lzo', 'zswap and reclaim'],
    ])
  })

  it('deviate by model over kernel, of the medians, with the extremes of the trials', () => {
    const stored = (name: string, values: number[]) => values.map((value) => ({ counters: { [name]: value } }))
    const table = rows(spec, lanes(stored('frontswap_succ_stores', [110, 100, 105]), stored('zswpout', [100, 90, 120])))
    expect(table.get('stored')).toMatchObject({
      model: { median: 105, low: 100, high: 110, n: 3 },
      kernel: { median: 100, low: 90, high: 120, n: 3 },
      deviation: expect.closeTo(0.05, 10),
    })
    expect(table.get('ratio')).toMatchObject({ model: null, kernel: null, deviation: null })
  })

  it('count as rejected by the kernel what reached the disk without writeback, and nothing below that', () => {
    const table = rows(spec, lanes([], [{ counters: { pswpout: 30, zswpwb: 10 } }]))
    expect(table.get('rejected')?.kernel?.median).toBe(20)
    expect(rows(spec, lanes([], [{ counters: { pswpout: 9, zswpwb: 10 } }])).get('rejected')?.kernel?.median).toBe(0)
  })

  it('have no deviation where the kernel counted nothing', () => {
    const table = rows(spec, lanes([{ counters: { written_back_pages: 3 } }], [{ counters: { zswpwb: 0 } }]))
    expect(table.get('written_back')).toMatchObject({ deviation: null, model: { median: 3 }, kernel: { median: 0 } })
  })

  it('say that the kernel does not repeat itself, and by how much, where its pool was full in a trial', () => {
    const told = (...kernel: Record<string, number>[]) =>
      twinsOf(
        spec,
        lanes(
          [],
          kernel.map((counters) => ({ counters })),
        ),
      )[0].differences.find((difference) => difference.includes('need not repeat'))
    expect(told({ zswpwb: 0, pswpout: 0 })).toBeUndefined()
    expect(told({ zswpwb: 5, pswpout: 5 }, { zswpwb: 11_248, pswpout: 11_348 })).toContain(
      'it wrote back 5 to 11248 pages and sent 0 to 100 pages past its pool in 2 trials of the same accesses',
    )
    expect(told({ zswpwb: 0, pswpout: 7 })).toContain('it sent 7 to 7 pages past its pool in 1 trial;')
  })

  it('say where their settings part', () => {
    const [given, chosen] = twinsOf(spec, lanes([], []))
    expect(chosen.differences.length).toBeGreaterThan(given.differences.length)
    const poor = parseSpec({
      ...spec,
      lanes: [{ lane: 'zswap', codec: 'lzo', allocator: 'zbud', incompressible: 'reject' }, spec.lanes[2]],
    })
    const reports = poor.lanes.map((lane) => ({ ...report(1, []), spec: lane }))
    expect(twinsOf(poor, reports)[0].differences.join()).toMatch(/allocates by zbud.*rejects what does not compress/)
  })
})

describe('the specification', () => {
  it('lets no kernel lane follow a model that is not there', () =>
    expect(() =>
      parseSpec({
        lanes: [
          { lane: 'zswap', codec: 'lz4' },
          { lane: 'kernel-zswap', reclaim: 'model' },
        ],
      }),
    ).toThrow(/needs a zswap lane with codec lzo/))
})
