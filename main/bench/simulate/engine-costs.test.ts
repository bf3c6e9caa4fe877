import { expect, it } from 'vitest'
import { Meters } from '../measure/meters.ts'
import { costedRecorders } from './engine-costs.ts'
import { VirtualClock } from './virtual-clock.ts'

it('every store and load costs the engine its own, on the clock and on what is recorded, whoever asks for it', () => {
  const clock = new VirtualClock()
  let recorded = 0
  const recorder = {
    record: (ns: number) => {
      recorded = ns
    },
  }
  const costs = { storeNs: 500, loadNs: 150, label: 'of a test' }
  const names = ['store', 'reject', 'load', 'take', 'cleancachePut', 'cleancacheGet'] as const
  const meters = { ...new Meters().mm, ...Object.fromEntries(names.map((name) => [name, recorder])) }
  const costed = costedRecorders(clock, costs, meters)
  const charged = names.map((name) => {
    const before = clock.now()
    costed[name].record(1000)
    return [name, clock.now() - before, recorded - 1000]
  })
  const of = (name: string, ns: number) => [name, ns, ns]
  expect(charged).toEqual([
    of('store', 500),
    of('reject', 500),
    of('load', 150),
    of('take', 150),
    of('cleancachePut', 500),
    of('cleancacheGet', 150),
  ])
})
