import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LabError } from '../contract/index.ts'
import { askServer } from './ask-server.ts'
import { REDIS_PROGRAM, startRedis, type TestServer, WITHOUT_REDIS } from './fixture-redis.ts'
import {
  GET_BYTES,
  PUT_NO_MEMORY,
  PUT_STORED,
  type PutEnd,
  QUEUE_BYTES,
  RedisMemory,
  RemoteLost,
  SocketStream,
} from './index.ts'

const PAGE = 4096
const SLOTS = 600

/** An arena whose page n begins with n, and is otherwise as random as it gets from n. */
function filledArena(): Uint8Array {
  const arena = new Uint8Array((SLOTS + 1) * PAGE)
  let word = 1
  for (let at = 0; at < arena.length; at++) {
    word = Math.imul(word, 1664525) + 1013904223
    arena[at] = word >>> 24
  }
  return arena
}

function memoryAt(server: TestServer, arena = filledArena()) {
  const node = { kind: 'unix', path: server.path } as const
  const memory = new RedisMemory(
    [{ name: 'here', queue: new SocketStream(node, QUEUE_BYTES), gets: new SocketStream(node, GET_BYTES) }],
    arena,
  )
  const ends: [slot: number, end: PutEnd][] = []
  const flushes: [slot: number, found: boolean][] = []
  memory.answers = {
    putEnded: (_node, slot, _id, end) => ends.push([slot, end]),
    flushEnded: (_node, slot, found) => flushes.push([slot, found]),
  }
  return { memory, arena, ends, flushes }
}

const bytesOf = (slot: number) => 1 + ((slot * 37) % PAGE)

