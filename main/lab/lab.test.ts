import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Progress, RunCharts, RunDocument, RunSeries, type TrialReport } from '../contract/index.ts'
import { forkEngine } from './index.ts'
import { isAlive, thisOwner } from './runs/owner.ts'
import { fakeEyes, fakeLab, someSpec } from './testing/fake-lab.ts'

type FakeLab = Awaited<ReturnType<typeof fakeLab>>

interface HistogramPart {
  bucket: number[]
  count: number[]
}

let dir: string
let labs: FakeLab[]
let children: ChildProcess[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-lab-'))
  labs = []
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const lab of labs) await lab.close()
  rmSync(dir, { recursive: true, force: true })
})

async function open(options: Parameters<typeof fakeLab>[1] = {}): Promise<FakeLab> {
  const lab = await fakeLab(dir, options)
  labs.push(lab)
  return lab
}

async function follow({ client }: FakeLab, id: string): Promise<Progress[]> {
  const seen: Progress[] = []
  for await (const progress of await client.runs.watch({ id })) seen.push(progress)
  return seen
}

const start = async ({ client }: FakeLab, name: string) => (await client.runs.start({ spec: someSpec(name) })).id

/** Waits for a state of the run that is sure to come. */
async function until({ client }: FakeLab, id: string, holds: (document: RunDocument) => boolean): Promise<RunDocument> {
  for (;;) {
    const document = await client.runs.get({ id })
    if (holds(document)) return document
    await new Promise((go) => setTimeout(go, 20))
  }
}

