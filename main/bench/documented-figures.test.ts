import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { AllocatorName, EngineLane, type ExperimentInput, metricProblem, parseSpec } from '../contract/index.ts'
import { carryOut, SMALL } from './fixture-experiment.ts'
import { countedBetween } from './trial/counters.ts'
import { Machine } from './trial/machine.ts'

/** Names in the section of counters, each as a pattern: `zbud_pers_*` stands for a family, "each with `_max`" for what it follows. */
function documented(): RegExp {
  const text = readFileSync(join(import.meta.dirname, '../../docs/measuring.md'), 'utf8')
  const section = text.slice(text.indexOf('## Counters'), text.indexOf('## Steady state'))
  const names = [...section.matchAll(/`([a-z0-9_*]+)`/g)].map(([, name]) => name.replace('*', '[a-z0-9_]+'))
  return new RegExp(`^(${names.join('|')})(_max)?$`)
}

const SIMULATED = {
  ...SMALL,
  mode: 'simulate',
  memory: { frames: 1024, pool: 400 },
  workload: { ...SMALL.workload, file: { share: 0.3 } },
  swapfile: { layout: 'log' },
} satisfies ExperimentInput

// One of each index, allocator and option that counts something.
const LANES: ExperimentInput['lanes'] = [
  { lane: 'raw' },
  { lane: 'zcache', writeback: 'on', writebackForm: 'zpage', label: 'zpages' },
  { lane: 'zcache', writeback: 'on', allocator: 'zsmalloc', policy: 'lru-zpage', cleancache: 'on', label: 'zsmalloc' },
  { lane: 'zswap', writeback: 'on', sameFilled: 'zswap' },
  { lane: 'zswap', writeback: 'on', allocator: 'zbud-zswap', incompressible: 'reject', label: 'zbud' },
  { lane: 'zswap', writeback: 'on', allocator: 'z3fold', label: 'z3fold' },
  { lane: 'zswap-2013' },
  { lane: 'zswap-2013', form: 'v4', label: 'v4' },
  { lane: 'xen-tmem' },
  { lane: 'ramster', nodes: ['redis://10.0.0.1'] },
  { lane: 'zram', writeback: 'huge', recompress: { type: 'huge' } },
]

it('looks at every lane that can be simulated, and every allocator', () => {
  const simulated = EngineLane.options.map(({ shape }) => shape.lane.value).filter((lane) => lane !== 'live')
  const { lanes } = parseSpec({ ...SIMULATED, lanes: LANES })
  expect(new Set(lanes.map(({ lane }) => lane))).toEqual(new Set(simulated))
  const allocators = lanes.flatMap((lane) => ('allocator' in lane ? [lane.allocator] : []))
  expect(new Set(allocators)).toEqual(new Set(AllocatorName.options))
})

it('every counter of every lane is explained in docs/measuring.md, and a level where it ever falls; every metric has a meaning', async () => {
  const fallen = new Set<string>()
  const last = new WeakMap<Machine, Record<string, number>>()
  const reading = Machine.prototype.reading
  vi.spyOn(Machine.prototype, 'reading').mockImplementation(function (this: Machine, accesses) {
    const before = last.get(this) ?? {}
    const now = this.counters()
    for (const [name, value] of Object.entries(now)) if (value < before[name]) fallen.add(name)
    last.set(this, now)
    return reading.call(this, accesses)
  })
  const { trials } = await carryOut({ ...SIMULATED, lanes: LANES })
  expect(trials.map(({ report }) => report.status)).toEqual(LANES.map(() => 'done'))
  const names = new Set(trials.flatMap(({ report }) => Object.keys(report.counters)))
  expect(names.size).toBeGreaterThan(200)
  const known = documented()
  expect([...names].filter((name) => !known.test(name))).toEqual([])
  const metrics = new Set(trials.flatMap(({ report }) => Object.keys(report.metrics)))
  expect([...metrics].filter((name) => metricProblem(name) !== null)).toEqual([])
  const ones = Object.fromEntries([...fallen].map((name) => [name, 1]))
  expect(Object.keys(ones).length).toBeGreaterThan(20)
  expect(countedBetween(ones, ones)).toEqual(ones)
})
