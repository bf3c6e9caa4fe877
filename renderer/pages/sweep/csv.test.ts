import { expect, it } from 'vitest'
import { type SweepDocument, sweepRows } from '../../../main/contract/index.ts'
import { csvOf } from './csv.ts'

it('the table as text has raw figures, says that they are simulated, and holds whatever a label may be', () => {
  const document: SweepDocument = {
    sweep: {
      id: 'made',
      name: 'made',
      status: 'done',
      axes: [{ field: 'memory.pool', values: [1024, 4096] }],
      lanes: ['=SUM("a,b")'],
      points: 2,
      done: 2,
      startedAt: '2026-11-20T09:30:00.000Z',
      endedAt: null,
      fault: null,
    },
    spec: {},
    points: [
      { position: 0, lanes: [{ label: '=SUM("a,b")', trials: 3, metrics: { 'fault.ns.p99': 412.5 } }], fault: null },
      { position: 1, lanes: [], fault: { code: 'bad_input', message: 'memory.pool: too large' } },
    ],
    metrics: { 'fault.ns.p99': { unit: 'ns', better: 'lower' }, 'fault.ns.p50': { unit: 'ns', better: 'lower' } },
  }
  expect(csvOf(document, sweepRows(document), [document.points[1]]).split('\r\n')).toEqual([
    'memory.pool,mode,lane,trials,fault.ns.p50,fault.ns.p99,fault',
    `1024,simulate,"'=SUM(""a,b"")",3,,412.5,`,
    '4096,simulate,,,,,memory.pool: too large',
    '',
  ])
})
