import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ExperimentInput, parseSpec } from '../../contract/index.ts'
import { runTrial } from '../trial/index.ts'
import { codecCosts } from './codec-costs.ts'
import { REFERENCE_DEVICE } from './device-model.ts'
import { engineCosts } from './engine-costs.ts'
import { resultHash, simulateExperiment } from './simulate-experiment.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { sweep } from './sweep.ts'
import { magenheimerSameFilled, magenheimerSizes } from './zpage-sizes.ts'

const BASE = {
  mode: 'simulate',
  simulate: { sizes: 'magenheimer-2x' },
  memory: { frames: 1024, pool: 400 },
  workload: { pages: 3000, operations: 20_000, access: { pattern: 'zipf' } },
  lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'off' }, { lane: 'zcache', writeback: 'on' }],
  trials: 2,
} satisfies ExperimentInput

const simulate = (input: ExperimentInput) => simulateExperiment(parseSpec(input))

describe('a simulated experiment', () => {
  it.each(['psync', 'uring'] as const)('gives the same bits for the same seed, others for another: %s', async (io) => {
    const input = { ...BASE, swapfile: { io } }
    const first = resultHash(await simulate(input))
    expect(resultHash(await simulate(input))).toBe(first)
    expect(resultHash(await simulate({ ...input, seed: 43 }))).not.toBe(first)
  })

  it('gives the trials of one lane the same accesses and another luck of the disk', async () => {
    const { trials } = await simulate({ ...BASE, lanes: [{ lane: 'raw' }], swapfile: { io: 'psync' } })
    expect(trials[0].counters).toEqual(trials[1].counters)
    expect(trials[0].metrics['fault.disk.ns.mean']).not.toBe(trials[1].metrics['fault.disk.ns.mean'])
  })

  it('counts the same on a device twice as slow, and waits longer, in closed loop', async () => {
    const input = { ...BASE, swapfile: { io: 'psync', sync: 'none' } } satisfies ExperimentInput
    const quick = await simulate(input)
    const slow = await simulate({ ...input, simulate: { ...BASE.simulate, slower: 2 } })
    for (const [index, { lane, counters, metrics }] of slow.trials.entries()) {
      expect(counters).toEqual(quick.trials[index].counters)
      const ratio = metrics['fault.disk.ns.p50'] / quick.trials[index].metrics['fault.disk.ns.p50']
      expect([lane, ratio > 1.9 && ratio < 2.1]).toEqual([lane, true])
      expect(metrics['accesses.per_s']).toBeLessThan(quick.trials[index].metrics['accesses.per_s'])
    }
  })

  it('needs neither page contents nor a codec where the sizes come from a distribution', async () => {
    const content = { source: 'corpus', path: '/nonexistent' } as const
    const { trials, notes } = await simulate({ ...BASE, trials: 1, workload: { ...BASE.workload, content } })
    expect(trials.length).toBe(3)
    expect(notes[1]).toContainEqual(expect.stringContaining('magenheimer-2x'))
  })

  it('has one load.ns for each fault that the pool answered, and none for what was written back', async () => {
    const { trials } = await simulate({ ...BASE, trials: 1 })
    const writesBack = trials.find(({ lane }) => lane === 2)
    const count = writesBack?.histograms['load.ns'].count.reduce((sum, n) => sum + n, 0)
    expect(writesBack?.counters.writtenback_pages).toBeGreaterThan(100)
    expect(count).toBe(writesBack?.counters.faults_pool)
  })

  it('checks every page: each comes back as the version written last, at the latest at the end', async () => {
    for (const { verified } of (await simulate(BASE)).trials) {
      expect(verified.mismatches).toBe(0)
      expect(verified.pages).toBeGreaterThanOrEqual(BASE.workload.pages)
    }
  })

  it('reports nothing that only a real process has', async () => {
    const [{ metrics }] = (await simulate(BASE)).trials
    for (const name of ['cpu.user_s', 'cpu.sys_s', 'rss.peak_bytes']) expect(metrics).not.toHaveProperty(name)
  })
})

/** A trial of plain swap in a world that was tampered with. */
function tamperedTrial(tamper: (world: SimulatedWorld) => void, swapfile: ExperimentInput['swapfile'] = {}) {
  const spec = parseSpec({ ...BASE, swapfile, lanes: [{ lane: 'raw' }] })
  const [lane] = spec.lanes
  const slots = 8000
  const models = {
    device: REFERENCE_DEVICE,
    engine: engineCosts(null),
    sizes: () => magenheimerSizes(1, spec.workload.pages, 1),
    costs: () => codecCosts('lz4', null),
    sameFilled: () => magenheimerSameFilled(spec.workload.pages, 1),
  }
  return runTrial(
    {
      spec,
      lane,
      slots,
      openWorld: (meters) => {
        const world = new SimulatedWorld({ spec, lane, slots, models, luck: 1, meters })
        tamper(world)
        return world
      },
    },
    { tick: async () => {} },
  )
}

