import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ExperimentInput, PAGE_SIZE, parseSpec } from '../../contract/index.ts'
import { CompressedPool } from '../../zcache/index.ts'
import { HIT_NS } from '../simulate/engine-costs.ts'
import { simulateExperiment } from '../simulate/index.ts'
import { Machine } from './machine.ts'

/** Figures of a trial held against others that were counted elsewhere, in places that know nothing of each other. */

const BASE = {
  mode: 'simulate',
  simulate: { sizes: 'magenheimer-2x' },
  memory: { frames: 1024, pool: 300 },
  workload: { pages: 3000, operations: 12_000 },
  // Without a sync nothing is under way between two accesses.
  swapfile: { io: 'psync', sync: 'none' },
  trials: 1,
} satisfies ExperimentInput

async function trial(changes: ExperimentInput) {
  const { trials } = await simulateExperiment(parseSpec({ ...BASE, ...changes }))
  return trials[0]
}

const sequential = { ...BASE.workload, access: { pattern: 'sequential', writes: 0.3 } } as const

afterEach(() => vi.restoreAllMocks())

describe('the accounting of a trial', () => {
  it.each([{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', inflight: 32 }] as const)(
    'has each page that was read from disk once, by whomever it was wanted: $lane',
    async (lane) => {
      const workload = { ...sequential, file: { share: 0.2 } }
      const { counters, metrics } = await trial({ workload, lanes: [lane] })
      expect(counters.swap_ra).toBeGreaterThan(500)
      expect(counters.pswpin).toBe(counters.faults_disk + counters.swap_ra)
      expect(counters.file_reads).toBe(counters.faults_file + counters.file_ra)
      expect(metrics['disk.bytes_read']).toBe((counters.pswpin + counters.file_reads) * PAGE_SIZE)
    },
  )

  it('has as many frames for each page written back as came free, and two zpages in a frame of zbud', async () => {
    const { counters, metrics } = await trial({ lanes: [{ lane: 'zcache', writeback: 'on', inflight: 32 }] })
    expect(counters.writtenback_pages).toBeGreaterThan(500)
    const frames = metrics['writeback.frames_per_page']
    expect(frames * counters.writtenback_pages).toBeCloseTo(counters.writeback_frames, 6)
    expect(frames).toBeGreaterThanOrEqual(0.5)
    expect(frames).toBeLessThan(1)
  })

  it('has its time from its faults, its hits and its background work, and from nothing else', async () => {
    const { trials } = await simulateExperiment(
      // Each page is written inside the step that evicts it.
      parseSpec({
        ...BASE,
        swapfile: { ...BASE.swapfile, batch: 1 },
        lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', inflight: 32 }],
      }),
    )
    for (const { counters, metrics, histograms } of trials) {
      const accesses = BASE.workload.operations * 0.8
      const spent = (name: string) => histograms[name]?.sum ?? 0
      const hits = accesses - counters.pgfault
      const parts = spent('fault.ns') + spent('reclaim.background.ns') + hits * HIT_NS
      expect((accesses / metrics['accesses.per_s']) * 1e9).toBeCloseTo(parts, 0)
    }
  })

  it('has in its series what it has in sum', async () => {
    const workload = { ...sequential, file: { share: 0.2 } }
    const { counters, metrics, series } = await trial({
      workload,
      lanes: [{ lane: 'zcache', writeback: 'on', inflight: 32 }],
    })
    const measured = series.filter(({ warmup }) => !warmup)
    expect(measured.length).toBeGreaterThan(2)
    const total = (name: 'accesses' | 'bytesRead' | 'bytesWritten' | 'writtenBack' | 'faultsDisk' | 'faultsFile') =>
      measured.reduce((sum, sample) => sum + sample[name], 0)
    expect(total('accesses')).toBe(BASE.workload.operations * 0.8)
    expect(total('bytesRead')).toBe(metrics['disk.bytes_read'])
    expect(total('bytesWritten')).toBe(metrics['disk.bytes_written'])
    expect(total('writtenBack')).toBe(counters.writtenback_pages)
    expect([total('faultsDisk'), total('faultsFile')]).toEqual([counters.faults_disk, counters.faults_file])
  })

  it('seeks the peak of the pool in the measured part', async () => {
    // Full at the end of the first touches, and emptied since, because nothing is stored any more.
    const { counters, metrics } = await trial({
      warmup: 0.5,
      lanes: [{ lane: 'zcache', writeback: 'off', freeze: { at: 0.05 } }],
    })
    expect(counters.pers_pageframes_max).toBe(BASE.memory.pool)
    expect(metrics['pool.frames.peak']).toBeGreaterThan(0)
    expect(metrics['pool.frames.peak']).toBeLessThan(BASE.memory.pool * 0.9)
  })

  it('of zram has every page it ever took: here, on the backing device, or freed', async () => {
    let last: Record<string, number> = {}
    const reading = Machine.prototype.reading
    vi.spyOn(Machine.prototype, 'reading').mockImplementation(function (this: Machine, accesses) {
      last = this.counters()
      return reading.call(this, accesses)
    })
    await trial({ lanes: [{ lane: 'zram', writeback: 'idle', idleAge: 0.02 }] })
    expect(last.bd_count).toBeGreaterThan(50)
    expect(last.bd_writes).toBeGreaterThan(last.bd_count)
    // Freed while the device itself held it, or its copy on the backing device.
    expect(last.notify_free).toBe(last.frontswap_invalidates + last.bd_writes - last.bd_count)
  })

  it('fails the run where the books of a pool do not balance at the end, before it is taken down', async () => {
    vi.spyOn(CompressedPool.prototype, 'audit').mockImplementation(function (this: CompressedPool) {
      return this.counters.pers_zpages > 0 ? ['a frame is missing'] : []
    })
    await expect(trial({ lanes: [{ lane: 'zcache' }] })).rejects.toMatchObject({
      code: 'invariant',
      message: expect.stringContaining('a frame is missing'),
    })
  })
})
