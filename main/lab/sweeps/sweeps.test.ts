import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SweepDocument, type SweepSummary } from '../../contract/index.ts'
import { type EngineProcess, forkEngine } from '../index.ts'
import { fakeEyes, fakeLab } from '../testing/fake-lab.ts'

/** Sweeps through the whole lab, with the real engine. */

const SPEC = {
  name: 'pools',
  simulate: { sizes: 'magenheimer' },
  memory: { frames: 512, pool: 100 },
  workload: { pages: 1500, operations: 4000 },
  lanes: [{ lane: 'raw' }, { lane: 'zcache' }],
  trials: 2,
}
const POOLS = [{ field: 'memory.pool', values: '100, 200, 300' }]
/** Takes minutes on any machine. */
const LONG = { ...SPEC, workload: { pages: 1500, operations: 100_000_000 } }

let dir: string
let engines: EngineProcess[]
let lab: Awaited<ReturnType<typeof fakeLab>>

const open = () =>
  fakeLab(dir, {
    startEngine: () => {
      const engine = forkEngine()
      engines.push(engine)
      return engine
    },
  })

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-sweeps-'))
  engines = []
  lab = await open()
})
afterEach(async () => {
  await lab.close()
  rmSync(dir, { recursive: true, force: true })
})

async function until(id: string, there: (state: SweepSummary) => boolean, of = lab): Promise<SweepSummary> {
  for (;;) {
    const state = await of.client.sweeps.state({ id })
    if (there(state)) return state
    await pause(20)
  }
}
const ended = (state: SweepSummary) => state.endedAt !== null

