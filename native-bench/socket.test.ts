import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { Arena, isSystemFailure, native, PAGE_SIZE } from './index.ts'

const folder = testFolder()
const path = join(folder.path, 'socket')
const SECOND_US = 1e6
const arena = new Arena(4)
let server: Server
/** Connections the server has accepted and not given away yet. */
const accepted: Socket[] = []

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    accepted.push(socket)
    server.emit('accepted')
  }).listen(path)
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  arena.release()
  folder.remove()
})

/** A connection, and the server's end of it. */
async function pair(): Promise<{ socket: number; other: Socket }> {
  const socket = native.socketConnectUnix(path, SECOND_US)
  if (accepted.length === 0) await once(server, 'accepted')
  const other = accepted.shift()
  if (!other) throw new Error('nobody was accepted')
  return { socket, other }
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isSystemFailure(error)) return `${error.syscall} ${error.code}`
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a socket', () => {
  it('carries bytes both ways, and has nothing to receive before they are there', async () => {
    const { socket, other } = await pair()
    expect(native.socketReceive(socket, arena.id, 0, 10)).toBe(0)
    expect(native.socketWait(socket, false, 1000)).toBe(false)
    expect(native.socketWait(socket, true, 1000)).toBe(true)
    arena.bytes.set([1, 2, 3], 100)
    expect(native.socketSend(socket, arena.id, 100, 3)).toBe(3)
    const [got] = await once(other, 'data')
    expect([...got]).toEqual([1, 2, 3])
    other.write(Uint8Array.of(7, 8))
    expect(native.socketWait(socket, false, SECOND_US)).toBe(true)
    expect(native.socketReceive(socket, arena.id, PAGE_SIZE, 10)).toBe(2)
    expect([...arena.page(1).subarray(0, 2)]).toEqual([7, 8])
    native.socketClose(socket)
  })

  it('takes no more than there is room for, and says so instead of blocking', async () => {
    const { socket, other } = await pair()
    other.pause()
    let sent = 0
    for (let taken = 1; taken > 0; sent += taken) taken = native.socketSend(socket, arena.id, 0, 4 * PAGE_SIZE)
    expect(sent).toBeGreaterThan(4 * PAGE_SIZE)
    expect(native.socketWait(socket, true, 1000)).toBe(false)
    native.socketClose(socket)
  })

  it('says that the other side has closed', async () => {
    const { socket, other } = await pair()
    other.destroy()
    expect(native.socketWait(socket, false, SECOND_US)).toBe(true)
    expect(codeOf(() => native.socketReceive(socket, arena.id, 0, 10))).toBe('recv ECONNRESET')
    expect(codeOf(() => native.socketSend(socket, arena.id, 0, 10))).toBe('send EPIPE')
    native.socketClose(socket)
    expect(() => native.socketClose(socket)).toThrow('socket is not an open socket')
  })

  it('connects by TCP to a numeric address alone', async () => {
    const tcp = createServer((socket) => socket.on('error', () => {}).end('x')).listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const address = tcp.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const socket = native.socketConnect('127.0.0.1', address.port, SECOND_US)
    await once(tcp, 'connection')
    expect(native.socketWait(socket, false, SECOND_US)).toBe(true)
    expect(native.socketReceive(socket, arena.id, 0, 1)).toBe(1)
    native.socketClose(socket)
    tcp.close()
    await once(tcp, 'close')
    expect(codeOf(() => native.socketConnect('127.0.0.1', address.port, SECOND_US))).toBe('connect ECONNREFUSED')
    expect(() => native.socketConnect('localhost', 6379, 0)).toThrow('host must be a numeric address, not "localhost"')
    expect(() => native.socketConnect('127.0.0.1', 0, 0)).toThrow('port')
    expect(codeOf(() => native.socketConnectUnix(`${path}-gone`, 0))).toBe('connect ENOENT')
    expect(() => native.socketConnectUnix('x'.repeat(200), 0)).toThrow('path must be of 1 to 107 bytes')
  })
})
