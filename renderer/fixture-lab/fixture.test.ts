import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Calibration,
  HostCheck,
  LaneFacts,
  LaneSpec,
  PolicyFacts,
  Preset,
  RunCharts,
  RunDocument,
  RunSeries,
  RunSummary,
  SweepDocument,
} from '../../main/contract/index.ts'
import { besideKernel, calibration } from './calibrations.ts'
import { laneFacts, policyFacts } from './choices.ts'
import { check, host } from './hosts.ts'
import { charts, series } from './run-charts.ts'
import { summary } from './run-document.ts'
import { everyState } from './runs.ts'
import { presets } from './specifications.ts'
import { documentOf, everySweep } from './sweeps.ts'

const RENDERER = join(import.meta.dirname, '..')

describe('the fixture lab', () => {
  it('speaks the contract', () => {
    for (const run of everyState()) {
      RunDocument.parse(run)
      RunSummary.parse(summary(run))
      RunCharts.parse(charts(run))
      RunSeries.parse(series(run, 0))
    }
    for (const sweep of everySweep()) SweepDocument.parse(documentOf(sweep))
    for (const preset of presets) Preset.parse(preset)
    for (const facts of laneFacts) LaneFacts.parse(facts)
    for (const facts of policyFacts) PolicyFacts.parse(facts)
    HostCheck.parse(check)
    Calibration.parse({ ...calibration, kernel: besideKernel, host })
  })

  it('has a run of every kind of lane that is available in it', () => {
    const shown = new Set(everyState().flatMap(({ spec }) => spec.lanes.map(({ lane }) => lane)))
    const kinds = LaneSpec.options.flatMap((option) => [...option.shape.lane.values])
    expect(laneFacts.map(({ lane }) => lane).sort()).toEqual([...kinds].sort())
    for (const { lane, available } of laneFacts)
      expect([lane, shown.has(kinds.find((kind) => kind === lane) ?? 'raw')]).toEqual([lane, available])
  })

  it('is imported by nothing that is shipped', () => {
    const shipped = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(tsx?|html)$/.test(name) && !name.startsWith('fixture-lab'),
    )
    expect(shipped.length).toBeGreaterThan(40)
    for (const name of shipped) expect(readFileSync(join(RENDERER, name), 'utf8'), name).not.toContain('fixture-lab')
  })
})
