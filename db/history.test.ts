import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { type Compilable, Kysely, SqliteDialect } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunStatus } from '../main/contract/index.ts'
import { AT, someExperiment, someHost, someOwner, someRun, someTrial } from './fixture.ts'
import { packBuckets, unpackBuckets } from './histogram-blob.ts'
import type { History } from './history.ts'
import { openHistory } from './open.ts'
import { listQuery, pendingQuery } from './run-queries.ts'
import type { Tables } from './schema.ts'
import { followedQuery } from './trend.ts'

let dir: string
let history: History
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-db-'))
  history = await openHistory(dir)
  await history.rememberHost(someHost())
  await history.rememberExperiment(someExperiment)
})
afterEach(async () => {
  await history.close()
  rmSync(dir, { recursive: true, force: true })
})

const page = { limit: 200, offset: 0, search: '' }
const ids = async (search = '') => (await history.listRuns({ ...page, search })).runs.map((run) => run.id)

describe('runs', () => {
  it('come back as they were written', async () => {
    await history.addRun(someRun('a', { warnings: ['busy disk'] }))
    const observer = { clockNs: 20, nullFaultNs: 50, nullStoreNs: 40 }
    await history.changeRun('a', { status: 'running', trialOrder: [2, 0, 1], laneNotes: [['psync'], [], []], observer })
    expect(await history.readRun('a')).toMatchObject({
      id: 'a',
      status: 'running',
      host: someHost(),
      warnings: ['busy disk'],
      spec: { ...someExperiment.spec, name: 'run a' },
      trialOrder: [2, 0, 1],
      laneNotes: [['psync'], [], []],
      observer,
      fault: null,
      owner: someOwner,
      lanes: ['raw', 'zcache lz4 no writeback', 'zcache lz4 writeback lru-frame'],
    })
  })

  it('are listed newest first, and found by name, note, tag, headline and id', async () => {
    await history.addRun(someRun('a', { startedAt: '2026-01-01T00:00:00.000Z', name: 'old disk' }))
    await history.addRun(someRun('b', { startedAt: '2026-03-01T00:00:00.000Z', name: '100 % new' }))
    await history.addRun(someRun('c', { startedAt: '2026-02-01T00:00:00.000Z', name: 'plain' }))
    await history.changeRun('c', { tags: ['nightly'], note: 'after the firmware update', headline: 'Writeback pays' })
    expect(await ids()).toEqual(['b', 'c', 'a'])
    expect(await ids('DISK')).toEqual(['a'])
    expect(await ids('nightly')).toEqual(['c'])
    expect(await ids('firmware')).toEqual(['c'])
    expect(await ids('pays')).toEqual(['c'])
    expect(await ids('0 %')).toEqual(['b'])
    expect(await ids('_')).toEqual([])
  })

  it('end once: the first last word stays', async () => {
    await history.addRun(someRun('a'))
    expect(await history.endRun('a', { status: 'cancelled', endedAt: AT })).toBe(true)
    expect(await history.endRun('a', { status: 'done', endedAt: AT })).toBe(false)
    expect((await history.findRun('a'))?.status).toBe('cancelled')
  })

  it('deleted are hidden, come back on undelete, and go for good with the purge', async () => {
    await history.addRun(someRun('a'))
    await history.addTrial('a', someTrial(0, 0))
    expect(await history.softDelete('a', '2026-01-01T10:00:00.000Z')).toBe(true)
    expect(await history.softDelete('a', '2026-01-01T10:00:00.000Z')).toBe(false)
    expect(await ids()).toEqual([])
    expect(await history.findRunIds('a', 2)).toEqual([])
    expect(await history.purgeDeleted('2026-01-01T09:50:00.000Z')).toBe(0)
    expect(await history.undelete('a')).toBe(true)
    expect(await ids()).toEqual(['a'])
    await history.softDelete('a', '2026-01-01T10:00:00.000Z')
    expect(await history.purgeDeleted('2026-01-01T10:10:00.000Z')).toBe(1)
    expect(await history.undelete('a')).toBe(false)
    expect(await history.readTrials('a')).toEqual([])
    expect(await history.readHistograms('a')).toEqual([])
  })

  it('need their host and experiment', async () => {
    await expect(history.addRun(someRun('a', { experimentHash: 'nobody' }))).rejects.toThrow('FOREIGN KEY')
  })
})

