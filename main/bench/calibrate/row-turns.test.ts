import { expect, it } from 'vitest'
import { Calibration } from '../../contract/index.ts'
import { Histogram } from '../measure/histogram.ts'
import { RowTurns } from './row-turns.ts'

it('has the median of a disk that stalled through its turns, of the few operations there were', async () => {
  const latencies = [4e6, 5e6, 90e6]
  let turn = 0
  const carryOut = () => {
    const whole = new Histogram()
    whole.record(latencies[turn++ % latencies.length])
    return { histograms: [whole], operations: 1, ns: whole.sum }
  }
  const row = { op: 'read', order: 'random', io: 'psync', queueDepth: 1, sync: 'none', blockBytes: 4096 } as const
  const fio = { rw: 'randread', engine: 'psync', queueDepth: 1, blockBytes: 4096 } as const
  const swapfile = { path: '/nowhere', slots: 512, direct: true }
  const turns = new RowTurns(
    { row, fio, blocks: 1, carryOut },
    { seat: { begin() {}, swapfile }, cpu: null, withFio: false, turnMs: 1, onFioFault() {} },
  )
  await turns.take(latencies.length)
  const found = Calibration.shape.disk.element.parse(turns.result(null))
  expect(found.p50Ns).toBeCloseTo(5e6, -5)
  expect(found.p99Ns).toBe(90e6)
})
