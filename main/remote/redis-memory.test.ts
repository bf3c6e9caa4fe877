import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
    { run: 'run' },
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
})