describe('trials', () => {
  it('come back with metrics, histograms and series', async () => {
    await history.addRun(someRun('a'))
    const trials = [someTrial(1, 0), someTrial(0, 1), someTrial(2, 2, { status: 'failed', metrics: {} })]
    for (const trial of trials) await history.addTrial('a', trial)
    expect(await history.readTrials('a')).toEqual(trials.map(({ lane, report }) => ({ lane, report })))
    const histograms = await history.readHistograms('a', 'fault.ns')
    expect(histograms.map((h) => h.lane)).toEqual([1, 0, 2])
    expect(histograms[0].histogram).toEqual(trials[0].histograms['fault.ns'])
    expect((await history.readSeries('a'))[1].samples).toEqual(trials[1].series)
    expect((await history.readSeries('a', [1])).map(({ position }) => position)).toEqual([1])
    expect(await history.readSeries('a', [])).toEqual([])
    expect((await history.findRun('a'))?.trialsDone).toBe(2)
  })

  it('are written whole or not at all', async () => {
    await history.addRun(someRun('a'))
    await history.addTrial('a', someTrial(0, 0))
    await expect(history.addTrial('a', someTrial(1, 0))).rejects.toThrow('UNIQUE')
    expect(await history.readTrials('a')).toHaveLength(1)
    expect((await history.findRun('a'))?.trialsDone).toBe(1)
  })

  it('may be added by many at once without mixing their transactions', async () => {
    for (const run of ['a', 'b', 'c']) await history.addRun(someRun(run))
    await Promise.all(
      ['a', 'b', 'c'].flatMap((run) => Array.from({ length: 10 }, (_, i) => history.addTrial(run, someTrial(0, i)))),
    )
    for (const run of ['a', 'b', 'c']) expect(await history.readTrials(run)).toHaveLength(10)
  })

  it('keep every histogram to the last count', () => {
    const buckets = fc.uniqueArray(fc.integer({ min: 0, max: 65_535 }), { maxLength: 300 })
    fc.assert(
      fc.property(
        buckets,
        fc.infiniteStream(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
        (numbers, counts) => {
          const bucket = numbers.toSorted((a, b) => a - b)
          const count = bucket.map(() => counts.next().value)
          expect(unpackBuckets(packBuckets({ bucket, count, sum: 0, min: 0, max: 0 }))).toEqual({ bucket, count })
        },
      ),
    )
    const whole = packBuckets(someTrial(0, 0).histograms['fault.ns'])
    expect(() => unpackBuckets(whole.subarray(0, -1))).toThrow('damaged')
    expect(() => unpackBuckets(whole.subarray(0, 1))).toThrow('damaged')
  })
})

describe('the right to measure', () => {
  const other = { ...someOwner, pid: 4712 }
  const wish = (what: string, owner = someOwner) => ({ what, runId: null, owner, since: AT })

  it('belongs to one at a time, until it is given back', async () => {
    expect(await history.takeMeasuring(wish('one'), () => true)).toBeNull()
    expect(await history.takeMeasuring(wish('two', other), () => true)).toMatchObject({ what: 'one' })
    await history.releaseMeasuring(wish('two', other))
    expect(await history.whoMeasures()).toMatchObject({ what: 'one' })
    await history.releaseMeasuring(wish('one'))
    expect(await history.takeMeasuring(wish('two', other), () => true)).toBeNull()
  })

  it('is taken from the dead', async () => {
    await history.takeMeasuring(wish('one'), () => true)
    expect(await history.takeMeasuring(wish('two', other), (owner) => owner.pid !== someOwner.pid)).toBeNull()
    expect(await history.whoMeasures()).toMatchObject({ what: 'two', owner: other })
  })
})

describe('a baseline', () => {
  const of = { experimentHash: someExperiment.hash, hostId: 'host-1' }

  it('is one run of an experiment on a host, and goes with that run', async () => {
    for (const id of ['a', 'b']) await history.addRun(someRun(id))
    expect(await history.findBaseline(of)).toBeNull()
    await history.pinBaseline('a', AT)
    expect(await history.findBaseline(of)).toBe('a')
    await history.pinBaseline('b', AT)
    expect(await history.findBaseline(of)).toBe('b')
    expect(await history.findBaseline({ ...of, hostId: 'host-2' })).toBeNull()
    expect((await history.findRun('b'))?.baseline).toBe(true)
    expect(await history.unpinBaseline('a')).toBe(false)
    await history.softDelete('b', AT)
    expect(await history.findBaseline(of)).toBeNull()
    await history.purgeDeleted('2027-01-01T00:00:00.000Z')
    expect(await history.unpinBaseline('b')).toBe(false)
  })
})

describe('a run that collects more', () => {
  it('is queued again by a new owner, once, with the end it had', async () => {
    await history.addRun(someRun('a'))
    const other = { ...someOwner, pid: 4712 }
    expect(await history.requeue('a', other)).toBe(false)
    await history.endRun('a', { status: 'done', endedAt: AT })
    expect(await history.requeue('a', other)).toBe(true)
    expect(await history.findRun('a')).toMatchObject({ status: 'queued', endedAt: AT, owner: other })
    expect(await history.requeue('a', other)).toBe(false)
  })
})

describe('a list of some statuses', () => {
  it('has those runs only, and counts them', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await history.addRun(someRun(id))
    await history.endRun('b', { status: 'failed', endedAt: AT })
    await history.endRun('c', { status: 'done', endedAt: AT })
    const ids = async (statuses: RunStatus[], search = '') => {
      const { runs, total } = await history.listRuns({ limit: 1, offset: 0, search, statuses })
      return [total, ...runs.map(({ id }) => id)]
    }
    expect(await ids(['failed'])).toEqual([1, 'b'])
    expect(await ids(['failed', 'done'])).toEqual([2, 'c'])
    expect(await ids(['failed', 'done'], 'run b')).toEqual([1, 'b'])
    expect(await ids(['invalid'])).toEqual([0])
    expect(await ids([])).toEqual([4, 'd'])
  })
})

