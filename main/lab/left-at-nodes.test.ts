import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { REDIS_PROGRAM, startRedis, type TestServer, WITHOUT_REDIS } from '../remote/fixture-redis.ts'
import { type EngineProcess, forkEngine } from './runs/engine-process.ts'
import { fakeLab, someSpec } from './testing/fake-lab.ts'

describe.skipIf(REDIS_PROGRAM === null)(`pages at a node of RAMster (skipped ${WITHOUT_REDIS})`, () => {
  let dir: string
  let server: TestServer
  let engine: EngineProcess | undefined
  let lab: Awaited<ReturnType<typeof fakeLab>>
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'swaplab-left-at-nodes-'))
    server = await startRedis()
    lab = await openLab()
  })
  afterEach(async () => {
    await lab.close()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const openLab = () =>
    fakeLab(dir, {
      startEngine: () => {
        engine = forkEngine()
        return engine
      },
    })
  const start = (operations: number) =>
    lab.client.runs.start({
      spec: someSpec('left', {
        memory: { frames: 512, pool: 200 },
        workload: { content: { source: 'synthetic', pages: 64 }, pages: 1500, operations },
        lanes: [{ lane: 'ramster', nodes: [server.path], interval: 0.001 }],
        trials: 1,
      }),
    })
  const pages = async () => Number((await server.ask('DBSIZE')).slice(1))
  /** Once it has pages there. */
  const underWay = async () => {
    const { id } = await start(1_000_000)
    for await (const _ of await lab.client.runs.watch({ id })) if ((await pages()) > 10) return id
    throw new Error('it ended before it had any')
  }
  const ended = async (id: string) => {
    for await (const _ of await lab.client.runs.watch({ id }));
    return (await lab.client.runs.get({ id })).run
  }

  it('are removed when its engine is killed, and the run says so', async () => {
    const id = await underWay()
    engine?.kill('SIGKILL')
    const { status, fault, warnings } = await ended(id)
    expect([status, fault?.code]).toEqual(['failed', 'engine_died'])
    expect(warnings).toContain(`The pages that this run had left at ${server.path} were removed.`)
    expect(await pages()).toBe(0)
  })

  it('are removed when the lab closes', async () => {
    const id = await underWay()
    await lab.close()
    expect(await pages()).toBe(0)
    lab = await openLab()
    expect((await lab.client.runs.get({ id })).run.status).toBe('interrupted')
  })

  it('stay while it does not answer, which the run says, and are removed by the next', async () => {
    const id = await underWay()
    server.process.kill('SIGSTOP')
    const { status, fault, warnings } = await ended(id)
    expect([status, fault?.message]).toEqual([
      'failed',
      `Node ${server.path} is lost, and the pages it held with it: no answer within 5 s.`,
    ])
    expect(warnings.at(-1)).toContain(`Pages of this run may be left at a node: ${server.path} cannot be asked`)
    server.process.kill('SIGCONT')
    expect(await pages()).toBeGreaterThan(10)
    const next = await start(1000)
    expect((await ended(next.id)).status).toBe('done')
    expect((await lab.client.runs.get({ id: next.id })).lanes[0].notes.join()).toContain(
      '1 trial of killed engines had left pages',
    )
    expect(await pages()).toBe(0)
  }, 30_000)
})
