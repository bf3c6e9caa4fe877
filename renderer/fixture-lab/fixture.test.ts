import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Calibration, HostCheck, Preset, RunCharts, RunDocument, RunSummary } from '../../main/contract/index.ts'
import { calibration, check, host } from './hosts.ts'
import { charts, everyState, presets, summary } from './runs.ts'

const RENDERER = join(import.meta.dirname, '..')

describe('the fixture lab', () => {
  it('speaks the contract', () => {
    for (const run of everyState()) {
      RunDocument.parse(run)
      RunSummary.parse(summary(run))
      RunCharts.parse(charts(run))
    }
    for (const preset of presets) Preset.parse(preset)
    HostCheck.parse(check)
    Calibration.parse({ ...calibration, host })
  })

  it('is imported by nothing that is shipped', () => {
    const shipped = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(tsx?|html)$/.test(name) && !name.startsWith('fixture-lab'),
    )
    expect(shipped.length).toBeGreaterThan(40)
    for (const name of shipped) expect(readFileSync(join(RENDERER, name), 'utf8'), name).not.toContain('fixture-lab')
  })
})
