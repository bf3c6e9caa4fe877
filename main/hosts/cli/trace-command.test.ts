import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { ExperimentSpec } from '../../contract/index.ts'
import { replayedBy } from './trace-command.ts'

const FACTS = { addressSpace: 3000, reads: 950, writes: 50 }

it.each(['/tmp/build.csv.zst', '/tmp/my traces, of May: {1}/#2 "b".csv'])(
  'what replays %s is a part of a specification',
  (file) => {
    const { workload } = ExperimentSpec.parse(parse(replayedBy(file, 'csv', FACTS)))
    expect(workload).toMatchObject({
      pages: 3000,
      access: { pattern: 'trace', path: file, format: 'csv', ids: 'pages' },
    })
  },
)

it('a format that knows no writes is replayed with the share there was', () => {
  const { workload } = ExperimentSpec.parse(parse(replayedBy('/tmp/a', 'oracleGeneral', FACTS)))
  expect(workload.access).toMatchObject({ format: 'oracleGeneral', writes: 0.05 })
  expect(replayedBy('/tmp/a', 'oracleGeneral', { addressSpace: 1, reads: 0, writes: 0 })).toContain('writes: 0 ')
})
