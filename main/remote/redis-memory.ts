import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { PAGE_SIZE } from '../contract/index.ts'
import { type ByteStream, Connection } from './connection.ts'
import {
  PUT_NO_MEMORY,
  PUT_REFUSED,
  PUT_STORED,
  type PutEnd,
  type RemoteAnswers,
  RemoteLost,
  type RemoteMemory,
} from './remote-memory.ts'
import { RESP_BYTES, RESP_ERROR, RESP_NIL, RESP_NONE, RESP_NUMBER, type RespReader, RespWriter } from './resp.ts'
import { connectionName, TRIALS, trialKeys, trialName } from './trial-keys.ts'

/**
 * Zpages in the memory of Redis or Valkey servers. A slot's object (its low 8 bits, as zcache spreads them over 256) is a hash, its index a field of it:
 * HSET, HGET and HDEL. Each node has two connections: puts and flushes are queued on one and answered in their order, a get waits on the other and
 * behind no queue. A get is for what a put was answered for, and what was flushed is never got again, so the two need no order between them.
 *
 * Keys are those of trial-keys.ts, which says how what a killed engine left is found.
 */

const OBJECT_BITS = 8

/** Requests of one node under way at most; its answers are a few bytes each. A power of two. */
const WINDOW = 4096
/** A get that is refused because the server is busy or loads its data is tried again after so long, then twice as long, us (RAMster: 10 to 1000). */
const SHORTEST_PAUSE_US = 10
const LONGEST_PAUSE_US = 1000
/** Until then, tries. */
const MOST_TRIES = 5000

const HSET = Buffer.from('HSET')
const HGET = Buffer.from('HGET')
const HDEL = Buffer.from('HDEL')

const IS_PUT = 1
const IS_FLUSH = 2

/** The two connections of a node. */
export interface NodeStreams {
  /** Its address, for messages. */
  name: string
  queue: ByteStream
  gets: ByteStream
}

/** Bytes of each buffer of both. */
export const QUEUE_BYTES = { out: 1 << 20, in: 1 << 16 } as const
export const GET_BYTES = { out: 1 << 12, in: 1 << 16 } as const

/**
 * Requests of one node that are not answered yet, oldest first: a ring of WINDOW rows.
 *
 * kinds Uint8   IS_PUT or IS_FLUSH
 * slots Int32
 * ids   Uint32  of a put
 */
class Requests {
  private readonly kinds = new Uint8Array(WINDOW)
  private readonly slots = new Int32Array(WINDOW)
  private readonly ids = new Uint32Array(WINDOW)
  private first = 0
  count = 0

  add(kind: number, slot: number, id: number): void {
    const at = (this.first + this.count++) & (WINDOW - 1)
    this.kinds[at] = kind
    this.slots[at] = slot
    this.ids[at] = id
  }

  shift(): { kind: number; slot: number; id: number } {
    const at = this.first
    this.first = (at + 1) & (WINDOW - 1)
    this.count--
    return { kind: this.kinds[at], slot: this.slots[at], id: this.ids[at] }
  }
}

interface Node {
  name: string
  queue: Connection
  gets: Connection
  requests: Requests
  lost: boolean
}

export interface RedisMemoryOptions {
  /** Whose trial this is: the lab finds by it what an engine that died has left. */
  run: string
  password?: string | null
}

export class RedisMemory implements RemoteMemory {
  answers: RemoteAnswers | null = null
  private readonly list: Node[]
  private readonly keys: Buffer[]
  private readonly trial: string
  private readonly arena: Uint8Array

  /**
   * Greets every node.
   * @param password AUTH; null: none is asked for
   * @throws RemoteLost where a node refuses; then all are closed
   */
  constructor(nodes: readonly NodeStreams[], arena: Uint8Array, { run, password = null }: RedisMemoryOptions) {
    this.arena = arena
    this.trial = trialName(run, randomBytes(4).toString('hex'))
    this.keys = trialKeys(this.trial).map((key) => Buffer.from(key))
    this.list = nodes.map(({ name, queue, gets }) => ({
      name,
      queue: new Connection(queue),
      gets: new Connection(gets),
      requests: new Requests(),
      lost: false,
    }))
    try {
      for (const node of this.list) this.guard(node, () => this.greet(node, password))
    } catch (error) {
      this.close()
      throw error
    }
  }

  get nodes(): number {
    return this.list.length
  }

  get inflight(): number {
    let count = 0
    for (const node of this.list) count += node.requests.count
    return count
  }

  nameOf(node: number): string {
    return this.list[node].name
  }

  put(at: number, slot: number, offset: number, bytes: number, id: number): boolean {
    const node = this.list[at]
    const { queue, requests } = node
    const key = this.keyOf(slot)
    if (requests.count === WINDOW || !queue.hasRoom(RespWriter.bytesOf(4, HSET.length + key.length + bytes)))
      return false
    const { writer } = queue
    writer.begin(4)
    writer.part(HSET)
    writer.part(key)
    writer.number(slot >>> OBJECT_BITS)
    writer.part(this.arena.subarray(offset, offset + bytes))
    requests.add(IS_PUT, slot, id)
    return true
  }

