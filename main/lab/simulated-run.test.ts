import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunDocument } from '../contract/index.ts'
import { forkEngine, newPolicyText } from './index.ts'
import { experimentHash } from './specifications/experiment-hash.ts'
import { fakeEyes, fakeLab, someSpec } from './testing/fake-lab.ts'

/** A simulated run through the whole lab, with the real engine. */

const folder = mkdtempSync(join(tmpdir(), 'swaplab-simulated-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SIMULATED = someSpec('simulated', {
  mode: 'simulate',
  simulate: { sizes: 'magenheimer-2x' },
  memory: { frames: 512, pool: 200 },
  workload: { pages: 1500, operations: 6000 },
  lanes: [
    { lane: 'raw' },
    { lane: 'zcache', writeback: 'off', inflight: 32 },
    { lane: 'zcache', writeback: 'on', inflight: 32 },
  ],
})

let lab: Awaited<ReturnType<typeof fakeLab>>
let document: RunDocument
let checks = 0

beforeAll(async () => {
  lab = await fakeLab(folder, {
    startEngine: () => forkEngine(),
    eyes: {
      ...fakeEyes,
      check: (swapDir) => {
        checks++
        return fakeEyes.check(swapDir)
      },
    },
  })
  const { id } = await lab.client.runs.start({ spec: SIMULATED })
  for await (const _ of await lab.client.runs.watch({ id }));
  document = await lab.client.runs.get({ id })
})
afterAll(() => lab.close())

describe('a simulated run', () => {
  it('ends, and says in run, warnings, notes and verdicts that nothing was measured', async () => {
    expect(document.run).toMatchObject({ status: 'done', mode: 'simulate', swapfile: null, corpus: null })
    expect(document.run.warnings[0]).toMatch(/^Simulated/)
    expect(document.observer).toBeNull()
    for (const lane of document.lanes) expect(lane.notes.join()).toContain('reference device, not this host')
    for (const { sentence } of document.verdicts) expect(sentence).toMatch(/^Simulated, not measured: /)
    expect(document.run.headline).toMatch(/^Simulated, not measured: /)
    expect((await lab.client.runs.list({})).runs[0].mode).toBe('simulate')
  })

  it('says so wherever its figures stand beside others', async () => {
    const { id } = document.run
    const comparison = await lab.client.runs.compare({ base: id, new: [id] })
    expect([comparison.base.mode, comparison.new[0].mode]).toEqual(['simulate', 'simulate'])
    expect((await lab.client.runs.compareLanes({ id })).run.mode).toBe('simulate')
    expect((await lab.client.runs.trend({ id, metric: 'accesses.per_s' })).mode).toBe('simulate')
  })

  it('asks nothing of the host: no check before, no swap file, no room on the disk', async () => {
    expect(checks).toBe(0)
    expect(readdirSync(folder).filter((name) => name.endsWith('.swap'))).toEqual([])
    expect((await lab.client.spec.estimate({ spec: SIMULATED })).diskBytes).toBe(0)
  })

  it('says so in every export', async () => {
    const text = async (format: 'json' | 'csv' | 'html' | 'bundle') =>
      (await lab.client.runs.export({ id: document.run.id, format })).text
    expect(await text('html')).toContain('(simulated)')
    expect(await text('csv')).toMatch(/,simulate,0,\r\n/)
    expect(JSON.parse(await text('json')).run.mode).toBe('simulate')
    expect(JSON.parse(await text('bundle')).spec.mode).toBe('simulate')
  })

  it('gives the same figures again', async () => {
    const { id } = await lab.client.runs.start({ spec: SIMULATED })
    for await (const _ of await lab.client.runs.watch({ id }));
    const again = await lab.client.runs.get({ id })
    for (const [index, lane] of again.lanes.entries()) expect(lane.metrics).toEqual(document.lanes[index].metrics)
  })
})

describe("a run with a user's own policy", () => {
  it('says which text of the file it ran, and is neither compared in silence nor added to once that is another', async () => {
    const policy = join(folder, 'mine.ts')
    const spec = {
      ...SIMULATED,
      name: 'own policy',
      trials: 1,
      lanes: [SIMULATED.lanes[0], { ...SIMULATED.lanes[2], policy, label: 'mine' }],
    }
    const run = async (text: string) => {
      writeFileSync(policy, text)
      const { id } = await lab.client.runs.start({ spec })
      for await (const _ of await lab.client.runs.watch({ id }));
      return id
    }
    const changed = async (base: string, next: string) =>
      (await lab.client.runs.compare({ base, new: [next] })).warnings.filter((text) => text.includes('policy file'))
    const text = newPolicyText(policy)
    const first = await run(text)
    const [raw, mine] = (await lab.client.runs.get({ id: first })).lanes
    const note = expect.stringMatching(/^policy .*mine\.ts: sha256 [0-9a-f]{16}$/)
    expect(mine.notes).toContainEqual(note)
    expect(raw.notes).not.toContainEqual(note)
    expect(await changed(first, first)).toEqual([])
    const edited = await run(text.replace('default: 0.95', 'default: 0.5'))
    expect(await changed(first, edited)).toEqual([
      `${edited} (own policy) ran another text of the policy file of "mine".`,
    ])
    await expect(lab.client.runs.more({ id: first })).rejects.toMatchObject({
      data: {
        code: 'bad_input',
        message: `Since run ${first} was carried out has changed: the policy file ${policy}.`,
      },
    })
  })
})

it('a simulated experiment is another than the measured one, and so is each way to simulate it', () => {
  const ways = [{}, { mode: 'simulate' }, { mode: 'simulate', simulate: { slower: 2 } }] as const
  expect(new Set(ways.map((way) => experimentHash(someSpec('x', way)))).size).toBe(3)
})