/** Another process with a lab on the same folder, and a run under way there. */
async function otherProcess(name: string): Promise<{ child: ChildProcess; id: string }> {
  const script = fileURLToPath(new URL('./testing/lab-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dir, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [chunk]: Buffer[] = await once(child.stdout ?? child, 'data')
  return { child, id: chunk.toString().trim() }
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'was accepted',
    (error) => error.data,
  )
}

describe('a run', () => {
  it('is carried out, kept, and reported with its verdict', async () => {
    const lab = await open()
    const id = await start(lab, 'plain')
    const seen = await follow(lab, id)
    expect(seen[0]).toMatchObject({ status: 'queued', phase: 'queued' })
    expect(seen.at(-1)).toMatchObject({ status: 'done', phase: 'ended', fraction: 1 })

    const document = RunDocument.parse(await lab.client.runs.get({ id }))
    expect(document.run).toMatchObject({ status: 'done', trialsDone: 9, trialsTotal: 9, hostId: 'host-1' })
    expect(document.run.warnings).toEqual(['Load: other programs run (load 1.20)'])
    expect(document.verified).toEqual({ pages: 90, mismatches: 0 })
    expect(document.trialOrder.slice(0, 2)).toEqual(['raw', 'zcache lz4 no writeback'])
    expect(document.lanes[0].metrics['accesses.per_s']).toMatchObject({ median: 1001, low: 1000, high: 1002, n: 3 })
    expect(document.run.headline).toContain('Yes (an indication')
    expect(document.run.headline).toContain('50 % more accesses per second than off')

    const charts = RunCharts.parse(await lab.client.runs.charts({ id }))
    expect(charts.lanes[0].distributions[0]).toMatchObject({ metric: 'fault.ns', count: 3000 })
    const series = RunSeries.parse(await lab.client.runs.series({ id, block: 1 }))
    const ofBlock = document.lanes.map(({ trials }) => trials.find(({ block }) => block === 1)?.order)
    expect(series.lanes.map(({ trial }) => trial)).toEqual(ofBlock)
    expect(series.lanes.map(({ samples }) => samples.map(({ accesses }) => accesses))).toEqual(
      ofBlock.map((place) => [place]),
    )
    expect((await lab.client.runs.series({ id, block: 99 })).lanes.map(({ trial }) => trial)).toEqual([
      null,
      null,
      null,
    ])
  })

  it('is there after a restart', async () => {
    const first = await open()
    const id = await start(first, 'plain')
    await follow(first, id)
    await first.close()
    const second = await open()
    expect((await second.client.runs.list({})).runs.map((run) => run.id)).toEqual([id])
    expect((await follow(second, id)).map((progress) => progress.phase)).toEqual(['ended'])
  })

  it('is there for who may read the folder and not write to it', async () => {
    const first = await open()
    const id = await start(first, 'plain')
    await follow(first, id)
    await first.close()
    chmodSync(join(dir, 'history.sqlite'), 0o444)
    chmodSync(dir, 0o555)
    const elsewhere = mkdtempSync(join(tmpdir(), 'swaplab-lab-'))
    try {
      const script = fileURLToPath(new URL('./testing/reading-lab.ts', import.meta.url))
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, dir, id, elsewhere])
      expect(JSON.parse(stdout)).toEqual({
        runs: 1,
        lanes: 3,
        compared: true,
        exported: true,
        refused: ['no_permission', 'no_permission'],
      })
      expect(stderr).toMatch(/history\.sqlite can only be read: this user may not write to the file\.$/m)
    } finally {
      chmodSync(dir, 0o700)
      rmSync(elsewhere, { recursive: true })
    }
  })

  it('leaves no copy of captured memory behind, its own or that of a dead process', async () => {
    writeFileSync(join(dir, 'self-20260101-000000-aaaaaa.corpus'), 'left over')
    const modes: number[] = []
    const lab = await open({
      eyes: {
        ...fakeEyes,
        captureSelf: async (file, content) => {
          await fakeEyes.captureSelf(file, content)
          modes.push(statSync(file).mode & 0o777)
        },
      },
    })
    expect(existsSync(join(dir, 'self-20260101-000000-aaaaaa.corpus'))).toBe(false)
    await follow(lab, await start(lab, 'plain'))
    expect(modes).toEqual([0o600])
    expect(readdirSync(dir).filter((name) => name.endsWith('.corpus'))).toEqual([])
  })

  it('leaves the copy alone that a calibration of a living lab is at work on', async () => {
    const { pid, start } = thisOwner()
    const living = `self-calibration-${pid}-${start}.corpus`
    for (const name of [living, `self-calibration-${pid}-1.corpus`]) writeFileSync(join(dir, name), '')
    await open()
    expect(readdirSync(dir).filter((name) => name.endsWith('.corpus'))).toEqual([living])
  })

  it('fails with the reason where memory cannot be captured, and starts no engine', async () => {
    const lab = await open({
      eyes: { ...fakeEyes, captureSelf: async () => Promise.reject(new Error('no pages')) },
      startEngine: () => {
        throw new Error('an engine was started')
      },
    })
    const seen = await follow(lab, await start(lab, 'plain'))
    expect(seen.at(-1)).toMatchObject({ status: 'failed', fault: { message: 'no pages' } })
  })

  it('is refused where the specification is wrong, with the field', async () => {
    const { client } = await open()
    expect(await refusal(client.runs.start({ spec: { memory: { frames: 7 } } }))).toMatchObject({
      code: 'bad_input',
      field: 'memory.frames',
    })
    expect(await refusal(client.runs.start({ spec: {}, swapDir: 'relative' }))).toMatchObject({ field: 'swapDir' })
    expect(await refusal(client.runs.start({ spec: {}, swapDir: join(dir, 'no') }))).toMatchObject({ field: 'swapDir' })
    expect(await refusal(client.runs.get({ id: 'nobody' }))).toMatchObject({ code: 'not_found' })
  })
})

describe('an engine that dies', () => {
  it('by kill -9 ends its run as failed, keeps its trials, and disturbs nothing else', async () => {
    const lab = await open()
    const id = await start(lab, 'killed')
    const next = await start(lab, 'plain')
    const seen = await follow(lab, id)
    expect(seen.at(-1)).toMatchObject({
      status: 'failed',
      fault: { code: 'engine_died', message: expect.stringContaining('SIGKILL') },
    })
    const document = await lab.client.runs.get({ id })
    expect(document.run.fault?.code).toBe('engine_died')
    expect(document.lanes.map((lane) => lane.trials.length)).toEqual([1, 1, 0])
    expect((await follow(lab, next)).at(-1)?.status).toBe('done')
  })

  it('by an error leaves its last words', async () => {
    const lab = await open()
    const seen = await follow(lab, await start(lab, 'crashes'))
    expect(seen.at(-1)?.fault?.message).toContain('exit code 3')
    expect(seen.at(-1)?.fault?.message).toContain('the arena is on fire')
  })

  it('before it began says that it could not start', async () => {
    const lab = await open({ startEngine: () => forkEngine(join(dir, 'no-such-engine.ts')) })
    const seen = await follow(lab, await start(lab, 'plain'))
    expect(seen.at(-1)?.fault).toMatchObject({
      code: 'engine_died',
      message: expect.stringContaining('no-such-engine'),
    })
  })
})

