import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ExperimentInput, parseSpec } from '../contract/index.ts'
import { REDIS_PROGRAM, startRedis, type TestServer, WITHOUT_REDIS } from '../remote/fixture-redis.ts'
import { checkExperiment } from './check-experiment.ts'
import { carryOut, SMALL } from './fixture-experiment.ts'

describe.skipIf(REDIS_PROGRAM === null)(`RAMster on a real server (skipped ${WITHOUT_REDIS})`, () => {
  const servers: TestServer[] = []
  beforeAll(async () => {
    servers.push(await startRedis(), await startRedis())
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
  })
  const spec = (options: object = {}): ExperimentInput => ({
    ...SMALL,
    workload: { ...SMALL.workload, operations: 20_000 },
    lanes: [{ lane: 'ramster', nodes: servers.map(({ path }) => path), interval: 0.001, ...options }],
  })

  it('sends pages there, fetches them, checks every one, and leaves nothing behind', async () => {
    const { trials, messages, end } = await carryOut(spec())
    expect(end).toEqual({ kind: 'end', status: 'done' })
    const { counters, metrics, verified } = trials[0].report
    expect(counters.pers_pages_remoted).toBeGreaterThan(100)
    expect(counters.faults_remote).toBe(counters.remote_pers_pages_succ_get)
    expect(counters.faults_remote).toBeGreaterThan(100)
    expect(metrics['fault.remote.ns.p50']).toBeGreaterThan(metrics['fault.pool.ns.p50'])
    expect(verified.mismatches).toBe(0)
    for (const server of servers) expect(await server.ask('DBSIZE')).toBe(':0\r\n')
    const prepared = messages.find((message) => message.kind === 'prepared')
    expect(prepared?.notes[0].filter((note) => note.includes('on this host'))).toHaveLength(2)
  })

  it('takes no server twice, whatever it is called', async () => {
    const nodes = [servers[0].path, `unix://${servers[0].path}`]
    await expect(checkExperiment(parseSpec(spec({ nodes })))).rejects.toMatchObject({
      code: 'bad_input',
      field: 'lanes.0.nodes.1',
      message: expect.stringContaining(`is the same server as ${servers[0].path}`),
    })
  })

  it('fails by the name of the field where a server may evict, and of the node that is lost in the middle', async () => {
    const [first, second] = servers
    await first.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
    await expect(checkExperiment(parseSpec(spec()))).rejects.toMatchObject({
      code: 'bad_input',
      field: 'lanes.0.nodes.0',
    })
    await first.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await checkExperiment(parseSpec(spec()))
    let killed = false
    const { end } = await carryOut(
      { ...spec(), workload: { ...SMALL.workload, operations: 2_000_000 } },
      {
        onMessage: (message) => {
          if (killed || message.kind !== 'progress' || !/warmup|measure/.test(message.progress.phase)) return
          killed = true
          second.process.kill('SIGKILL')
        },
      },
    )
    expect(end).toMatchObject({
      status: 'failed',
      fault: { code: 'io_error', message: expect.stringContaining(`Node ${second.path} is lost`) },
    })
    expect(await first.ask('DBSIZE')).toBe(':0\r\n')
  })
})
