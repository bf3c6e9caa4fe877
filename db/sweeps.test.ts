import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SweepPoint } from '../main/contract/index.ts'
import { AT, someOwner } from './fixture.ts'
import { type History, openHistory } from './index.ts'

let dir: string
let history: History
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-db-'))
  history = await openHistory(dir)
})
afterEach(async () => {
  await history.close()
  rmSync(dir, { recursive: true, force: true })
})

const add = (id: string, known: SweepPoint[] = []) =>
  history.addSweep(
    {
      ...{ id, name: `sweep ${id}`, lanes: ['raw'], points: 3, startedAt: AT, version: '0.0.0', owner: someOwner },
      axes: [{ field: 'memory.pool', values: [1, 2, 3] }],
      spec: { mode: 'simulate' },
    },
    known,
  )
const point = (position: number): SweepPoint => ({
  position,
  lanes: [{ label: 'raw', trials: 1, metrics: { 'accesses.per_s': position } }],
  fault: null,
})
const impossible: SweepPoint = { position: 2, lanes: [], fault: { code: 'bad_input', message: 'too large' } }

it('keeps a sweep from queued to its end, with its points in their order', async () => {
  await add('a', [impossible])
  await history.beginSweep('a')
  await history.addSweepPoints('a', [point(1)])
  await history.addSweepPoints('a', [point(0)])
  expect((await history.pendingSweeps()).map(({ id, status, done }) => [id, status, done])).toEqual([
    ['a', 'running', 3],
  ])
  await history.endSweep('a', { status: 'done', endedAt: AT, fault: null })
  expect(await history.pendingSweeps()).toEqual([])
  expect(await history.readSweepPoints('a')).toEqual([point(0), point(1), impossible])
})

it('lists the latest first, and finds by the beginning of an id, the whole id before others', async () => {
  for (const id of ['a', 'ab', 'b']) await add(id)
  expect((await history.listSweeps({ limit: 2, offset: 0 })).sweeps.map(({ id }) => id)).toEqual(['b', 'ab'])
  expect((await history.findSweeps('a', 2, 'kept')).map(({ id }) => id)).toEqual(['a'])
  expect((await history.findSweeps('ab', 2, 'kept')).map(({ id }) => id)).toEqual(['ab'])
  expect(await history.findSweeps('', 2, 'kept')).toHaveLength(2)
  expect(await history.findSweeps('%', 2, 'kept')).toEqual([])
})

it('takes 10 000 points at once, and all of them with it when it is purged', async () => {
  await add('a')
  await add('b', [impossible])
  await history.addSweepPoints(
    'a',
    Array.from({ length: 10_000 }, (_, position) => point(position)),
  )
  await history.deleteSweep('a', AT)
  expect((await history.findSweeps('a', 2, 'deleted')).map(({ done }) => done)).toEqual([10_000])
  await history.purgeSweeps('2027-01-01T00:00:00.000Z')
  expect(await history.findSweeps('a', 2, 'deleted')).toEqual([])
  const sqlite = new BetterSqlite3(history.file, { readonly: true })
  expect(sqlite.prepare('select count(*) as n from sweep_points').get()).toEqual({ n: 1 })
  sqlite.close()
})
