import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ExperimentInput, parseSpec } from '../../contract/index.ts'
import { wayToPrivileges } from '../../kernel/index.ts'
import { giveKernelBack, takeKernel } from '../../kernel/testing/one-kernel.ts'
import { runExperiment } from '../experiment.ts'
import type { FromEngine } from '../protocol.ts'
import { kernelLaneFacts } from './facts.ts'

/** One small run of each lane on this machine's kernel. */

const way = wayToPrivileges()
const unavailable = way.way === 'root' ? kernelLaneFacts().find(({ available }) => !available) : undefined
const reason = way.way !== 'root' ? 'needs root' : (unavailable?.reason ?? null)

async function run(lanes: ExperimentInput['lanes'], folder: string): Promise<FromEngine[]> {
  const spec = parseSpec({
    memory: { frames: 2048, pool: 1024 },
    workload: { content: { source: 'synthetic', pages: 256 }, pages: 6144, operations: 12_000 },
    lanes,
    trials: 1,
  })
  const said: FromEngine[] = []
  await runExperiment(
    { kind: 'run', runId: 'kernel', spec, swapDir: folder, selfCorpus: null, kernel: { folder, consent: false } },
    {
      send: (message) => said.push(message),
      answer: async () => ({ kind: 'enough' }),
      signal: new AbortController().signal,
    },
  )
  return said
}

describe(`the lanes of this kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let folder = ''
  beforeAll(async () => {
    if (reason) return
    await takeKernel()
    folder = mkdtempSync('/var/tmp/swaplab-kernel-')
  }, 100_000)
  afterAll(() => {
    if (!folder) return
    rmSync(folder, { recursive: true, force: true })
    giveKernelBack()
  })

  it.skipIf(reason !== null)(
    'run the workload, compare every page, count by tier, and leave nothing behind',
    async () => {
      const swaps = readFileSync('/proc/swaps', 'utf8')
      const said = await run(
        [{ lane: 'kernel-swap', tiers: 'fault' }, { lane: 'kernel-zswap' }, { lane: 'kernel-zram' }],
        folder,
      )
      expect(said.at(-1)).toEqual({ kind: 'end', status: 'done' })
      const trials = said.filter((message) => message.kind === 'trial').sort((a, b) => a.lane - b.lane)
      for (const { report } of trials) {
        expect(report.verified.mismatches).toBe(0)
        expect(report.verified.pages).toBeGreaterThan(6144)
        for (const metric of ['accesses.per_s', 'fault.ns.p50', 'store.ns.p50', 'load.ns.p50', 'path.load.ns.p50'])
          expect(report.metrics[metric]).toBeGreaterThan(0)
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

  it.skipIf(reason !== null)('refuse a compressor that this kernel does not have, and change nothing', async () => {
    const compressor = readFileSync('/sys/module/zswap/parameters/compressor', 'utf8')
    const said = await run([{ lane: 'kernel-zswap', compressor: 'no-such-codec' }], folder)
    expect(said.at(-1)).toMatchObject({
      kind: 'end',
      status: 'failed',
      fault: { code: 'unavailable', message: expect.stringContaining('no-such-codec') },
    })
    expect(readFileSync('/sys/module/zswap/parameters/compressor', 'utf8')).toBe(compressor)
    expect(readdirSync(folder)).toEqual([])
  })
})