it('a slot that gives back the version before the last ends the trial as a mismatch', async () => {
  let reads = 0
  const trial = tamperedTrial((world) => {
    const read = world.io.read.bind(world.io)
    world.io.read = (slot, frames, count) => {
      const ns = read(slot, frames, count)
      if (++reads === 100) world.tags.frames[2 * frames[0] + 1]--
      return ns
    }
  })
  await expect(trial).rejects.toMatchObject({ code: 'mismatch' })
})

it('what the check of a page takes is taken off the time of the trial, and is in no fault', async () => {
  // Else the disk would go on meanwhile.
  const blocking = { io: 'psync', sync: 'none' } as const
  const plain = await tamperedTrial(() => {}, blocking)
  const slow = await tamperedTrial((world) => {
    const verify = world.contents.verify.bind(world.contents)
    world.contents.verify = (vpn, frame, from) => {
      world.clock.advance(1e6)
      verify(vpn, frame, from)
    }
  }, blocking)
  expect(slow.counters).toEqual(plain.counters)
  for (const name of ['accesses.per_s', 'fault.disk.ns.mean'])
    expect([name, slow.metrics[name] / plain.metrics[name]]).toEqual([name, expect.closeTo(1, 6)])
})

it('a frame that is lost ends the trial: the books are held against each other after each', async () => {
  let writes = 0
  const trial = tamperedTrial((world) => {
    const write = world.io.write.bind(world.io)
    // A write that nobody ever ends.
    world.io.write = (slot, frame, done) => {
      if (++writes !== 100) write(slot, frame, done)
    }
  })
  await expect(trial).rejects.toMatchObject({
    code: 'invariant',
    message: expect.stringMatching(/frame \d+ is under writeback, but nothing is/),
  })
})

describe('a sweep', () => {
  const specs = [1, 2, 3, 4, 5].map((seed) => parseSpec({ ...BASE, seed, trials: 1 }))

  it('answers in the order asked for, the same with any number of workers', async () => {
    const hashes = (outcomes: Awaited<ReturnType<typeof sweep>>) =>
      outcomes.map((outcome) => ('result' in outcome ? resultHash(outcome.result) : outcome.fault))
    const alone = []
    for (const spec of specs) alone.push(resultHash(await simulateExperiment(spec)))
    expect(hashes(await sweep(specs, { workers: 2 }))).toEqual(alone)
    expect(hashes(await sweep(specs, { workers: 1 }))).toEqual(alone)
  })

  it('has the fault of one that fails, and the results of the others', async () => {
    const broken = parseSpec({
      ...BASE,
      simulate: { sizes: 'corpus' },
      workload: { ...BASE.workload, content: { source: 'corpus', path: '/nonexistent' } },
    })
    const [first, second] = await sweep([broken, specs[0]], { workers: 2 })
    expect(first).toMatchObject({ fault: { code: 'not_found' } })
    expect(second).toHaveProperty('result')
  })

  it("gives up a point whose policy, a user's own, does not return from a hook, and goes on with the next", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'swaplab-sweep-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'endless.mjs')
    writeFileSync(
      file,
      `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [],
        create: () => ({ unit: 'zpage', onStore() {}, onReclaim: () => 1, victim() { for (;;); } }) }`,
    )
    const lanes = [{ lane: 'zcache', writeback: 'on', policy: file }] as const
    const endless = parseSpec({ ...BASE, trials: 1, lanes })
    const outcomes = await sweep([endless, specs[0], endless, specs[1]], { workers: 1, hookLimitMs: 1000 })
    const fault = {
      code: 'bad_input',
      message: `Policy ${file}: victim has not returned for at least 1 s.`,
    }
    expect(outcomes).toEqual([
      { fault: expect.objectContaining(fault) },
      { result: expect.anything() },
      { fault: expect.objectContaining(fault) },
      { result: expect.anything() },
    ])
  })

  it('ends when it is cancelled, and the next one finds threads that work', async () => {
    const cancel = new AbortController()
    const swept = sweep(specs, { workers: 2, signal: cancel.signal, onOutcome: () => cancel.abort() })
    await expect(swept).rejects.toMatchObject({ code: 'cancelled' })
    for (const outcome of await sweep(specs.slice(0, 3), { workers: 2 })) expect(outcome).toHaveProperty('result')
  })
})
