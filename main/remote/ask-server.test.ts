import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LabError } from '../contract/index.ts'
import { askServer, sweepServer } from './ask-server.ts'
import { freePort, REDIS_PROGRAM, startRedis, type TestServer, WITHOUT_REDIS } from './fixture-redis.ts'
import { sweepTrials } from './trial-keys.ts'

/** What is said of a server, or why it is refused. */
async function asked(name: string, field = 'lanes.0.nodes.0') {
  try {
    return await askServer(name, field)
  } catch (error) {
    if (error instanceof LabError) return error.toFault()
    throw error
  }
}

/** An address of this host that is not loopback. */
const OUTER = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

describe.skipIf(REDIS_PROGRAM === null)(`a real server (skipped ${WITHOUT_REDIS})`, () => {
  let server: TestServer
  let port: number
  beforeEach(async () => {
    port = await freePort()
    server = await startRedis('--port', String(port), '--bind', '0.0.0.0')
  })
  afterEach(async () => {
    delete process.env.REDISCLI_AUTH
    await server.stop()
  })
  const connected = async () => {
    const socket = connect(server.path)
    await once(socket, 'connect')
    return socket
  }

  it('says what it is, and whose its memory is', async () => {
    await server.ask('CONFIG', 'SET', 'maxmemory', '100mb')
    await server.ask('MSET', 'mine', '1', 'too', '2')
    const facts = {
      version: expect.stringMatching(/^(Redis|Valkey) \d+\.\d+/),
      maxmemory: 100 * 2 ** 20,
      policy: 'noeviction',
      own: true,
      keys: 2,
      saves: false,
      identity: expect.stringMatching(/^[0-9a-f]{40}$/),
    }
    expect(await asked(server.path)).toMatchObject({ ...facts, name: server.path })
    expect(await asked(`redis://localhost:${port}`)).toMatchObject({
      ...facts,
      node: { kind: 'tcp', host: '127.0.0.1', port },
    })
    await server.ask('CONFIG', 'SET', 'save', '60 1')
    expect(await asked(server.path)).toMatchObject({ saves: true })
  })

  it('is refused where it may evict pages, and not where it evicts only what expires', async () => {
    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await asked(server.path, 'lanes.2.nodes.1')).toMatchObject({
      code: 'bad_input',
      field: 'lanes.2.nodes.1',
      message: expect.stringContaining('maxmemory-policy allkeys-lru'),
    })
    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    expect(await asked(server.path)).toMatchObject({ policy: 'volatile-lru' })
  })

  it('is refused where it is a replica', async () => {
    await server.ask('REPLICAOF', '127.0.0.1', '1')
    expect(await asked(server.path)).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('is a replica'),
    })
  })

  it('is told the password that it asks for, and only then needs one', async () => {
    process.env.REDISCLI_AUTH = 'secret'
    expect(await asked(server.path)).toMatchObject({ policy: 'noeviction' })
    await server.ask('CONFIG', 'SET', 'requirepass', 'secret')
    expect(await asked(server.path)).toMatchObject({ policy: 'noeviction' })
    process.env.REDISCLI_AUTH = 'wrong'
    expect(await asked(server.path)).toMatchObject({ message: expect.stringContaining('WRONGPASS') })
    delete process.env.REDISCLI_AUTH
    expect(await asked(server.path)).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot be asked: it asks for a password \(NOAUTH [^.]*\)\.$/),
      remedy: expect.stringContaining('REDISCLI_AUTH'),
    })
  })

  it('that answers no more is waited for 2 s', async () => {
    server.process.kill('SIGSTOP')
    expect(await asked(server.path)).toMatchObject({ message: expect.stringContaining('no answer within 2 s') })
    server.process.kill('SIGCONT')
  })

  it('that takes no more connections says so', async () => {
    await server.ask('CONFIG', 'SET', 'maxclients', '1')
    const socket = await connected()
    socket.write('PING\r\n')
    await once(socket, 'data')
    expect(await asked(server.path)).toMatchObject({
      code: 'unavailable',
      message: `${server.path} cannot be asked: ERR max number of clients reached.`,
      remedy: 'Mend that there, or name another server.',
    })
    socket.destroy()
  })

  it.skipIf(OUTER === undefined)(
    'that speaks to its own host only says so (skipped where this host has no address but loopback)',
    async () => {
      await server.ask('CONFIG', 'SET', 'protected-mode', 'yes')
      expect(await asked(`redis://${OUTER}:${port}`)).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('is running in protected mode'),
      })
    },
  )

  it('is swept of what killed engines left, among hundreds of connections, and of nothing that others have', async () => {
    const others = await Promise.all(Array.from({ length: 300 }, connected))
    others[7].write('CLIENT SETNAME swaplab:alive.1\r\n')
    await once(others[7], 'data')
    await server.ask('SADD', 'swaplab:trials', 'alive.1', 'dead.1')
    await server.ask('HSET', 'swaplab:alive.1:17', '3', 'a page')
    await server.ask('HSET', 'swaplab:dead.1:17', '3', 'a page')
    await server.ask('SET', 'mine', 'stays')
    expect(await sweepServer(server.path, 'x')).toEqual({ removed: 1, kept: 0 })
    expect(await server.ask('EXISTS', 'swaplab:dead.1:17')).toBe(':0\r\n')
    expect(await server.ask('EXISTS', 'mine', 'swaplab:alive.1:17')).toBe(':2\r\n')
    expect(await server.ask('SMEMBERS', 'swaplab:trials')).toBe('*1\r\n$7\r\nalive.1\r\n')
    for (const socket of others) socket.destroy()
  })

  it('is swept of a run whose end it has not seen yet as soon as it has', async () => {
    const last = await connected()
    last.write('CLIENT SETNAME swaplab:dying.1\r\nSADD swaplab:trials dying.1\r\nHSET swaplab:dying.1:4 0 x\r\n')
    await once(last, 'data')
    const swept = sweepServer(server.path, 'x', 'dying')
    await setTimeout(300)
    last.destroy()
    expect(await swept).toEqual({ removed: 1, kept: 0 })
    expect(await server.ask('DBSIZE')).toBe(':0\r\n')
  })

  it('is not swept where it lets nobody see who is connected', async () => {
    await server.ask('SADD', 'swaplab:trials', 'dead.1')
    await server.ask('ACL', 'SETUSER', 'default', '-client|list')
    expect(await sweepServer(server.path, 'x')).toEqual({ removed: 0, kept: 1 })
    expect(await sweepServer(server.path, 'x', 'dead')).toEqual({ removed: 0, kept: 1 })
    expect(await sweepServer(server.path, 'x', 'other')).toEqual({ removed: 0, kept: 0 })
  })

  it('tells a run only of its own pages, and removes those of every killed engine', async () => {
    await server.ask('SADD', 'swaplab:trials', 'dead.1', 'other.1', 'other.2')
    expect(await sweepServer(server.path, 'x', 'dead')).toEqual({ removed: 1, kept: 0 })
    expect(await server.ask('SCARD', 'swaplab:trials')).toBe(':0\r\n')
  })
})

