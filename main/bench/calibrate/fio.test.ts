import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../../contract/index.ts'
import { createSwapfile } from '../../swapfile/index.ts'
import { fioVersion, readOutput, runFio } from './fio.ts'

const latency = (ns: number, many = 1) => ({ min: 1, N: 3 * many, bins: { [ns]: 2 * many, [ns * 2]: many } })
const unused = { runtime: 0, clat_ns: { N: 0 }, lat_ns: { N: 0 } }
const document = ({ error = 0, runtime = 101, many = 1 } = {}) => ({
  'fio version': 'fio-3.33',
  jobs: [
    {
      error,
      read: unused,
      write: { runtime, clat_ns: latency(69_000, many), lat_ns: latency(69_400, many) },
      sync: { lat_ns: latency(63_000) },
    },
  ],
})
const read = (...of: Parameters<typeof readOutput>) => {
  const { parts, perSecond } = readOutput(...of)
  return { latencies: parts.map(({ min, max, count }) => ({ min, max, count })), perSecond }
}
const MS = 100
const job = { rw: 'randwrite', engine: 'psync', queueDepth: 1, blockBytes: PAGE_SIZE } as const

describe('readOutput', () => {
  it('takes the time of the call for psync, and from submission for io_uring', () => {
    expect(read(document(), job, MS).latencies).toEqual([{ min: 69_000, max: 138_000, count: [2, 1] }])
    expect(read(document(), { ...job, engine: 'io_uring' }, MS).latencies).toMatchObject([
      { min: 69_400, max: 138_800 },
    ])
  })

  it('counts on half an operation more than the time asked for, and half a ms less than the time told where that was longer', () => {
    const perSecond = (runtime: number, many: number) => read(document({ runtime, many }), job, MS).perSecond
    expect(perSecond(101, 500)).toBeCloseTo(1500 / ((100 + 100 / 1500 / 2) / 1000), 6)
    expect(perSecond(101, 10)).toBeCloseTo(30 / 0.1005, 6)
    expect(perSecond(104, 500)).toBeCloseTo(1500 / 0.1035, 6)
  })

  it('gives the sync as a part of its own', () => {
    expect(read(document(), { ...job, datasyncEvery: 1 }, MS).latencies.map(({ min }) => min)).toEqual([69_000, 63_000])
  })

  it('throws where fio failed, measured something else, or speaks another format', () => {
    expect(() => readOutput(document({ error: 5 }), job, MS)).toThrow(/error 5/)
    expect(() => readOutput(document(), { ...job, rw: 'randread' }, MS)).toThrow(/no latencies/)
    expect(() => readOutput({ jobs: [] }, job, MS)).toThrow()
  })
})

describe('runFio', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-fio: test-')) // fio takes a colon for a separator
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('writes inside the slots only: header and size stay (skipped without fio)', async (context) => {
    if ((await fioVersion()) === null) context.skip('fio is not in PATH')
    const swapfile = await createSwapfile({ directory, slots: 16, runId: 'fio', buffered: true })
    try {
      const before = readFileSync(swapfile.path)
      const place = { path: swapfile.path, slots: 16, rampMs: 5, ms: 20, direct: swapfile.direct, cpu: null }
      const result = await runFio(job, place)
      expect(result.parts).toHaveLength(1)
      const after = readFileSync(swapfile.path)
      expect(after.length).toBe(before.length)
      expect(after.subarray(0, PAGE_SIZE).equals(before.subarray(0, PAGE_SIZE))).toBe(true)
      expect(after.equals(before)).toBe(false)
    } finally {
      swapfile.close()
    }
  })

  it('says what fio says where it fails (skipped without fio)', async (context) => {
    if ((await fioVersion()) === null) context.skip('fio is not in PATH')
    const place = { path: join(directory, 'missing'), slots: 16, rampMs: 1, ms: 1, direct: false, cpu: null }
    await expect(runFio(job, place)).rejects.toThrow(/fio/)
  })
})