describe('a specification that is older than its contract', () => {
  it('is read with the defaults of today', async () => {
    const { adaptive: _, ...spec } = someExperiment.spec
    const sqlite = new BetterSqlite3(history.file)
    sqlite.prepare('update experiments set spec_json = ?').run(JSON.stringify(spec))
    sqlite.close()
    await history.addRun(someRun('a'))
    expect((await history.readRun('a'))?.spec).toEqual({ ...someExperiment.spec, name: 'run a' })
  })
})

describe('a history of 10 000 runs', () => {
  it('lists and follows through its indexes, without sorting', async () => {
    const sqlite = new BetterSqlite3(history.file)
    const many = sqlite.prepare(
      `insert into runs (id, experiment_hash, host_id, name, status, started_at, version, swap_dir, host_json, warnings_json,
         trial_order_json, lane_notes_json, tags_json, note, trials_total, trials_done, cancel_requested)
       values (?, 'hash-1', 'host-1', 'many', 'done', ?, '', '', '{}', '[]', '[]', '[]', '[]', '', 15, 15, 0)`,
    )
    sqlite.transaction(() => {
      for (let i = 0; i < 10_000; i++) many.run(`r${i}`, new Date(1.7e12 + ((i * 7919) % 10_000) * 1000).toISOString())
    })()
    const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) })
    const plan = (query: Compilable) => {
      const { sql, parameters } = query.compile()
      const rows = sqlite.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`).all(...parameters)
      return rows.map((row) => row.detail).join('\n')
    }
    const followed = followedQuery(kysely, { experimentHash: 'hash-1', hostId: 'host-1', limit: 2000 })
    for (const [query, index] of [
      [listQuery(kysely, { ...page, search: '' }), 'runs_listed'],
      [listQuery(kysely, { ...page, search: 'many' }), 'runs_listed'],
      [pendingQuery(kysely), 'runs_pending'],
      [followed, 'runs_followed'],
    ] as const) {
      expect(plan(query)).toMatch(new RegExp(`^(SCAN|SEARCH) runs USING INDEX ${index}`))
      expect(plan(query)).not.toContain('TEMP B-TREE')
    }
    sqlite.close()
    expect(await history.countFollowed({ experimentHash: 'hash-1', hostId: 'host-1' })).toBe(10_000)
    const last = await history.listRuns({ limit: 50, offset: 9_960, search: '' })
    expect(last.total).toBe(10_000)
    expect(last.runs).toHaveLength(40)
    expect(last.runs.at(-1)?.startedAt).toBe(new Date(1.7e12).toISOString())
  })
})