it('leaves alone a trial that begins while it is looked who has one', async () => {
  const trials = new Set(['dead.1'])
  const clients: string[] = []
  const removed: string[] = []
  const ask = async (command: string, ...words: string[]) => {
    const answer = {
      kind: 1,
      text: clients.map((name) => `id=1 name=${name} age=1`).join('\n'),
      items: command === 'SMEMBERS' ? [...trials] : [],
    }
    if (command === 'SREM') {
      removed.push(words[1])
      trials.delete(words[1])
    }
    // After whichever comes first.
    clients.push('swaplab:new.1')
    trials.add('new.1')
    return answer
  }
  await sweepTrials({ ask })
  expect(removed).toEqual(['dead.1'])
})

it('says of a server that is not there that it cannot be asked, and what to do', async () => {
  expect(await asked('/nowhere/socket', 'lanes.1.nodes.0')).toMatchObject({
    code: 'unavailable',
    field: 'lanes.1.nodes.0',
    message: expect.stringMatching(/^\/nowhere\/socket cannot be asked: .*ENOENT/),
    remedy: expect.stringContaining('redis-server --port 0 --unixsocket /nowhere/socket'),
  })
  expect(await asked('redis://nowhere.invalid')).toMatchObject({
    // The other where whom the host asks for addresses does not answer either.
    message: expect.stringMatching(
      /^redis:\/\/nowhere\.invalid cannot be asked: (nowhere\.invalid is no host that is known here|no answer within 2 s)\.$/,
    ),
  })
})
