import { expect, it } from 'vitest'
import type { z } from 'zod'
import type { CalibrationDiskRow } from '../../contract/index.ts'
import { besideFioText } from './beside-fio-text.ts'

type DiskRow = z.infer<typeof CalibrationDiskRow>
type Judged = NonNullable<NonNullable<DiskRow['vsFio']>['judged']>

const holds = { low: 0.99, high: 1.01, verdict: 'holds' } as const
const row = (judged: Partial<Judged>): DiskRow => ({
  op: 'read',
  order: 'random',
  io: 'psync',
  queueDepth: 1,
  sync: 'none',
  blockBytes: 4096,
  p50Ns: 50_000,
  p99Ns: 100_000,
  perSecond: 18_000,
  vsFio: {
    p50: 1,
    p99: 1,
    perSecond: 1,
    judged: { turns: 30, level: 0.9894, verdict: 'holds', p50: holds, p99: holds, perSecond: holds, ...judged },
  },
})
const unclear = { verdict: 'unclear', perSecond: { low: 0.96, high: 1, verdict: 'unclear' } } as const

it('says of each row beside fio what it came to and, where that is unclear, why no more turns were taken', () => {
  const text = besideFioText([
    row({ looks: 1, ended: 'decided' }),
    row({ looks: 10, turns: 300, ended: 'turns', ...unclear }),
    row({ looks: 4, turns: 120, ended: 'time', ...unclear }),
  ])
  const [, , first, second, third] = text.split('\n').filter((line) => !line.startsWith('─'))
  expect(first).toMatch(/ 30 .*holds$/)
  expect(second).toMatch(/ 300 .*rate unclear, at the limit of turns$/)
  expect(third).toMatch(/ 120 .*rate unclear, no time for more turns$/)
  expect(text).toContain('98.9 % intervals over the turns at each look, 95 % for all looks together')
  expect(text).toContain('Of 3 rows: held 1, missed 0, unclear 2')
})

it('calls the intervals of older files what they were', () => {
  const text = besideFioText([row({ level: 0.95 })])
  expect(text).toContain('with 95 % intervals over the turns. To hold')
})
