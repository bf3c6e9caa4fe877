import { describe, expect, it } from 'vitest'
import type { CheckRow } from '../../contract/index.ts'
import { saidOnce, warningsOfCheck } from './warnings.ts'

const row = (level: CheckRow['level'], name = 'Load'): CheckRow => ({
  name,
  level,
  reason: 'other programs run',
  evidence: 'load 1.20',
})

describe('a run that is started all the same', () => {
  it('has every row that is not green written into it, and says where it was red', () => {
    expect(warningsOfCheck({ level: 'green', rows: [row('green')] })).toEqual([])
    expect(warningsOfCheck({ level: 'amber', rows: [row('amber'), row('green')] })).toEqual([
      'Load: other programs run (load 1.20)',
    ])
    expect(warningsOfCheck({ level: 'red', rows: [row('red'), row('amber', 'zram'), row('red', 'Pressure')] })).toEqual(
      [
        'Check of the host: the run was started although it was red (Load, Pressure)',
        'Load: other programs run (load 1.20)',
        'zram: other programs run (load 1.20)',
        'Pressure: other programs run (load 1.20)',
      ],
    )
  })
})

describe('warnings of several checks', () => {
  it('are said once, with what was read each time, and from where on', () => {
    const said = saidOnce([
      { firstBlock: 0, warnings: ['Load: others run (load 1.20 (of 2))', 'Virtual machine: with care (KVM)'] },
      { firstBlock: 6, warnings: ['Load: others run (load 1.80)', 'Virtual machine: with care (KVM)'] },
      { firstBlock: 18, warnings: ['Power: held back (battery)'] },
    ])
    expect(said).toEqual([
      'Load: others run (load 1.20 (of 2); from block 7 on: load 1.80)',
      'Virtual machine: with care (KVM)',
      'Power: held back (from block 19 on: battery)',
    ])
  })

  it('of one kind, all kept with the first by an older lab, are said once too', () => {
    const warnings = ['Load: others run (load 1.20)', 'Load: others run (load 1.80)']
    expect(saidOnce([{ firstBlock: 0, warnings }])).toEqual(['Load: others run (load 1.20; load 1.80)'])
  })

  it('are left as they are where they are no readings of the host', () => {
    const warnings = ['Collecting more ended early (failed): no space (on /data)', 'Simulated on a virtual clock.']
    expect(saidOnce([{ firstBlock: 0, warnings: [...warnings, ...warnings] }])).toEqual(warnings)
  })
})