describe('a sweep', () => {
  it('simulates every point, keeps the medians of its lanes, and is the same when it is repeated', async () => {
    const first = await lab.client.sweeps.start({ spec: SPEC, vary: POOLS })
    expect(await until(first.id, ended)).toMatchObject({
      status: 'done',
      name: 'pools',
      points: 3,
      done: 3,
      fault: null,
    })
    const document = SweepDocument.parse(await lab.client.sweeps.get(first))
    expect(
      document.points.map(({ position, lanes }) => [position, lanes.map(({ label, trials }) => [label, trials])]),
    ).toEqual(
      [0, 1, 2].map((position) => [
        position,
        [
          ['raw', 2],
          ['zcache lz4 no writeback', 2],
        ],
      ]),
    )
    expect(document.metrics['accesses.per_s']).toEqual({ unit: 'per_s', better: 'higher' })
    const speeds = (lane: number) => new Set(document.points.map(({ lanes }) => lanes[lane].metrics['accesses.per_s']))
    // Plain swap knows nothing of the pool.
    expect([speeds(0).size, speeds(1).size]).toEqual([1, 3])
    const again = await lab.client.sweeps.start({ spec: document.spec, vary: POOLS })
    await until(again.id, ended)
    expect((await lab.client.sweeps.get(again)).points).toEqual(document.points)
    expect((await lab.client.sweeps.list({})).sweeps.map(({ id }) => id)).toEqual([again.id, first.id])
    // It is no run, and leaves nothing but rows.
    expect((await lab.client.runs.list({})).total).toBe(0)
    expect(readdirSync(dir).filter((name) => !name.startsWith('history'))).toEqual([])
  })

  it('tells which combinations are not possible, and simulates the others', async () => {
    const vary = [{ field: 'memory.frames', values: '256, 512' }, ...POOLS]
    const { id } = await lab.client.sweeps.start({ spec: SPEC, vary })
    expect(await until(id, ended)).toMatchObject({ status: 'done', points: 6, done: 6 })
    const { points } = await lab.client.sweeps.get({ id })
    expect(points.flatMap(({ position, fault }) => (fault ? [[position, fault.field]] : []))).toEqual([
      [2, 'memory.pool'],
    ])
  })

  it('ends when it is cancelled, from another process too, and keeps the points there are', async () => {
    const vary = [{ field: 'workload.operations', values: '4000, 100000000, 100000001' }]
    const { id } = await lab.client.sweeps.start({ spec: SPEC, vary })
    await until(id, ({ done }) => done === 1)
    const other = await open()
    // Whoever looks late, and from another process, is told the same pace.
    const { elapsedMs, etaMs } = await other.client.sweeps.state({ id })
    expect(etaMs).toBeCloseTo(2 * Number(elapsedMs), 6)
    await expect(other.client.sweeps.delete({ id })).rejects.toMatchObject({ data: { code: 'busy' } })
    expect(await other.client.sweeps.cancel({ id })).toEqual({ cancelled: true })
    expect(await until(id, ended, other)).toMatchObject({ status: 'cancelled', done: 1 })
    await other.close()
    expect(await lab.client.sweeps.cancel({ id })).toEqual({ cancelled: false })
  })

  it('waits for what measures on this host, one sweep for the other too, and can be cancelled before its turn', async () => {
    const first = await lab.client.sweeps.start({ spec: LONG, vary: POOLS })
    await until(first.id, ({ status }) => status === 'running')
    const second = await lab.client.sweeps.start({ spec: SPEC, vary: POOLS })
    const run = await lab.client.runs.start({ spec: { ...SPEC, mode: 'simulate' } })
    await pause(600)
    expect(await lab.client.sweeps.state(second)).toMatchObject({
      ...{ status: 'queued', waitingFor: `sweep ${first.id}`, elapsedMs: null },
    })
    expect((await lab.client.runs.active())[0].message).toBe(`waiting for sweep ${first.id}`)
    await lab.client.runs.cancel(run)
    await lab.client.sweeps.cancel(second)
    await lab.client.sweeps.cancel(first)
    expect([await until(first.id, ended), await until(second.id, ended)]).toMatchObject([
      { status: 'cancelled' },
      { status: 'cancelled', done: 0 },
    ])
  })

  it('fails with the reason where its engine dies, and is interrupted where the lab ends', async () => {
    const killed = await lab.client.sweeps.start({ spec: LONG, vary: POOLS })
    await until(killed.id, ({ status }) => status === 'running')
    while (engines.length === 0) await pause(10)
    engines[0].kill('SIGKILL')
    expect(await until(killed.id, ended)).toMatchObject({ status: 'failed', fault: { code: 'engine_died' } })
    const left = await lab.client.sweeps.start({ spec: LONG, vary: POOLS })
    await until(left.id, ({ status }) => status === 'running')
    await lab.close()
    lab = await open()
    expect(await lab.client.sweeps.state(left)).toMatchObject({ status: 'interrupted', fault: { code: 'engine_died' } })
  })

  it('is found by the beginning of its id, deleted, and brought back', async () => {
    const { id } = await lab.client.sweeps.start({ spec: SPEC, vary: POOLS })
    await until(id, ended)
    expect((await lab.client.sweeps.state({ id: id.slice(0, 17) })).id).toBe(id)
    await lab.client.sweeps.delete({ id })
    expect((await lab.client.sweeps.list({})).total).toBe(0)
    await expect(lab.client.sweeps.get({ id })).rejects.toMatchObject({ data: { code: 'not_found', field: 'id' } })
    await lab.client.sweeps.undelete({ id })
    expect((await lab.client.sweeps.get({ id })).points).toHaveLength(3)
  })

  it('has the contents of this process captured once, and leaves none of them behind', async () => {
    let captures = 0
    await lab.close()
    const { nativeEyes } = await import('../host/native-eyes.ts')
    lab = await fakeLab(dir, {
      startEngine: () => forkEngine(),
      eyes: {
        ...fakeEyes,
        captureSelf: (file, content) => {
          captures++
          return nativeEyes().captureSelf(file, content)
        },
      },
    })
    const { simulate: _, ...captured } = {
      ...SPEC,
      workload: { ...SPEC.workload, content: { source: 'capture', pid: 'self', pages: 64 } },
    }
    const { id } = await lab.client.sweeps.start({ spec: captured, vary: POOLS })
    expect(await until(id, ended)).toMatchObject({ status: 'done', done: 3, fault: null })
    expect((await lab.client.sweeps.get({ id })).points.map(({ fault }) => fault)).toEqual([null, null, null])
    expect(captures).toBe(1)
    expect(readdirSync(dir).filter((name) => name.endsWith('.corpus'))).toEqual([])
  })
})
