import { describe, expect, it } from 'vitest'
import type { Calibration } from '../../contract/index.ts'
import { Random } from '../workloads/index.ts'
import { fitDeviceModel, REFERENCE_DEVICE, ServiceSampler, serviceTime, slower } from './device-model.ts'

type Row = Calibration['disk'][number]

const row = (op: Row['op'], io: Row['io'], queueDepth: number, p50Ns: number, p99Ns: number, perSecond = 1): Row => ({
  op,
  order: 'random',
  io,
  queueDepth,
  sync: op === 'write+fdatasync' ? 'fdatasync' : 'none',
  blockBytes: 4096,
  p50Ns,
  p99Ns,
  perSecond,
})
const ROWS = [
  row('read', 'psync', 1, 80_000, 150_000),
  row('write', 'psync', 1, 20_000, 30_000),
  row('write+fdatasync', 'psync', 1, 50_000, 90_000),
  row('read', 'uring', 1, 75_000, 140_000),
  row('write', 'uring', 1, 22_000, 33_000),
  row('read', 'uring', 32, 500_000, 800_000, 106_000),
]
/** fitDeviceModel names the host only. */
const host = { hostname: 'test', device: { model: 'SSD', device: null }, readAt: 'now' } as Calibration['host']

describe('a device fitted from a calibration', () => {
  it('has its medians and p99s, the write path of the engine it is for, and the sync as what the write leaves', () => {
    const psync = fitDeviceModel({ disk: ROWS, host }, 'psync')
    expect([psync.read[1], psync.read[3]]).toEqual([80_000, 150_000])
    expect([psync.write[1], psync.write[3]]).toEqual([20_000, 30_000])
    expect([psync.sync[1], psync.sync[3]]).toEqual([30_000, 60_000])
    expect(fitDeviceModel({ disk: ROWS, host }, 'uring').write[1]).toBe(22_000)
  })

  it('works on as many at once as its depth shows: 106 000 a second of 75 us each are 8', () => {
    expect(fitDeviceModel({ disk: ROWS, host }, 'psync').channels).toBe(8)
    expect(fitDeviceModel({ disk: ROWS.filter((one) => one.queueDepth === 1), host }, 'psync').channels).toBe(1)
  })

  it('takes the price of a further page from 128 KiB, else from the share it has on the reference device', () => {
    const extents: Row[] = [
      { ...row('read', 'psync', 1, 173_000, 200_000), order: 'sequential', blockBytes: 131_072 },
      { ...row('write', 'psync', 1, 51_000, 90_000), order: 'sequential', blockBytes: 131_072 },
    ]
    const fitted = fitDeviceModel({ disk: [...ROWS, ...extents], host }, 'psync')
    expect([fitted.readPageNs, fitted.writePageNs]).toEqual([3000, 1000])
    expect([fitted.read[1], fitted.write[1]]).toEqual([80_000, 20_000])
    const shared = fitDeviceModel({ disk: ROWS, host }, 'psync')
    expect(shared.readPageNs).toBe(Math.round((4900 / 74_000) * 80_000))
  })

  it.each([0, 1, 2])('is refused where row %i is missing', (missing) => {
    const disk = ROWS.filter((_, index) => index !== missing)
    expect(() => fitDeviceModel({ disk, host }, 'psync')).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'simulate.calibration' }),
    )
  })
})

it('service times follow their table', () => {
  const sampler = new ServiceSampler(serviceTime(74_000, 132_000), new Random(1, 5))
  const values = Float64Array.from({ length: 200_000 }, () => sampler.next()).sort()
  const at = (p: number) => values[Math.floor(p * values.length)]
  for (const [p, ns, within] of [
    [0.5, 74_000, 0.01],
    [0.9, 101_840, 0.01],
    [0.99, 132_000, 0.01],
    [0.999, 230_600, 0.03], // between two cells of the sampler
  ])
    expect(Math.abs(at(p) / ns - 1), `p${p}`).toBeLessThan(within)
  expect(values[0]).toBeGreaterThanOrEqual(0.8 * 74_000)
  expect(values.at(-1)).toBeLessThanOrEqual(74_000 + 4 * 58_000)
  expect(values.every((ns) => Number.isInteger(ns))).toBe(true)
})

it('twice as slow is twice each time, and no fewer channels', () => {
  const slow = slower(REFERENCE_DEVICE, 2)
  expect(slow.read).toEqual(REFERENCE_DEVICE.read.map((ns) => 2 * ns))
  const { read, write, sync, readPageNs, writePageNs } = REFERENCE_DEVICE
  expect([slow.write, slow.sync]).toEqual([write, sync].map((table) => table.map((ns) => 2 * ns)))
  expect([slow.readPageNs, slow.writePageNs]).toEqual([2 * readPageNs, 2 * writePageNs])
  expect(slow.read).toHaveLength(read.length)
  expect(slow.channels).toBe(REFERENCE_DEVICE.channels)
  expect(slow.label).toContain('2 times as slow')
})