describe('cancelling', () => {
  it('keeps what was measured', async () => {
    const lab = await open()
    const id = await start(lab, 'slow')
    await until(lab, id, (document) => document.run.trialsDone >= 2)
    expect(await lab.client.runs.cancel({ id })).toEqual({ cancelled: true })
    expect((await follow(lab, id)).at(-1)?.status).toBe('cancelled')
    const { run } = await lab.client.runs.get({ id })
    expect(run.status).toBe('cancelled')
    expect(run.trialsDone).toBeGreaterThanOrEqual(2)
    expect(await lab.client.runs.cancel({ id })).toEqual({ cancelled: false })
  })

  it('kills an engine that does not listen', async () => {
    const lab = await open({ cancelGraceMs: 50 })
    const id = await start(lab, 'deaf')
    await until(lab, id, (document) => document.run.trialsDone === 1)
    await lab.client.runs.cancel({ id })
    expect((await follow(lab, id)).at(-1)?.status).toBe('cancelled')
  })

  it('ends a run that still waits', async () => {
    const lab = await open()
    const first = await start(lab, 'slow')
    const second = await start(lab, 'plain')
    await lab.client.runs.cancel({ id: second })
    expect((await follow(lab, second)).at(-1)?.status).toBe('cancelled')
    expect((await follow(lab, first)).at(-1)?.status).toBe('done')
  })
})