describe.skipIf(REDIS_PROGRAM === null)(`a real server (skipped ${WITHOUT_REDIS})`, () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startRedis()
  })
  afterEach(() => server.stop())

  it('gives back what it was given, by slot, and tells of each put and flush in its order', async () => {
    const { memory, arena, ends, flushes } = memoryAt(server)
    const before = arena.slice()
    for (let slot = 0; slot < SLOTS; slot++) {
      while (!memory.put(0, slot, slot * PAGE, bytesOf(slot), slot)) memory.poll()
    }
    memory.drain()
    expect(ends).toEqual(Array.from({ length: SLOTS }, (_, slot) => [slot, PUT_STORED]))
    expect([memory.inflight, memory.count(0)]).toEqual([0, SLOTS])
    const at = SLOTS * PAGE
    for (const slot of [0, 1, 255, 256, 257, 599, 300]) {
      expect(memory.get(0, slot, at)).toBe(bytesOf(slot))
      expect(memory.checksum(at, bytesOf(slot))).toBe(memory.checksum(slot * PAGE, bytesOf(slot)))
      expect([...arena.subarray(at, at + bytesOf(slot))]).toEqual([
        ...before.subarray(slot * PAGE, slot * PAGE + bytesOf(slot)),
      ])
    }
    memory.flush(0, 256)
    memory.flush(0, 256)
    memory.drain()
    expect(flushes).toEqual([
      [256, true],
      [256, false],
    ])
    expect([memory.get(0, 256, at), memory.count(0)]).toEqual([0, SLOTS - 1])
    memory.close()
    expect(await server.ask('DBSIZE')).toBe(':0\r\n')
  })

  it('takes no put while its queue is full, and loses none', () => {
    const { memory, ends } = memoryAt(server)
    let refused = 0
    for (let slot = 0; slot < SLOTS; slot++)
      while (!memory.put(0, slot, slot * PAGE, PAGE, slot)) {
        refused++
        memory.poll()
      }
    memory.drain()
    expect(refused).toBeGreaterThan(0)
    expect([ends.length, memory.count(0)]).toEqual([SLOTS, SLOTS])
    memory.close()
  })

  it('has no memory beyond its maxmemory, says so, and keeps what it has', async () => {
    const { memory, ends } = memoryAt(server)
    for (let slot = 0; slot < 100; slot++) memory.put(0, slot, slot * PAGE, PAGE, slot)
    memory.drain()
    await server.ask('CONFIG', 'SET', 'maxmemory', '1')
    for (let slot = 100; slot < 120; slot++) memory.put(0, slot, slot * PAGE, PAGE, slot)
    memory.drain()
    expect(ends.filter(([, end]) => end === PUT_STORED).length).toBe(100)
    expect(ends.filter(([, end]) => end === PUT_NO_MEMORY).length).toBe(20)
    expect(memory.count(0)).toBe(100)
    // What it holds can be fetched and flushed all the same.
    expect(memory.get(0, 7, SLOTS * PAGE)).toBe(PAGE)
    memory.flush(0, 7)
    memory.drain()
    expect(memory.count(0)).toBe(99)
    memory.close()
    await server.ask('CONFIG', 'SET', 'maxmemory', '0')
    expect(await server.ask('DBSIZE')).toBe(':0\r\n')
  })

  it('is swept of what a killed engine left, and of nothing that others have', async () => {
    await server.ask('SADD', 'swaplab:trials', 'dead')
    await server.ask('HSET', 'swaplab:dead:17', '3', 'a page')
    await server.ask('SET', 'mine', 'stays')
    const alive = memoryAt(server)
    alive.memory.put(0, 5, 0, 100, 1)
    alive.memory.drain()
    const next = memoryAt(server)
    expect(await server.ask('EXISTS', 'swaplab:dead:17')).toBe(':0\r\n')
    expect([await server.ask('EXISTS', 'mine'), alive.memory.count(0)]).toEqual([':1\r\n', 1])
    alive.memory.close()
    next.memory.close()
    expect(await server.ask('KEYS', '*')).toBe('*1\r\n$4\r\nmine\r\n')
  })

  it('that dies is lost by its name, and closing it waits for nothing', async () => {
    const { memory } = memoryAt(server)
    memory.put(0, 5, 0, 100, 1)
    memory.drain()
    await server.stop()
    expect(() => memory.get(0, 5, 0)).toThrow(RemoteLost)
    expect(() => memory.get(0, 5, 0)).toThrow('Node here is lost')
    memory.put(0, 6, 0, 100, 2)
    expect(() => memory.drain()).toThrow('Node here is lost')
    memory.close()
    server = await startRedis()
  })

  const asked = async (field = 'lanes.0.nodes.0') => {
    try {
      return await askServer('here', { kind: 'unix', path: server.path }, field)
    } catch (error) {
      if (error instanceof LabError) return error.toFault()
      throw error
    }
  }

  it('says what it is', async () => {
    await server.ask('CONFIG', 'SET', 'maxmemory', '100mb')
    expect(await asked()).toMatchObject({
      name: 'here',
      version: expect.stringMatching(/^(Redis|Valkey) \d+\.\d+/),
      maxmemory: 100 * 2 ** 20,
      policy: 'noeviction',
      own: true,
    })
  })

  it('is refused where it may evict pages, and not where it evicts only what expires', async () => {
    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await asked('lanes.2.nodes.1')).toMatchObject({
      code: 'bad_input',
      field: 'lanes.2.nodes.1',
      message: expect.stringContaining('maxmemory-policy allkeys-lru'),
    })
    await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    expect(await asked()).toMatchObject({ policy: 'volatile-lru' })
  })

  it('is refused where it is a replica, or asks for a password that is not there', async () => {
    await server.ask('REPLICAOF', '127.0.0.1', '1')
    expect(await asked()).toMatchObject({ code: 'bad_input', message: expect.stringContaining('is a replica') })
    await server.ask('REPLICAOF', 'NO', 'ONE')
    await server.ask('CONFIG', 'SET', 'requirepass', 'secret')
    expect(await asked()).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('it asks for a password (REDISCLI_AUTH)'),
    })
  })
})

it('says of a server that is not there that it cannot be asked, and what to do', async () => {
  await expect(askServer('there', { kind: 'unix', path: '/nowhere/socket' }, 'lanes.1.nodes.0')).rejects.toMatchObject({
    code: 'unavailable',
    field: 'lanes.1.nodes.0',
    message: expect.stringMatching(/^there cannot be asked: .*ENOENT/),
    remedy: expect.stringContaining('apt-get install redis-server'),
  })
})
