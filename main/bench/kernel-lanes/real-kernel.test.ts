import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ExperimentInput, KernelSwapLane } from '../../contract/index.ts'
import { readyHelper, wayToPrivileges } from '../../kernel/index.ts'
import { holdKernel } from '../../kernel/testing/one-kernel.ts'
import { carryOut } from '../fixture-experiment.ts'
import { totalCount } from '../measure/histogram.ts'
import type { FromEngine } from '../protocol.ts'
import { kernelLaneFacts } from './facts.ts'
import { onKernel } from './on-kernel.ts'

/** One small run of each lane on this machine's kernel. */

const way = wayToPrivileges()
const unavailable = way.way === 'root' ? kernelLaneFacts().find(({ available }) => !available) : undefined
const reason = way.way !== 'root' ? 'needs root' : (unavailable?.reason ?? null)

const WORKLOADS: AccessInput[] = [{ pattern: 'zipf' }, { pattern: 'scan+hot' }, { pattern: 'gc' }]
type Workload = NonNullable<ExperimentInput['workload']>
type AccessInput = Workload['access']

async function run(
  lanes: ExperimentInput['lanes'],
  folder: string,
  shape: {
    memory?: ExperimentInput['memory']
    access?: AccessInput
    load?: Workload['load']
    operations?: number
  } = {},
): Promise<FromEngine[]> {
  const { messages } = await carryOut(
    {
      memory: shape.memory ?? { frames: 2048, pool: 1024 },
      workload: {
        content: { source: 'synthetic', pages: 256 },
        pages: 6144,
        access: shape.access ?? { pattern: 'zipf' },
        load: shape.load,
        operations: shape.operations ?? 12_000,
      },
      lanes,
      trials: 1,
    },
    { request: { swapDir: folder, kernel: { folder, consent: false } } },
  )
  return messages
}

