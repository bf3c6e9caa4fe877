import { describe, expect, it } from 'vitest'
import { ExperimentSpec, laneLabel, workloadOf } from '../../contract/index.ts'
import { PRESETS } from './presets.ts'
import { WORKLOADS } from './workloads.ts'

describe('the workload set', () => {
  it('(pitfall 22) has every region compressed swap behaves differently in, each once', () => {
    expect(WORKLOADS.map(({ name }) => name)).toEqual([
      'fits',
      'slightly-over',
      'full-pool',
      'cold-bulk',
      'scan-over-hot',
      'phases',
      'incompressible-0',
      'incompressible-25',
      'incompressible-50',
      'kernel-build',
      'gc',
      'browser-tabs',
      'key-value',
    ])
  })

  it.each(WORKLOADS)('$name makes every preset a valid specification, sized for its RAM, lanes untouched', (named) => {
    for (const { spec } of PRESETS) {
      const whole = ExperimentSpec.parse({ ...spec, workload: workloadOf(named, spec) })
      expect(whole.workload.pages).toBe(Math.round(spec.memory.frames * named.pagesPerFrame))
      expect(whole.workload.access).toEqual(named.access)
      expect(whole.workload.operations).toBeGreaterThanOrEqual(whole.workload.pages * named.accessesPerPage)
      expect(whole.lanes.map(laneLabel)).toEqual(spec.lanes.map(laneLabel))
    }
  })

  it('keeps the contents a specification has, but for those whose point is their contents; these say they are synthetic', () => {
    for (const { content, title } of WORKLOADS) expect(content !== null).toBe(title.includes('synthetic'))
    const shares = WORKLOADS.flatMap(({ content }) => (content?.source === 'synthetic' ? [content.mix.random] : []))
    expect(shares).toEqual([0, 0.25, 0.5])
  })

  it('has a hot set that does not fit the RAM behind its cold bulk', () => {
    const bulk = WORKLOADS.find(({ name }) => name === 'cold-bulk')
    expect(bulk?.access.pattern === 'inversion' && bulk.access.hot * bulk.pagesPerFrame).toBeGreaterThan(1.1)
  })

  it('stays within the limits at the ends of the RAM', () => {
    for (const named of WORKLOADS)
      for (const frames of [256, 1_048_576]) {
        const spec = ExperimentSpec.parse({ memory: { frames, pool: 64 }, lanes: [{ lane: 'raw' }] })
        expect(() => ExperimentSpec.parse({ ...spec, workload: workloadOf(named, spec) })).not.toThrow()
      }
  })
})
