import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forkEngine } from './index.ts'
import { Validity } from './runs/validity.ts'
import { fakeLab, someSpec } from './testing/fake-lab.ts'

/** Open loops through the whole lab, with the real engine on its virtual clock. */

const folder = mkdtempSync(join(tmpdir(), 'swaplab-open-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let lab: Awaited<ReturnType<typeof fakeLab>>
beforeAll(async () => {
  lab = await fakeLab(folder, { startEngine: () => forkEngine() })
})
afterAll(() => lab.close())

async function carryOut(rate: number) {
  const spec = someSpec('open', {
    mode: 'simulate',
    simulate: { sizes: 'magenheimer-2x' },
    memory: { frames: 512, pool: 200 },
    workload: { pages: 1500, operations: 8000, load: { kind: 'open', rate } },
    lanes: [
      { lane: 'zcache', writeback: 'off', inflight: 32 },
      { lane: 'zcache', writeback: 'on', inflight: 32 },
    ],
  })
  const { id } = await lab.client.runs.start({ spec })
  for await (const _ of await lab.client.runs.watch({ id }));
  return lab.client.runs.get({ id })
}

describe('a run in an open loop', () => {
  it('is judged by the response of its accesses, where the rate was held', async () => {
    const { run, lanes, verdicts } = await carryOut(2000)
    expect(run.status).toBe('done')
    expect(lanes[0].metrics['access.ns.p99']).toMatchObject({ unit: 'ns', better: 'lower', n: 3 })
    expect(lanes[0].trials[0].load?.achievedPerS).toBeGreaterThan(1800)
    expect(verdicts[0].sentence).toMatch(/p99 of all accesses/)
  })

  it('is invalid, with the reason and without medians, where no trial of a lane held it', async () => {
    const { run, lanes } = await carryOut(1_000_000)
    expect(run.status).toBe('invalid')
    expect(run.fault).toMatchObject({ code: 'invalid', message: expect.stringContaining('The rate was not held') })
    expect(run.trialsDone).toBe(0)
    for (const lane of lanes) {
      expect(lane.trials.map((trial) => trial.status)).toEqual(['invalid', 'invalid', 'invalid'])
      expect(lane.metrics).toEqual({})
    }
  })
})

describe('validity', () => {
  const spec = someSpec('two', { lanes: [{ lane: 'raw' }, { lane: 'raw', label: 'again' }] })

  it('is kept where each lane has one valid trial', () => {
    const validity = new Validity(spec)
    validity.note(0, { status: 'invalid', invalid: 'too slow' })
    validity.note(0, { status: 'done' })
    validity.note(1, { status: 'done' })
    expect(validity.fault()).toBeNull()
  })

  it('is lost where all of one failed, and says why', () => {
    const validity = new Validity(spec)
    const fault = { code: 'out_of_memory', message: 'Out of memory.', remedy: 'More.' } as const
    validity.note(0, { status: 'done' })
    validity.note(1, { status: 'failed', fault })
    expect(validity.fault()).toMatchObject({
      message: 'No valid trial is left of "again". Out of memory.',
      remedy: 'More.',
    })
  })

  it('is lost where one has none, and names it', () => {
    const validity = new Validity(spec)
    validity.note(0, { status: 'done' })
    validity.note(1, { status: 'invalid', invalid: 'It was too slow.' })
    expect(validity.fault()).toMatchObject({
      message: 'No valid trial is left of "again". It was too slow.',
      field: 'workload.load.rate',
    })
  })

  it('is lost where the engine was stopped in each of them, which no lower rate mends', () => {
    const validity = new Validity(spec)
    validity.note(0, { status: 'done' })
    validity.note(1, { status: 'invalid', invalid: 'It was stopped.', stoppedMs: 3000 })
    const fault = validity.fault()
    expect([fault?.message, fault?.field]).toEqual(['No valid trial is left of "again". It was stopped.', undefined])
    expect(fault?.remedy).toContain('Run it again')
  })
})
