import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Arena, native } from '../../../native-bench/index.ts'
import { type ExperimentInput, parseSpec } from '../../contract/index.ts'
import { MemorySwap, type SwapIo } from '../../swapfile/index.ts'
import { loadPolicies } from '../../zcache/index.ts'
import { Stops } from '../measure/stops.ts'
import { measuredWorld } from '../measured-world.ts'
import { buildCorpus } from '../workloads/index.ts'
import { runTrial, SCRATCH_PAGES, type TrialPhase } from './index.ts'

const SPEC = {
  memory: { frames: 512, pool: 200 },
  workload: { content: { source: 'synthetic', pages: 128 }, pages: 1500, operations: 6000 },
  lanes: [{ lane: 'raw' }],
} satisfies ExperimentInput

/** A trial over a swap area in memory whose reads the test may spoil. */
async function trialOver(
  spoil: (io: MemorySwap, arena: Arena) => Partial<SwapIo>,
  changes: { lanes?: ExperimentInput['lanes'] } = {},
  during: (phase: TrialPhase) => void = () => {},
) {
  const spec = parseSpec({ ...SPEC, ...changes })
  const arena = new Arena(spec.memory.frames + SCRATCH_PAGES)
  const corpus = buildCorpus(spec.workload.content, { seed: 1, selfCorpus: null })
  const slots = spec.workload.pages + 512
  const stops = new Stops(native.now)
  try {
    return await runTrial(
      {
        spec,
        lane: spec.lanes[0],
        slots,
        openWorld: measuredWorld({
          spec,
          arena,
          corpus: { arena: corpus.arena.id, pages: corpus.pages },
          openFile: () => null,
          stops,
          openSwap: (observer) => {
            const io = new MemorySwap({ slots, arena: arena.bytes, observer })
            const changed = spoil(io, arena)
            return new Proxy(io, {
              get: (target, name) => {
                const own = Reflect.get(changed, name) ?? Reflect.get(target, name)
                return typeof own === 'function' ? own.bind(target) : own
              },
            })
          },
        }),
      },
      {
        async tick(phase) {
          during(phase)
          await setImmediate()
        },
      },
    )
  } finally {
    stops.close()
    corpus.release()
    arena.release()
  }
}

it('a disk that gives pages back as they were is a trial without mismatches', async () => {
  const result = await trialOver(() => ({}))
  expect(result.verified.mismatches).toBe(0)
})

it('one flipped bit in one page that comes back ends the trial as a mismatch', async () => {
  let reads = 0
  const spoiled = trialOver((io, arena) => ({
    read(slot, frames, count) {
      const ns = io.read(slot, frames, count)
      if (++reads === 100) arena.bytes[frames[0] * 4096 + 3000] ^= 1
      return ns
    },
  }))
  await expect(spoiled).rejects.toMatchObject({ code: 'mismatch' })
})

it('a page that nothing reads again is still checked at the end', async () => {
  const spoiled = trialOver((io, arena) => ({
    read(slot, frames, count) {
      const ns = io.read(slot, frames, count)
      // Only the final check reads runs this long.
      if (count > 8) arena.bytes[frames[count - 1] * 4096] ^= 0x80
      return ns
    },
  }))
  await expect(spoiled).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('at the end') })
})

it('a disk that cannot be read ends the trial with an I/O error', async () => {
  const failing = trialOver((io) => {
    io.readErrors = 0.01
    return {}
  })
  await expect(failing).rejects.toMatchObject({ code: 'io_error' })
})

/** As after a stop of 20 ms in this phase: nothing tells a process of it but the signal that ends it. */
const stoppedOnceIn = (wanted: TrialPhase) => {
  let stopped = false
  return (phase: TrialPhase) => {
    if (stopped || phase !== wanted) return
    stopped = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    process.kill(process.pid, 'SIGCONT')
  }
}

it('a trial whose engine was stopped while it was measured is none, one that was stopped before or after is', async () => {
  const { facts } = await trialOver(() => ({}), {}, stoppedOnceIn('drain'))
  expect(facts.invalid).toMatch(/^The engine was stopped while it was measured, for up to \d+\.\d s \(SIGSTOP/)
  // What was computed since the turn before is no stop.
  expect(facts.stoppedMs).toBeGreaterThan(10)
  for (const phase of ['populate', 'verify'] as const)
    expect((await trialOver(() => ({}), {}, stoppedOnceIn(phase))).facts).not.toHaveProperty('invalid')
})

it("a trial by a user's own policy says what each of its hooks took, one by a policy of Swaplab nothing", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'swaplab-hooks-'))
  const policy = join(dir, 'mine.mjs')
  writeFileSync(
    policy,
    `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create: () => ({
      unit: 'zpage', onFull: () => 1, victim: (view) => view.oldest() }) }`,
  )
  try {
    const lane = (of: string) => ({
      lanes: [{ lane: 'zcache', writeback: 'on', policy: of }] satisfies ExperimentInput['lanes'],
    })
    await loadPolicies(parseSpec(lane(policy)).lanes)
    const {
      metrics,
      counters,
      facts: { hooks },
    } = await trialOver(() => ({}), lane(policy))
    expect(hooks?.map(({ hook }) => hook).sort()).toEqual(['onFull', 'victim'])
    expect(hooks?.find(({ hook }) => hook === 'victim')?.calls).toBeGreaterThanOrEqual(counters.writtenback_pages)
    expect(metrics['policy.share']).toBeGreaterThan(0)
    expect(metrics['policy.share']).toBeLessThan(1)
    const own = await trialOver(() => ({}), lane('lru-zpage'))
    expect([own.facts.hooks, own.metrics['policy.share']]).toEqual([undefined, undefined])
  } finally {
    rmSync(dir, { recursive: true })
  }
})