describe('the queue', () => {
  it('measures one at a time, and says whom a run waits for', async () => {
    const lab = await open()
    const first = await start(lab, 'slow')
    const second = await start(lab, 'plain')
    const seen = await follow(lab, second)
    expect(
      seen.some((progress) => progress.status === 'queued' && progress.message === `waiting for run ${first}`),
    ).toBe(true)
    const [a, b] = [await lab.client.runs.get({ id: first }), await lab.client.runs.get({ id: second })]
    expect(Date.parse(b.run.startedAt)).toBeGreaterThanOrEqual(Date.parse(a.run.endedAt ?? ''))
  })

  it('refuses a calibration while a run is under way', async () => {
    const lab = await open()
    const id = await start(lab, 'slow')
    await until(lab, id, (document) => document.run.trialsDone >= 1)
    expect(await refusal(lab.client.host.calibrate({}))).toMatchObject({ code: 'busy' })
  })

  it.each([
    ['mine.ts', 'bad_input', /full path/],
    ['/nowhere/mine.ts', 'not_found', /no policy file \/nowhere\/mine\.ts/],
  ])('refuses the policy file %s at its field, and starts nothing', async (policy, code, message) => {
    const lab = await open()
    const spec = { lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', policy }] }
    expect(await refusal(lab.client.runs.start({ spec }))).toMatchObject({
      code,
      field: 'lanes.1.policy',
      message: expect.stringMatching(message),
    })
    expect((await lab.client.runs.list({})).total).toBe(0)
  })

  it.each([
    [{ lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', allocator: 'zsmalloc' }] }, 'lanes.1.policy'],
    [{ memory: { frames: 512, pool: 400 }, workload: { pages: 400_000 } }, 'memory.frames'],
  ])('refuses %o, which no lane can be made of, at its field, and starts nothing', async (spec, field) => {
    const lab = await open()
    expect(await refusal(lab.client.runs.start({ spec }))).toMatchObject({ code: 'bad_input', field })
    expect((await lab.client.runs.list({})).total).toBe(0)
  })

  it('keeps the last calibration, and one that is cancelled leaves it as it was', async () => {
    const lab = await open()
    const { host } = lab.client
    expect(await host.calibration()).toMatchObject({ last: null, underWay: null })
    expect(await host.cancelCalibration()).toEqual({ cancelled: false })
    const kept = await host.calibrate({})
    expect((await host.calibration()).last).toEqual(kept)

    const second = refusal(host.calibrate({}))
    await vi.waitUntil(async () => (await host.calibration()).underWay?.step === 'a first step')
    expect(await host.cancelCalibration()).toEqual({ cancelled: true })
    expect(await second).toMatchObject({ code: 'cancelled' })
    expect(await host.calibration()).toMatchObject({ last: kept, underWay: null })
  })

  it('is not held up by a watcher that does not read', async () => {
    const lab = await open()
    const id = await start(lab, 'slow')
    const idle = await lab.client.runs.watch({ id })
    const [one, two] = await Promise.all([follow(lab, id), follow(lab, id)])
    expect(one.at(-1)?.status).toBe('done')
    expect(two.at(-1)?.status).toBe('done')
    const late: Progress[] = []
    for await (const progress of idle) late.push(progress)
    expect(late.at(-1)?.phase).toBe('ended')
  })
})

describe('labs in several processes on one folder', () => {
  it('see, follow and cancel each other’s run, and wait for it', async () => {
    const { id } = await otherProcess('slow')
    const lab = await open()
    expect((await lab.client.runs.get({ id })).run.status).toMatch(/queued|running/)
    expect((await lab.client.runs.active()).map((progress) => progress.runId)).toEqual([id])
    const own = await start(lab, 'plain')
    await until(lab, id, (document) => document.run.trialsDone >= 1)
    expect(await lab.client.runs.cancel({ id })).toEqual({ cancelled: true })
    const seen = await follow(lab, id)
    expect(seen.at(-1)?.status).toBe('cancelled')
    expect((await follow(lab, own)).at(-1)?.status).toBe('done')
  })

  it('find a run interrupted whose process was killed, with its finished trials', async () => {
    const { child, id } = await otherProcess('slow')
    const witness = await open()
    await until(witness, id, (document) => document.run.trialsDone >= 2)
    await witness.close()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lab = await open()
    const { run, lanes } = await lab.client.runs.get({ id })
    expect(run.status).toBe('interrupted')
    expect(run.trialsDone).toBeGreaterThanOrEqual(2)
    expect(lanes.flatMap((lane) => lane.trials).length).toBe(run.trialsDone)
    // The right to measure died with its holder.
    expect((await follow(lab, await start(lab, 'plain'))).at(-1)?.status).toBe('done')
  })
})

describe('closing the lab', () => {
  it('ends a run under way as interrupted, keeping its trials', async () => {
    const lab = await open()
    const id = await start(lab, 'slow')
    await until(lab, id, (document) => document.run.trialsDone >= 1)
    await lab.close()
    const again = await open()
    const { run } = await again.client.runs.get({ id })
    expect(run.status).toBe('interrupted')
    expect(run.trialsDone).toBeGreaterThanOrEqual(1)
    expect(run.fault?.message).toBe(
      `Swaplab ended during this run; the ${run.trialsDone} of 9 trials it had finished are kept.`,
    )
    expect(run.headline).toBe(run.fault?.message)
  })
})

describe('the history', () => {
  it('forgets a deleted run ten minutes later, at the next start, and not before', async () => {
    let now = new Date('2026-01-01T10:00:00.000Z')
    const first = await open({ now: () => now })
    const id = await start(first, 'plain')
    await follow(first, id)
    const { undoUntil } = await first.client.runs.delete({ id })
    expect(undoUntil).toBe('2026-01-01T10:10:00.000Z')
    expect(await refusal(first.client.runs.get({ id }))).toMatchObject({ code: 'not_found' })
    expect((await first.client.runs.undelete({ id })).id).toBe(id)
    await first.client.runs.delete({ id })
    await first.close()
    now = new Date('2026-01-01T10:09:00.000Z')
    const soon = await open({ now: () => now })
    expect((await soon.client.runs.undelete({ id })).id).toBe(id)
    await soon.client.runs.delete({ id })
    await soon.close()
    now = new Date('2026-01-01T10:30:00.000Z')
    const late = await open({ now: () => now })
    expect(await refusal(late.client.runs.undelete({ id }))).toMatchObject({ code: 'not_found' })
  })

  it('keeps a run under way from being deleted', async () => {
    const lab = await open()
    const id = await start(lab, 'slow')
    expect(await refusal(lab.client.runs.delete({ id }))).toMatchObject({ code: 'busy' })
  })

  it('knows a run by the beginning of its id, where that is one run only', async () => {
    const lab = await open()
    const id = await start(lab, 'plain')
    await follow(lab, id)
    expect((await lab.client.runs.tag({ id: id.slice(0, 17), tags: ['a', 'a', 'b'] })).tags).toEqual(['a', 'b'])
    await follow(lab, await start(lab, 'plain'))
    expect(await refusal(lab.client.runs.get({ id: id.slice(0, 2) }))).toMatchObject({
      message: expect.stringContaining('more than one'),
    })
  })

  it('travels in a bundle, whole, once', async () => {
    const lab = await open()
    const id = await start(lab, 'plain')
    await follow(lab, id)
    await lab.client.runs.note({ id, note: 'first disk' })
    const original = await lab.client.runs.get({ id })
    const charts = await lab.client.runs.charts({ id })
    const series = await lab.client.runs.series({ id, block: 0 })
    const { text } = await lab.client.runs.export({ id, format: 'bundle' })
    expect(await refusal(lab.client.runs.import({ text }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('already'),
    })
    const elsewhere = mkdtempSync(join(tmpdir(), 'swaplab-lab-'))
    const other = await fakeLab(elsewhere)
    await other.client.runs.import({ text })
    // Its swap directory was on the disk of another host.
    expect(original.run.swapDir).toBe(dir)
    expect(await other.client.runs.get({ id })).toEqual({ ...original, run: { ...original.run, swapDir: null } })
    expect(await other.client.runs.charts({ id })).toEqual(charts)
    expect(await other.client.runs.series({ id, block: 0 })).toEqual(series)
    await other.close()
    rmSync(elsewhere, { recursive: true })
  })

  it('is taken in once where two do so at the same time', async () => {
    const lab = await open()
    const id = await start(lab, 'plain')
    await follow(lab, id)
    const { text } = await lab.client.runs.export({ id, format: 'bundle' })
    await lab.client.runs.delete({ id })
    const both = await Promise.allSettled([lab.client.runs.import({ text }), lab.client.runs.import({ text })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const result of both)
      if (result.status === 'rejected')
        expect(await refusal(Promise.reject(result.reason))).toMatchObject({
          code: 'bad_input',
          message: expect.stringContaining('already'),
        })
    expect((await lab.client.runs.list({})).runs.map((run) => run.id)).toEqual([id])
  })

  it('is shown and travels although rules have come since that its specification breaks', async () => {
    const lab = await open()
    const id = await start(lab, 'of an older day')
    await follow(lab, id)
    const bundle = JSON.parse((await lab.client.runs.export({ id, format: 'bundle' })).text)
    bundle.run.id = 'older'
    bundle.spec.memory.pool = bundle.spec.memory.frames
    expect(await refusal(lab.client.spec.validate({ spec: bundle.spec }))).toMatchObject({ field: 'memory.pool' })
    await lab.client.runs.import({ text: JSON.stringify(bundle) })
    expect((await lab.client.runs.get({ id: 'older' })).spec).toEqual(bundle.spec)
  })

  it('says of a failed run what went wrong, also where it was imported', async () => {
    const lab = await open()
    const id = await start(lab, 'killed')
    await follow(lab, id)
    const headline = async () => (await lab.client.runs.list({})).runs.map((run) => run.headline)
    const why = [expect.stringContaining('was killed by SIGKILL')]
    expect(await headline()).toEqual(why)
    const { text } = await lab.client.runs.export({ id, format: 'bundle' })
    await lab.client.runs.delete({ id })
    await lab.client.runs.import({ text })
    expect(await headline()).toEqual(why)
  })

  it('refuses bundles that are foreign, newer or damaged', async () => {
    const { client } = await open()
    const refused = (text: string) => refusal(client.runs.import({ text }))
    expect(await refused('not json')).toMatchObject({ code: 'bad_input' })
    expect(await refused('{"format":"other"}')).toMatchObject({ message: 'The file is not a Swaplab bundle.' })
    expect(await refused('{"format":"swaplab-bundle","formatVersion":2}')).toMatchObject({ code: 'unavailable' })
    expect(await refused('{"format":"swaplab-bundle","formatVersion":1}')).toMatchObject({
      message: expect.stringContaining('damaged'),
    })
  })

  it.each<[string, (trial: { report: TrialReport; histograms: Record<string, HistogramPart> }) => void]>([
    ['a name that every object has', ({ report }) => Object.assign(report.metrics, { constructor: 1 })],
    ['a counter of such a name', ({ report }) => Object.assign(report.counters, { toString: 1 })],
    ['a figure that overflows sums', ({ report }) => Object.assign(report.metrics, { 'accesses.per_s': 1.7e308 })],
    ['buckets out of order', ({ histograms }) => Object.values(histograms)[0].bucket.reverse()],
    ['a count without end', ({ histograms }) => Object.values(histograms)[0].count.fill(1e300)],
  ])('refuses a bundle with %s, and keeps nothing of it', async (_what, spoil) => {
    const lab = await open()
    const id = await start(lab, 'plain')
    await follow(lab, id)
    const bundle = JSON.parse((await lab.client.runs.export({ id, format: 'bundle' })).text)
    bundle.run.id = 'hostile'
    const whole = JSON.stringify(bundle)
    spoil(bundle.trials[0])
    const spoilt = JSON.stringify(bundle)
    expect(spoilt).not.toBe(whole)
    expect(await refusal(lab.client.runs.import({ text: spoilt }))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('damaged: trials.0.'),
    })
    expect((await lab.client.runs.list({})).runs.map((run) => run.id)).toEqual([id])
  })

  it.each<[string, string, (bundle: { run: object; spec: { lanes: object[] } }) => void]>([
    [
      'an option',
      'spec.lanes.0: there is no field "prefetch"',
      ({ spec }) => Object.assign(spec.lanes[0], { prefetch: 'on' }),
    ],
    ['a word for an option', 'spec.mode: ', ({ spec }) => Object.assign(spec, { mode: 'replay' })],
    ['a lane', 'spec.lanes.0.lane: ', ({ spec }) => Object.assign(spec.lanes[0], { lane: 'zcache3' })],
    ['a fact of the run', 'run: there is no field "weather"', ({ run }) => Object.assign(run, { weather: 'fair' })],
  ])(
    'takes a bundle with %s that it does not know for one of a newer version, unless it is damaged too',
    async (_what, where, add) => {
      const lab = await open()
      const id = await start(lab, 'plain')
      await follow(lab, id)
      const bundle = JSON.parse((await lab.client.runs.export({ id, format: 'bundle' })).text)
      bundle.run.id = 'newer'
      add(bundle)
      expect(await refusal(lab.client.runs.import({ text: JSON.stringify(bundle) }))).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(`perhaps it is of a newer version of Swaplab: ${where}`),
        remedy: expect.stringContaining('Update Swaplab'),
      })
      bundle.trials[0].report.metrics.constructor = 1
      expect(await refusal(lab.client.runs.import({ text: JSON.stringify(bundle) }))).toMatchObject({
        code: 'bad_input',
        message: expect.stringContaining('damaged: trials.0.'),
      })
    },
  )

  it('gives a time only where this host has a past', async () => {
    const lab = await open()
    const estimate = () => lab.client.spec.estimate({ spec: someSpec('plain') })
    expect(await estimate()).toMatchObject({ seconds: null, basis: expect.stringContaining('never measured') })
    await follow(lab, await start(lab, 'plain'))
    expect((await estimate()).seconds).toBeGreaterThanOrEqual(0)
  })
})

describe('an owner', () => {
  it('lives while its process does, and is told from another with its pid', async () => {
    const own = thisOwner()
    expect(isAlive(own)).toBe(true)
    expect(isAlive({ ...own, start: '1' })).toBe(false)
    expect(isAlive({ ...own, boot: 'another' })).toBe(false)
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    expect(isAlive({ ...own, pid: child.pid ?? 0 })).toBe(false)
  })
})