describe(`the lanes of this kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const held = holdKernel(reason)

  it.skipIf(reason !== null)(
    'run the workload, compare every page, count by tier, and leave nothing behind',
    async () => {
      const swaps = readFileSync('/proc/swaps', 'utf8')
      const said = await run(
        [{ lane: 'kernel-swap', tiers: 'fault' }, { lane: 'kernel-zswap' }, { lane: 'kernel-zram' }],
        held.folder,
      )
      expect(said.at(-1)).toEqual({ kind: 'end', status: 'done' })
      const trials = said.filter((message) => message.kind === 'trial').sort((a, b) => a.lane - b.lane)
      for (const { report } of trials) {
        expect(report.verified.mismatches).toBe(0)
        expect(report.verified.pages).toBeGreaterThan(6144)
        for (const metric of ['accesses.per_s', 'fault.ns.p50', 'store.ns.p50', 'load.ns.p50', 'path.load.ns.p50'])
          expect(report.metrics[metric]).toBeGreaterThan(0)
        // The host beside it, and 20 rounds of 480 accesses; whether they were steady is the host's business.
        expect(report.steady).toMatchObject({ quantity: 'accesses.per_s', values: { length: 20 } })
        expect(report.sensors).toMatchObject({ memoryAvailable: expect.any(Number) })
        expect(report.sensors?.pressureMemory).toBeUndefined()
      }
      const [swap, zswap, zram] = trials.map(({ report }) => report)
      expect([swap.counters.pswpin > 0, swap.counters.zswpin]).toEqual([true, 0])
      expect([zswap.counters.zswpin > 0, zswap.counters.pswpin]).toEqual([true, 0])
      expect([zram.counters.pswpin > 0, zram.metrics['disk.bytes_written']]).toEqual([true, 0])
      expect(zswap.metrics['pool.ratio.effective']).toBeGreaterThan(1)
      expect(readFileSync('/proc/swaps', 'utf8')).toBe(swaps)
    },
    100_000,
  )

  it.skipIf(reason !== null)(
    'begin accesses by the clock in an open loop, and say so where the rate was not held',
    async () => {
      const at = async (rate: number) => {
        const said = await run([{ lane: 'kernel-zswap' }], held.folder, { load: { kind: 'open', rate } })
        const [trial] = said.filter((message) => message.kind === 'trial')
        expect(said.at(-1)).toEqual({ kind: 'end', status: 'done' })
        return trial
      }
      const slow = await at(2000)
      expect(slow.report.load?.askedPerS).toBeGreaterThan(1900)
      expect(slow.report.steady?.quantity).toBe('access.ns.mean')
      const { 'access.ns': response, 'service.ns': service } = slow.histograms
      expect([response, service].map((histogram) => totalCount(histogram))).toEqual([9600, 9600])
      expect(response.sum).toBeGreaterThan(service.sum)
      const fast = await at(10_000_000)
      expect(fast.report).toMatchObject({ status: 'invalid', invalid: expect.stringContaining('not held') })
    },
    60_000,
  )

  it.skipIf(reason !== null)(
    'write and read the pages of a zram disk, and say what it holds',
    async () => {
      const said = await run([{ lane: 'kernel-zram', as: 'block' }], held.folder)
      expect(said.at(-1)).toEqual({ kind: 'end', status: 'done' })
      const [{ report }] = said.filter((message) => message.kind === 'trial')
      expect(report.verified).toEqual({ pages: expect.any(Number), mismatches: 0 })
      expect(report.verified.pages).toBeGreaterThanOrEqual(6144)
      for (const metric of ['store.ns.p50', 'load.ns.p50', 'path.store.ns.p50', 'pool.ratio.true'])
        expect(report.metrics[metric]).toBeGreaterThan(0)
      expect(report.steady).toMatchObject({ quantity: 'accesses.per_s', values: { length: 20 } })
      expect(report.sensors).toMatchObject({ memoryAvailable: expect.any(Number) })
      // The workload's pages; those of zeros are none.
      expect(report.counters.orig_data_size / 4096).toBeGreaterThan(5000)
      expect(report.metrics['accesses.per_s']).toBeUndefined()
      expect(readFileSync('/sys/block/zram0/initstate', 'utf8').trim()).toBe('0')
    },
    60_000,
  )

  it.skipIf(reason !== null)(
    'take and give back about as many pages as the model that they follow, at the same compression, on three workloads',
    async () => {
      for (const access of WORKLOADS) {
        const lanes: ExperimentInput['lanes'] = [
          { lane: 'zswap', codec: 'lzo', writeback: 'on' },
          { lane: 'kernel-zswap', reclaim: 'model' },
        ]
        const said = await run(lanes, held.folder, { memory: { frames: 4096, pool: 3600 }, access })
        expect(said.at(-1)).toEqual({ kind: 'end', status: 'done' })
        const [model, kernel] = said
          .filter((message) => message.kind === 'trial')
          .sort((a, b) => a.lane - b.lane)
          .map(({ report }) => report)
        expect(model.counters.frontswap_succ_stores).toBeGreaterThan(200)
        const near = (mine: number, its: number) => expect(Math.abs(mine / its - 1)).toBeLessThan(0.05)
        near(model.counters.frontswap_succ_stores, kernel.counters.zswpout)
        near(model.counters.faults_pool, kernel.counters.zswpin)
        near(model.metrics['pool.ratio.effective'], kernel.metrics['pool.ratio.effective'])
        near(model.counters.stored_pages, kernel.counters.stored_pages)
      }
    },
    100_000,
  )

  // Without the counts being read about half were.
  it.skipIf(reason !== null)('are not ended for lack of memory while most of their swap is free', async () => {
    const lanes = Array.from({ length: 4 }, (_, at) => ({ lane: 'kernel-zram' as const, label: `${at}` }))
    const access = { pattern: 'zipf', theta: 0.6, writes: 0.3 } as const
    const said = await run(lanes, held.folder, { access, operations: 30_000 })
    const trials = said.filter((message) => message.kind === 'trial')
    expect(trials.map(({ report }) => report.status)).toEqual(lanes.map(() => 'done'))
  })

  it.skipIf(reason !== null)('say that the kernel ended the process for lack of memory, where it did', async () => {
    const helper = await readyHelper({ folder: held.folder, consent: false })
    const corpus = randomBytes(4096)
    const lane = KernelSwapLane.parse({ lane: 'kernel-swap' })
    // 16 MiB of memory with room for 4 MiB, and 1 MiB to swap to.
    const end = onKernel({ lane, slots: 256, swapDir: held.folder, helper }, async (measuring, prepare) => {
      await measuring.ask({ kind: 'open', corpus, corpusPages: new Uint32Array(4096), zeroPages: 1 })
      await prepare(4 * 2 ** 20)
      const accesses = Uint32Array.from({ length: 4096 }, (_, vpn) => (vpn << 2) | 1)
      await measuring.ask({ kind: 'replay', accesses, classify: false })
    })
    await expect(end).rejects.toMatchObject({ code: 'out_of_memory', message: expect.stringContaining('kernel-swap') })
    await helper.close()
    expect(readdirSync(held.folder)).toEqual([])
  })

  it.skipIf(reason !== null)('refuse a compressor that this kernel does not have, and change nothing', async () => {
    const compressor = readFileSync('/sys/module/zswap/parameters/compressor', 'utf8')
    const said = await run([{ lane: 'kernel-zswap', compressor: 'no-such-codec' }], held.folder)
    expect(said.at(-1)).toMatchObject({
      kind: 'end',
      status: 'failed',
      fault: { code: 'unavailable', message: expect.stringContaining('no-such-codec') },
    })
    expect(readFileSync('/sys/module/zswap/parameters/compressor', 'utf8')).toBe(compressor)
    expect(readdirSync(held.folder)).toEqual([])
  })
})
