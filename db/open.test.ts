import { execFile } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AT, someExperiment, someHost, someRun, someTrial } from './fixture.ts'
import { APPLICATION_ID, migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { HISTORY_FILE, openHistory } from './open.ts'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-db-'))
  file = join(dir, HISTORY_FILE)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const isRoot = process.getuid?.() === 0

describe('opening the history', () => {
  it('makes a private folder with a private file, in WAL mode', async () => {
    const folder = join(dir, 'new', 'data')
    const history = await openHistory(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(history.file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${history.file}-wal`)).toBe(true)
    await history.close()
  })

  it('leaves the mode of a folder that was there', async () => {
    chmodSync(dir, 0o755)
    await (await openHistory(dir)).close()
    expect(statSync(dir).mode & 0o777).toBe(0o755)
  })

  it('finds again what was written before', async () => {
    const first = await openHistory(dir)
    await first.rememberHost(someHost())
    await first.rememberExperiment(someExperiment)
    await first.addRun(someRun('a'))
    await first.close()
    const second = await openHistory(dir)
    expect((await second.findRun('a'))?.name).toBe('run a')
    await second.close()
  })

  it('lets several processes open it for the first time and write at once', async () => {
    const script = `
      const { openHistory } = await import(${JSON.stringify(new URL('./open.ts', import.meta.url).href)})
      const { someExperiment, someHost, someRun, someTrial } = await import(${JSON.stringify(new URL('./fixture.ts', import.meta.url).href)})
      const history = await openHistory(process.argv[1])
      await history.rememberHost(someHost())
      await history.rememberExperiment(someExperiment)
      for (let i = 0; i < 20; i++) {
        await history.addRun(someRun(process.argv[2] + i))
        await history.addTrial(process.argv[2] + i, someTrial(0, 0))
      }
      await history.close()`
    const run = promisify(execFile)
    await Promise.all(
      ['a', 'b', 'c'].map((name) => run(process.execPath, ['--input-type=module', '-e', script, dir, name])),
    )
    const history = await openHistory(dir)
    const { runs, total } = await history.listRuns({ limit: 100, offset: 0, search: '' })
    expect(total).toBe(60)
    expect(runs.every((run) => run.trialsDone === 1)).toBe(true)
    await history.close()
  })

  it('is shared by all who open it in one process, and closed by the last', async () => {
    const [one, two] = await Promise.all([openHistory(dir), openHistory(dir)])
    await one.rememberHost(someHost())
    await one.close()
    await two.rememberHost(someHost('host-2'))
    await two.close()
    await expect(two.rememberHost(someHost())).rejects.toThrow()
  })

  it('refuses a history of a newer version and leaves it as it was', async () => {
    await (await openHistory(dir)).close()
    const newer = new BetterSqlite3(file)
    newer.pragma(`user_version = ${MIGRATIONS.length + 1}`)
    newer.close()
    await expect(openHistory(dir)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`${file} was written by a newer Swaplab`),
      remedy: expect.stringContaining('Update Swaplab'),
    })
    const after = new BetterSqlite3(file)
    expect(after.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length + 1)
    after.close()
  })

  it("refuses another program's database", async () => {
    const other = new BetterSqlite3(file)
    other.exec('create table bookmarks (url text)')
    other.close()
    await expect(openHistory(dir)).rejects.toMatchObject({ code: 'bad_input' })
  })

  it('names the file and what to do where it is no database', async () => {
    writeFileSync(file, 'this is not a database, and longer than a header of SQLite would be'.repeat(100))
    await expect(openHistory(dir)).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringContaining(file),
      remedy: expect.stringContaining('Move it away'),
    })
  })

  it('names the file where its pages are damaged later on', async () => {
    const history = await openHistory(dir)
    await history.rememberHost(someHost())
    await history.close()
    const bytes = Buffer.alloc(statSync(file).size - 4096, 0xa5)
    const fd = openSync(file, 'r+')
    writeSync(fd, bytes, 0, bytes.length, 4096)
    closeSync(fd)
    const attempt = async () => {
      const damaged = await openHistory(dir)
      try {
        await damaged.listRuns({ limit: 10, offset: 0, search: '' })
      } finally {
        await damaged.close()
      }
    }
    await expect(attempt()).rejects.toMatchObject({ code: 'io_error', message: expect.stringContaining(file) })
  })

  it.runIf(existsSync('/proc/self'))('says so, and comes to an end, where no folder can be made', async () => {
    const message = expect.stringContaining('/proc/swaplab')
    await expect(openHistory('/proc/swaplab/history')).rejects.toMatchObject({ code: 'no_permission', message })
  })

  it('says so where the file is a folder', async () => {
    mkdirSync(file)
    await expect(openHistory(dir)).rejects.toMatchObject({ code: 'no_permission' })
  })

  it.skipIf(isRoot)(
    'says so where the folder may not be written, and there is no history yet (root may write everywhere)',
    async () => {
      chmodSync(dir, 0o500)
      await expect(openHistory(dir)).rejects.toMatchObject({ code: 'no_permission' })
      chmodSync(dir, 0o700)
    },
  )
})

describe('a history that cannot be written', () => {
  const script = `
    const { openHistory } = await import(${JSON.stringify(new URL('./open.ts', import.meta.url).href)})
    const [dir, elsewhere] = process.argv.slice(1)
    // Loads what is loaded at the first opening, while this may still be read.
    await (await openHistory(elsewhere)).close()
    if (process.getuid() === 0) {
      process.setgroups([])
      process.setgid(65534)
      process.setuid(65534)
    }
    const history = await openHistory(dir)
    const { runs } = await history.listRuns({ limit: 10, offset: 0, search: '' })
    const trials = await history.readTrials('a')
    const refused = await history.changeRun('a', { note: 'x' }).catch(({ code, message }) => ({ code, message }))
    const { readOnly } = history
    await history.close()
    console.log(JSON.stringify({ readOnly, ids: runs.map(({ id }) => id), trials: trials.length, refused }))`

  /** What somebody sees who may read the history and its folder and write to neither; and that nothing of it is left lying about. */
  async function seenByAReader(): Promise<unknown> {
    const temporary = join(dir, '..', `${dir.split('/').at(-1)}-temporary`)
    mkdirSync(temporary)
    chmodSync(temporary, 0o777)
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o444)
    chmodSync(dir, 0o555)
    try {
      const args = ['--input-type=module', '-e', script, dir, join(temporary, 'other')]
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, TMPDIR: temporary },
      })
      expect(readdirSync(temporary)).toEqual(['other'])
      return JSON.parse(stdout)
    } finally {
      chmodSync(dir, 0o755)
      rmSync(temporary, { recursive: true, force: true })
    }
  }

  const seen = {
    readOnly: 'this user may not write to the file',
    ids: ['a'],
    trials: 1,
    refused: {
      code: 'no_permission',
      message: expect.stringMatching(/history\.sqlite cannot be written: this user may not write to the file\.$/),
    },
  }

  async function withOneRun() {
    const history = await openHistory(dir)
    await history.rememberHost(someHost())
    await history.rememberExperiment(someExperiment)
    await history.addRun(someRun('a'))
    await history.addTrial('a', someTrial(0, 0))
    return history
  }

  it('is read all the same, and says why it cannot be changed', async () => {
    await (await withOneRun()).close()
    expect(await seenByAReader()).toEqual(seen)
    const after = await openHistory(dir)
    expect((await after.findRun('a'))?.note).toBe('')
    await after.close()
  })

  it('is read while another process has it open and has not yet brought its log into the file', async () => {
    const history = await withOneRun()
    expect(await seenByAReader()).toEqual(seen)
    await history.close()
  })

  it('is read in the form of an older version, and stays in it', async () => {
    await (await withOneRun()).close()
    const before = MIGRATIONS.length - 1
    const older = new BetterSqlite3(file)
    older.exec(`delete from histograms; delete from time_series;
      alter table histograms rename column packed_buckets to buckets;
      alter table time_series rename column columns_json to samples_json`)
    older.pragma(`user_version = ${before}`)
    older.close()
    expect(await seenByAReader()).toEqual(seen)
    const after = new BetterSqlite3(file)
    expect(after.pragma('user_version', { simple: true })).toBe(before)
    after.close()
  })
})

describe('a history that is looked at', () => {
  it('is not changed, nor made', async () => {
    await expect(openHistory(dir, { lookOnly: true })).rejects.toMatchObject({ code: 'no_permission' })
    expect(readdirSync(dir)).toEqual([])
    const first = await openHistory(dir)
    await first.rememberHost(someHost())
    await first.rememberExperiment(someExperiment)
    await first.addRun(someRun('a'))
    await first.close()
    const looked = await openHistory(dir, { lookOnly: true })
    expect((await looked.findRun('a'))?.name).toBe('run a')
    await expect(looked.addRun(someRun('b'))).rejects.toMatchObject({ code: 'no_permission' })
    await looked.close()
    expect(readdirSync(dir)).toEqual([HISTORY_FILE])
  })

  it('is refused where it is of an older version', async () => {
    await (await openHistory(dir)).close()
    const older = new BetterSqlite3(file)
    older.pragma(`user_version = ${MIGRATIONS.length - 1}`)
    await expect(openHistory(dir, { lookOnly: true })).rejects.toThrow('not of this version')
    expect(older.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length - 1)
    older.close()
  })
})

describe('the room of what was removed', () => {
  it('goes back to the file system where it is most of the file', async () => {
    const history = await openHistory(dir)
    await history.rememberHost(someHost())
    await history.rememberExperiment(someExperiment)
    const series = Array.from({ length: 150_000 }, () => someTrial(0, 0).series[0])
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await history.addRun(someRun(id))
      await history.addTrial(id, { ...someTrial(0, 0), series })
    }
    const remove = async (...ids: string[]) => {
      for (const id of ids) await history.softDelete(id, AT)
      await history.purgeDeleted('9999')
    }
    await remove('a')
    expect(history.giveBackRoom()).toBe(0)
    await remove('b', 'c', 'd')
    const before = statSync(file).size
    const given = history.giveBackRoom()
    expect(given).toBeGreaterThan(before / 2)
    expect(statSync(file).size).toBeLessThanOrEqual(before - given)
    expect(statSync(`${file}-wal`).size).toBe(0)
    expect(history.giveBackRoom()).toBe(0)
    expect((await history.readSeries('e'))[0].samples).toEqual(series)
    await history.close()
  })
})

describe('migrations', () => {
  it('are numbered by their place', () => {
    expect(MIGRATIONS.map((m) => m.version)).toEqual(MIGRATIONS.map((_, i) => i + 1))
  })

  it.each(MIGRATIONS.map((_, from) => from))(
    'lead from version %i to the latest, with the same schema',
    async (from) => {
      const schemaAfter = async (steps: number[]) => {
        const sqlite = new BetterSqlite3(':memory:')
        const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
        for (const target of steps) await migrate(sqlite, db, ':memory:', { target })
        expect(sqlite.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
        expect(sqlite.pragma('application_id', { simple: true })).toBe(APPLICATION_ID)
        const schema = sqlite.prepare('select type, name, sql from sqlite_master order by name').all()
        sqlite.close()
        return schema
      }
      const fromEmpty = await schemaAfter([MIGRATIONS.length])
      expect(fromEmpty.length).toBeGreaterThan(8)
      expect(await schemaAfter(from === 0 ? [MIGRATIONS.length] : [from, MIGRATIONS.length])).toEqual(fromEmpty)
    },
  )

  it('give the trials of version 1 the block they were in', async () => {
    const sqlite = new BetterSqlite3(':memory:')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    await migrate(sqlite, db, ':memory:', { target: 1 })
    sqlite.exec(`
      insert into hosts values ('h', '{}', '', '');
      insert into experiments values ('two', '{}', '["a","b"]', ''), ('none', '{}', '[]', '');
      insert into runs (id, experiment_hash, host_id, name, status, started_at, version, swap_dir, host_json, warnings_json,
        trial_order_json, lane_notes_json, tags_json, note, trials_total, trials_done, cancel_requested)
      values ('r', 'two', 'h', '', 'done', '', '', '', '{}', '[]', '[]', '[]', '[]', '', 5, 5, 0),
        ('odd', 'none', 'h', '', 'done', '', '', '', '{}', '[]', '[]', '[]', '[]', '', 1, 1, 0);
      insert into trials (run_id, lane, position, status, started_at, duration_ms, counters_json, verified_pages, mismatches)
      values ('r', 1, 0, 'done', '', 1, '{}', 0, 0), ('r', 0, 1, 'done', '', 1, '{}', 0, 0), ('r', 0, 2, 'done', '', 1, '{}', 0, 0),
        ('r', 1, 3, 'done', '', 1, '{}', 0, 0), ('r', 0, 4, 'done', '', 1, '{}', 0, 0), ('odd', 0, 3, 'done', '', 1, '{}', 0, 0);`)
    await migrate(sqlite, db, ':memory:')
    const blocks = sqlite.prepare<[], { block: number }>('select block from trials order by id').all()
    expect(blocks.map(({ block }) => block)).toEqual([0, 0, 1, 1, 2, 3])
    sqlite.close()
  })

  it('make one host of those that differ in kernel and firmware only, with the baseline pinned last', async () => {
    const sqlite = new BetterSqlite3(':memory:')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    await migrate(sqlite, db, ':memory:', { target: 3 })
    const host = sqlite.prepare('insert into hosts values (?, ?, ?, ?)')
    const run = sqlite.prepare(`
      insert into runs (id, experiment_hash, host_id, name, status, started_at, version, swap_dir, host_json, warnings_json,
        trial_order_json, lane_notes_json, tags_json, note, trials_total, trials_done, cancel_requested)
      values (?, 'e', ?, '', 'done', '', '', '', ?, '[]', '[]', '[]', '[]', '', 1, 1, 0)`)
    const pin = sqlite.prepare('insert into baselines values (?, ?, ?, ?)')
    sqlite.exec(`insert into experiments values ('e', '{}', '[]', '')`)
    for (const [id, kernel, cores, seen] of [
      ['old', '6.1', 2, 1],
      ['new', '6.12', 2, 3],
      ['other', '6.1', 4, 2],
    ] as const) {
      const report = JSON.stringify({ ...someHost(id), kernel, cpu: { ...someHost().cpu, cores } })
      host.run(id, report, `2026-01-0${seen}`, `2026-01-0${seen}`)
      run.run(`of ${id}`, id, report)
      pin.run('e', id, `of ${id}`, `2026-02-0${seen}`)
    }
    await migrate(sqlite, db, ':memory:')
    const runs = sqlite
      .prepare<[], { id: string; host: string; inside: string }>(
        `select id, host_id as host, host_json ->> 'id' as inside from runs order by id`,
      )
      .all()
    expect(runs.map(({ id }) => id)).toEqual(['of new', 'of old', 'of other'])
    expect(runs.every(({ host, inside }) => host === inside)).toBe(true)
    expect(runs[0].host).toBe(runs[1].host)
    expect(runs[2].host).not.toBe(runs[0].host)
    expect(
      sqlite
        .prepare(`select report_json ->> 'kernel' as kernel, first_seen, last_seen from hosts order by last_seen`)
        .all(),
    ).toEqual([
      { kernel: '6.1', first_seen: '2026-01-02', last_seen: '2026-01-02' },
      { kernel: '6.12', first_seen: '2026-01-01', last_seen: '2026-01-03' },
    ])
    expect(sqlite.prepare('select run_id as run from baselines order by run_id').all()).toEqual([
      { run: 'of new' },
      { run: 'of other' },
    ])
    sqlite.close()
  })

  it('head the failures that had no headline with what went wrong', async () => {
    const sqlite = new BetterSqlite3(':memory:')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    await migrate(sqlite, db, ':memory:', { target: 4 })
    sqlite.exec(`insert into hosts values ('h', '{}', '', ''); insert into experiments values ('e', '{}', '[]', '')`)
    const run = sqlite.prepare(`
      insert into runs (id, experiment_hash, host_id, name, status, started_at, version, swap_dir, host_json, warnings_json,
        trial_order_json, lane_notes_json, tags_json, note, trials_total, trials_done, cancel_requested, headline, fault_json)
      values (?, 'e', 'h', '', ?, '', '', '', '{}', '[]', '[]', '[]', '[]', '', 1, 0, 0, ?, ?)`)
    const fault = JSON.stringify({ code: 'engine_died', message: 'It "died".', remedy: 'Run it again.' })
    run.run('headed', 'failed', 'Killed.', fault)
    run.run('interrupted', 'interrupted', null, fault)
    run.run('unasked', 'done', null, null)
    await migrate(sqlite, db, ':memory:')
    expect(sqlite.prepare('select id, headline from runs order by id').all()).toEqual([
      { id: 'headed', headline: 'Killed.' },
      { id: 'interrupted', headline: 'It "died".' },
      { id: 'unasked', headline: null },
    ])
    sqlite.close()
  })

  /** A history of version 6, with a run r. */
  async function beforePacking(): Promise<BetterSqlite3.Database> {
    const sqlite = new BetterSqlite3(file)
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    await migrate(sqlite, db, file, { target: 6 })
    sqlite.exec(`insert into hosts values ('h', '{}', '', ''); insert into experiments values ('e', '{}', '[]', '');
      insert into runs (id, experiment_hash, host_id, name, status, started_at, version, swap_dir, host_json, warnings_json,
        trial_order_json, lane_notes_json, tags_json, note, trials_total, trials_done, cancel_requested)
      values ('r', 'e', 'h', '', 'done', '', '', '', '{}', '[]', '[]', '[]', '[]', '', 1, 1, 0)`)
    return sqlite
  }

  it('undo everything where one fails', async () => {
    const sqlite = new BetterSqlite3(':memory:')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
    const broken = { version: 1, name: 'broken', up: async () => Promise.reject(new Error('halfway')) }
    await expect(migrate(sqlite, db, ':memory:', { migrations: [broken], target: 1 })).rejects.toThrow('halfway')
    expect(sqlite.prepare('select count(*) as n from sqlite_master').get()).toEqual({ n: 0 })
    await migrate(sqlite, db, ':memory:')
    expect(sqlite.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    sqlite.close()
  })

  it('keep what an older version measured, and its distributions to the last count', async () => {
    const sqlite = await beforePacking()
    const { histograms, series } = someTrial(0, 0)
    const { bucket, count, sum, min, max } = histograms['fault.ns']
    const buckets = new Uint8Array([
      ...new Uint8Array(Float64Array.from(count).buffer),
      ...new Uint8Array(Uint16Array.from(bucket).buffer),
    ])
    const { faultsRemote: _, ...older } = series[0]
    for (let id = 1; id <= 201; id++) {
      sqlite.prepare(`insert into trials values (?, 'r', 0, ?, '', 1, '{}', 0, 0, null, 'done', '{}', 0)`).run(id, id)
      sqlite.prepare('insert into histograms values (?, ?, ?, ?, ?, ?)').run(id, 'fault.ns', buckets, sum, min, max)
      sqlite.prepare('insert into histograms values (?, ?, ?, ?, ?, ?)').run(id, 'none.ns', new Uint8Array(0), 0, 0, 0)
      sqlite.prepare('insert into time_series values (?, ?)').run(id, JSON.stringify([older, { ...older, t: 200 }]))
    }
    sqlite.close()
    const history = await openHistory(dir)
    const kept = await history.readHistograms('r')
    expect(kept).toHaveLength(402)
    for (const { name, histogram } of kept)
      expect(histogram).toEqual(
        name === 'fault.ns' ? histograms['fault.ns'] : { bucket: [], count: [], sum: 0, min: 0, max: 0 },
      )
    const curves = await history.readSeries('r')
    expect(curves).toHaveLength(201)
    for (const { samples } of curves) expect(samples).toEqual([...series, { ...series[0], t: 200 }])
    await history.close()
  })

  it('leave it to an older version that measures', async () => {
    const sqlite = await beforePacking()
    sqlite.exec("insert into measuring values (1, 'run 7', '7', 42, '1', 'b', '')")
    await expect(openHistory(dir, { isAlive: ({ pid }) => pid === 42 })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('process 42, run 7'),
    })
    expect(sqlite.pragma('user_version', { simple: true })).toBe(6)
    sqlite.close()
    await (await openHistory(dir, { isAlive: () => false })).close()
  })

  it('leave what is damaged to the run it is of', async () => {
    const sqlite = await beforePacking()
    sqlite.exec(`insert into trials values (1, 'r', 0, 1, '', 1, '{}', 0, 0, null, 'done', '{}', 0);
      insert into histograms values (1, 'fault.ns', x'0102030405060708090a0b', 1, 1, 1);
      insert into time_series values (1, '[{"t":')`)
    sqlite.close()
    const history = await openHistory(dir)
    await expect(history.readHistograms('r')).rejects.toMatchObject({ code: 'io_error' })
    await expect(history.readSeries('r')).rejects.toThrow()
    expect(await history.readTrials('r')).toHaveLength(1)
    await history.close()
  })
})
