import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ExperimentInput, type Progress, type RunDocument, twinLanes } from '../../contract/index.ts'
import type { HostEyes } from '../index.ts'
import { fakeEyes, fakeLab, someHost, someSpec } from '../testing/fake-lab.ts'
import { someTrial } from '../testing/some-lane.ts'
import { carriedOf } from './collect-more.ts'

type FakeLab = Awaited<ReturnType<typeof fakeLab>>

let dir: string
let lab: FakeLab
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-more-'))
  lab = await fakeLab(dir)
})
afterEach(async () => {
  await lab.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The same host after an update. */
const updated: HostEyes = {
  ...fakeEyes,
  report: async () => ({ ...someHost, kernel: '6.12.0', device: { ...someHost.device, firmware: '2' } }),
}

/** Two lanes that are the same, told apart by noise in their first six blocks. */
const undecided = (changes: ExperimentInput = {}) =>
  someSpec('undecided', {
    lanes: [
      { lane: 'raw', label: 'one' },
      { lane: 'raw', label: 'other' },
    ],
    trials: 6,
    ...changes,
  })

async function follow(id: string): Promise<Progress[]> {
  const seen: Progress[] = []
  for await (const progress of await lab.client.runs.watch({ id })) seen.push(progress)
  return seen
}

async function run(spec: unknown): Promise<{ document: RunDocument; seen: Progress[] }> {
  const { id } = await lab.client.runs.start({ spec })
  const seen = await follow(id)
  return { document: await lab.client.runs.get({ id }), seen }
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'was accepted',
    (error) => error.data,
  )

const blocksOf = ({ lanes }: RunDocument) => lanes.map((lane) => lane.trials.map(({ block }) => block))

describe('an adaptive run', () => {
  it('adds blocks until its verdict stands, and says how many and why', async () => {
    const { document, seen } = await run(undecided({ adaptive: { limit: 60 } }))
    expect(document.run.status).toBe('done')
    expect(document.verdicts[0].answer).toBe('same')
    const { collection, trialsDone, trialsTotal } = document.run
    expect(collection).toMatchObject({ planned: 12, decision: 'Every comparison is settled.', later: [] })
    expect(collection?.added).toBeGreaterThan(0)
    expect(trialsDone).toBe(12 + (collection?.added ?? 0))
    expect(trialsTotal).toBe(trialsDone)
    const [one, other] = blocksOf(document)
    expect(one).toEqual(one.map((_, block) => block))
    expect(other).toEqual(one)
    expect(document.trialOrder).toHaveLength(trialsDone)
    expect(seen.map(({ decision }) => decision)).toContainEqual(
      expect.stringMatching(/more blocks before the next look/),
    )
  })

  it('ends at its limit where nothing is settled, and says so', async () => {
    const { document } = await run(undecided({ trials: 3, adaptive: { limit: 6 } }))
    expect(document.run.collection).toMatchObject({
      planned: 6,
      added: 6,
      decision: expect.stringContaining('still open at the limit of 6 trials per lane'),
    })
    expect(document.verdicts[0].answer).toBe('unknown')
  })

  it('does not chase a metric that nobody measures', async () => {
    const { document } = await run(undecided({ adaptive: { limit: 60, metrics: ['pool.ratio.true'] } }))
    expect(document.run.collection).toMatchObject({
      added: 0,
      decision: expect.stringContaining('pool.ratio.true: not measured in every trial'),
    })
  })

  it('collects for the lanes of open comparisons only', async () => {
    const { document } = await run(
      undecided({
        lanes: [
          { lane: 'raw', label: 'one' },
          { lane: 'raw', label: 'other' },
          { lane: 'zcache', label: 'settled', writeback: 'off' },
        ],
        name: 'undecided, and one far off',
        adaptive: { limit: 60 },
      }),
    )
    const [one, other, settled] = blocksOf(document)
    expect(other).toEqual(one)
    expect(settled.length).toBeLessThan(one.length)
  })

  it('is the experiment it was where nothing may be added', async () => {
    const hash = async (spec: unknown) => (await lab.client.spec.validate({ spec })).hash
    expect(await hash(undecided())).toBe(await hash(undecided({ adaptive: { metrics: ['fault.ns.p99'] } })))
    expect(await hash(undecided())).not.toBe(await hash(undecided({ adaptive: { limit: 60 } })))
  })
})

describe('collecting more for a finished run', () => {
  it('adds later blocks to it, and says that they are later', async () => {
    const { document: first } = await run(undecided())
    expect(first.verdicts[0].answer).toBe('unknown')
    const { id } = first.run
    await lab.client.runs.more({ id })
    expect((await follow(id)).at(-1)).toMatchObject({ status: 'done', phase: 'ended' })
    const document = await lab.client.runs.get({ id })
    expect(document.run.status).toBe('done')
    expect(document.run.startedAt).toBe(first.run.startedAt)
    expect(document.verdicts[0].answer).toBe('same')
    expect(document.run.collection).toMatchObject({
      planned: 12,
      later: [{ firstBlock: 6, otherContents: false }],
    })
    expect(document.lanes[0].trials.slice(0, 6)).toEqual(first.lanes[0].trials)
    expect(document.trialOrder).toHaveLength(document.run.trialsDone)
    const { warnings } = await lab.client.runs.compareLanes({ id })
    expect(warnings).toEqual([expect.stringContaining('Blocks from number 7 on were made later')])
    expect(await refusal(lab.client.runs.more({ id }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('Every comparison is settled'),
    })
    const { text } = await lab.client.runs.export({ id, format: 'bundle' })
    await lab.client.runs.delete({ id })
    await lab.client.runs.import({ text })
    expect(await lab.client.runs.get({ id })).toEqual({ ...document, run: { ...document.run, swapDir: null } })
  })

  it('says once what was warned of before each of them, with what was read', async () => {
    await lab.close()
    let readings = 0
    const check: HostEyes['check'] = async () => {
      readings++
      const row = { name: 'Load', level: 'amber', reason: 'other programs run', evidence: `load ${readings}` } as const
      return { level: 'amber', rows: [row] }
    }
    lab = await fakeLab(dir, { eyes: { ...fakeEyes, check } })
    const { document: first } = await run(undecided())
    expect(first.run.warnings).toEqual(['Load: other programs run (load 1)'])
    await lab.client.runs.more({ id: first.run.id })
    await follow(first.run.id)
    const { warnings } = (await lab.client.runs.get({ id: first.run.id })).run
    expect(warnings).toEqual(['Load: other programs run (load 1; from block 7 on: load 2)'])
  })

  it('leaves the run finished where the engine dies, with the reason as a warning', async () => {
    const { document: first } = await run(undecided({ name: 'undecided, later killed' }))
    const { id } = first.run
    await lab.client.runs.more({ id })
    await follow(id)
    const { run: after } = await lab.client.runs.get({ id })
    expect(after).toMatchObject({ status: 'done', trialsDone: 14, trialsTotal: 14 })
    expect(after.warnings.at(-1)).toMatch(/Collecting more ended early \(failed\): .*SIGKILL/)
    expect(after.collection).toMatchObject({ added: 2, decision: 'Ended early (failed), before the next look.' })
  })

  it('is refused on another host, under other conditions, and for a run that is not done', async () => {
    const { document } = await run(undecided())
    await lab.close()
    lab = await fakeLab(dir, { eyes: { ...fakeEyes, report: async () => ({ ...someHost, id: 'host-2' }) } })
    expect(await refusal(lab.client.runs.more({ id: document.run.id }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('another host'),
    })
    await lab.close()
    lab = await fakeLab(dir, { eyes: updated })
    expect(await refusal(lab.client.runs.more({ id: document.run.id }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('kernel 6.1.0 → 6.12.0, firmware 1 → 2'),
    })
    const { document: crashed } = await run(someSpec('crashes'))
    expect(await refusal(lab.client.runs.more({ id: crashed.run.id }))).toMatchObject({
      message: expect.stringContaining('only a finished run'),
    })
  })

  it('knows what there is, block by block', () => {
    const trial = (order: number, block: number) => ({ lane: 0, report: someTrial(order, { block }) })
    expect(carriedOf([trial(0, 0), trial(1, 0), trial(2, 1)])).toEqual({ trials: 3, blocks: [2, 1] })
    expect(carriedOf([])).toEqual({ trials: 0, blocks: [] })
  })
})

describe('an experiment against itself', () => {
  it('is one lane twice, judged by block', async () => {
    const spec = twinLanes(someSpec('undecided'), 1)
    expect(spec).toMatchObject({ name: 'A/A undecided', trials: 6, adaptive: { limit: 120 } })
    const { document } = await run(spec)
    expect(document.lanes.map(({ label }) => label)).toEqual(['A', 'A again'])
    expect(document.lanes[0].spec).toMatchObject({ lane: 'zcache', writeback: 'off' })
    expect(document.verdicts).toHaveLength(1)
    expect(document.verdicts[0]).toMatchObject({ answer: 'same', question: expect.stringContaining('A/A') })
    const { metrics } = await lab.client.runs.compareLanes({ id: document.run.id })
    expect(metrics.find(({ metric }) => metric === 'accesses.per_s')).toMatchObject({ verdict: 'same' })
    for (const { verdict, detectable, low } of metrics)
      if (verdict === 'same' && low !== null) expect(detectable).toBeGreaterThan(0)
  })
})

describe('a baseline', () => {
  it('is what later runs of the experiment are compared with, on its host, until it is taken away', async () => {
    const { document: first } = await run(someSpec('plain'))
    const { document: second } = await run(someSpec('plain, again'))
    const [base, next] = [first.run.id, second.run.id]
    expect(await refusal(lab.client.runs.compare({ new: [next] }))).toMatchObject({
      code: 'bad_input',
      field: 'base',
      remedy: expect.stringContaining('swaplab baseline'),
    })
    expect((await lab.client.runs.pin({ id: base })).baseline).toBe(true)
    expect((await lab.client.runs.compare({ new: [next] })).base.id).toBe(base)
    expect((await lab.client.runs.get({ id: next })).run).toMatchObject({ baseline: false, baselineId: base })
    // Another gives way, one experiment has one baseline.
    await lab.client.runs.pin({ id: next })
    const { runs } = await lab.client.runs.list({})
    expect(runs.map((row) => row.baseline)).toEqual([true, false])
    expect(await refusal(lab.client.runs.unpin({ id: base }))).toMatchObject({ code: 'bad_input' })
    await lab.client.runs.delete({ id: next })
    expect((await lab.client.runs.get({ id: base })).run.baselineId).toBeNull()
    await lab.client.runs.undelete({ id: next })
    await lab.client.runs.unpin({ id: next })
    expect((await lab.client.runs.get({ id: base })).run.baselineId).toBeNull()
  })

  it('is of its own experiment only', async () => {
    const { document: first } = await run(someSpec('plain'))
    await lab.client.runs.pin({ id: first.run.id })
    const { document: other } = await run(someSpec('other', { seed: 43 }))
    expect(other.run.baselineId).toBeNull()
  })
})

describe('a trend', () => {
  it('follows one metric of one lane over the runs of an experiment, oldest first', async () => {
    const ids: string[] = []
    for (let n = 0; n < 3; n++) ids.push((await run(someSpec(`run ${n}`))).document.run.id)
    await run(someSpec('crashes'))
    await run(someSpec('other', { seed: 43 }))
    const trend = await lab.client.runs.trend({ id: ids[1], lane: 'zcache lz4 no writeback' })
    expect(trend.points.map((point) => point.run)).toEqual(ids)
    expect(trend.points[0]).toMatchObject({ median: 2001, low: 2000, high: 2002, n: 3, version: '0.0.0' })
    expect(trend).toMatchObject({ runs: 3, steps: [], smallest: null, unit: 'per_s', better: 'higher' })
    expect(trend.reason).toContain('a step needs 6 on each side')
    expect(await refusal(lab.client.runs.trend({ id: ids[0], metric: 'speed' }))).toMatchObject({
      field: 'metric',
      remedy: expect.stringContaining('fault.ns.p99'),
    })
    expect(await refusal(lab.client.runs.trend({ id: ids[0], lane: 'nobody' }))).toMatchObject({ field: 'lane' })
  })

  it('goes on over an update of kernel and firmware, with its baseline, and marks it', async () => {
    const { document: before } = await run(someSpec('before'))
    await lab.client.runs.pin({ id: before.run.id })
    await lab.close()
    lab = await fakeLab(dir, { eyes: updated, version: '0.1.0' })
    const { document: after } = await run(someSpec('after'))
    await run(someSpec('later'))
    const changed = ['Swaplab 0.0.0 → 0.1.0', 'kernel 6.1.0 → 6.12.0', 'firmware 1 → 2']
    const { points } = await lab.client.runs.trend({ id: before.run.id })
    expect(points.map((point) => point.changed)).toEqual([[], changed, []])
    expect(points.map(({ kernel, firmware }) => [kernel, firmware])).toEqual([
      ['6.1.0', '1'],
      ['6.12.0', '2'],
      ['6.12.0', '2'],
    ])
    expect(after.run.baselineId).toBe(before.run.id)
    const { warnings } = await lab.client.runs.compare({ new: [after.run.id] })
    expect(warnings).toEqual([`From ${before.run.id} to ${after.run.id} (after) changed: ${changed.join(', ')}.`])
  })
})