  flush(at: number, slot: number): void {
    const node = this.list[at]
    const { queue, requests } = node
    const key = this.keyOf(slot)
    this.guard(node, () => {
      while (requests.count === WINDOW || !queue.hasRoom(RespWriter.bytesOf(3, HDEL.length + key.length))) {
        queue.push()
        queue.pull()
        if (this.take(at) === 0) queue.wait()
      }
    })
    const { writer } = queue
    writer.begin(3)
    writer.part(HDEL)
    writer.part(key)
    writer.number(slot >>> OBJECT_BITS)
    requests.add(IS_FLUSH, slot, 0)
  }

  poll(): void {
    for (const [at, node] of this.list.entries()) {
      if (node.requests.count === 0) continue
      this.guard(node, () => {
        node.queue.push()
        node.queue.pull()
        this.take(at)
      })
    }
  }

  drain(): void {
    for (const [at, node] of this.list.entries())
      this.guard(node, () => {
        while (node.requests.count > 0) {
          node.queue.push()
          node.queue.pull()
          if (this.take(at) === 0) node.queue.wait()
        }
      })
  }

  get(at: number, slot: number, offset: number): number {
    const node = this.list[at]
    return this.guard(node, () => {
      const { reader, writer } = node.gets
      node.gets.expectNothing()
      for (let tries = 1, pauseUs = SHORTEST_PAUSE_US; ; tries++, pauseUs = Math.min(2 * pauseUs, LONGEST_PAUSE_US)) {
        writer.begin(3)
        writer.part(HGET)
        writer.part(this.keyOf(slot))
        writer.number(slot >>> OBJECT_BITS)
        const kind = node.gets.answer()
        if (kind === RESP_NIL) return 0
        if (kind === RESP_BYTES) {
          if (reader.end - reader.begin > PAGE_SIZE) throw new Error('a zpage came back larger than a page')
          this.arena.set(reader.taken(), offset)
          return reader.end - reader.begin
        }
        const text = reader.text()
        if (kind !== RESP_ERROR || !/^(BUSY|LOADING|TRYAGAIN)/.test(text) || tries === MOST_TRIES)
          throw new Error(`a get was answered "${text}"`)
        node.gets.pause(pauseUs)
      }
    })
  }

  checksum(offset: number, bytes: number): number {
    return crc32(this.arena.subarray(offset, offset + bytes))
  }

  count(at: number): number {
    const node = this.list[at]
    return this.guard(node, () => {
      let count = 0
      for (const key of this.keys) count += Number(node.gets.need('HLEN', key.toString()).text)
      return count
    })
  }

  close(): void {
    for (const node of this.list) {
      try {
        if (!node.lost) this.leave(node)
      } catch {
        // Whatever is left there is found by the next run that names this node.
        node.lost = true
      } finally {
        node.queue.close()
        node.gets.close()
      }
    }
  }

  private keyOf(slot: number): Buffer {
    return this.keys[slot & (this.keys.length - 1)]
  }

  /** Hands on the answers that are there. Returns their number. */
  private take(at: number): number {
    const { queue, requests } = this.list[at]
    const { reader } = queue
    let taken = 0
    while (requests.count > 0) {
      const kind = reader.next()
      if (kind === RESP_NONE) return taken
      taken++
      const { kind: asked, slot, id } = requests.shift()
      if (asked === IS_PUT) this.answers?.putEnded(at, slot, id, putEnd(kind, reader))
      else {
        if (kind !== RESP_NUMBER) throw new Error(`a flush was answered "${reader.text()}"`)
        this.answers?.flushEnded(at, slot, reader.value > 0)
      }
    }
    queue.expectNothing()
    return taken
  }

  /** Both connections bear the trial's name before it is in the list, and have shown that they may do what it takes. */
  private greet(node: Node, password: string | null): void {
    const { queue, gets } = node
    for (const connection of [queue, gets]) {
      // A server that has no password answers ERR.
      if (password !== null && connection.ask('AUTH', password).text.startsWith('WRONGPASS'))
        throw new Error('it refuses the password of REDISCLI_AUTH')
      connection.need('CLIENT', 'SETNAME', connectionName(this.trial))
    }
    queue.need('SADD', TRIALS, this.trial)
    try {
      const [key] = trialKeys(this.trial)
      const { kind, text } = queue.ask('HSET', key, '0', '')
      // It may have room later.
      if (kind === RESP_ERROR && !text.startsWith('OOM')) throw new Error(`HSET was answered "${text}"`)
      gets.need('HGET', key, '0')
      gets.need('HLEN', key)
      queue.need('HDEL', key, '0')
      queue.need('UNLINK', key)
    } catch (error) {
      this.forget(queue)
      throw error
    }
  }

  private leave({ queue, requests }: Node): void {
    for (; requests.count > 0; requests.shift()) queue.answer()
    this.forget(queue)
  }

  private forget(queue: Connection): void {
    queue.ask('UNLINK', ...trialKeys(this.trial))
    queue.ask('SREM', TRIALS, this.trial)
  }

  /** @throws RemoteLost for whatever goes wrong between here and a node */
  private guard<T>(node: Node, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (error instanceof RemoteLost || !(error instanceof Error)) throw error
      node.lost = true
      throw new RemoteLost(node.name, error.message, { cause: error })
    }
  }
}

function putEnd(kind: number, reader: RespReader): PutEnd {
  if (kind === RESP_NUMBER) return PUT_STORED
  const text = reader.text()
  if (kind !== RESP_ERROR) throw new Error(`a put was answered "${text}"`)
  return text.startsWith('OOM') ? PUT_NO_MEMORY : PUT_REFUSED
}
