import {
  PUT_NO_MEMORY,
  PUT_REFUSED,
  PUT_STORED,
  type PutEnd,
  type RemoteAnswers,
  RemoteLost,
  type RemoteMemory,
} from './remote-memory.ts'

/** Nodes in this process, for tests: they answer late, refuse, are full, lose or garble pages on command. */

export interface MemoryNodesOptions {
  nodes: number
  arena: Uint8Array
  /** Requests answered by one poll at most, so that answers come late. Default: all. */
  answersPerPoll?: number
  /** Requests of a node under way at most. Default 64. */
  window?: number
  /** Zpages that a node has room for. Default: any number. */
  room?: number
}

type Request = { kind: 'put'; slot: number; id: number; bytes: Uint8Array } | { kind: 'flush'; slot: number }

export class MemoryNodes implements RemoteMemory {
  answers: RemoteAnswers | null = null
  /** Most zpages of a node; may be changed at any time. */
  room: number
  readonly counts = { puts: 0, gets: 0, flushes: 0 }
  private readonly options: MemoryNodesOptions
  private readonly held: Map<number, Uint8Array>[]
  private readonly queues: Request[][]
  private readonly lost = new Set<number>()
  private refusing = 0

  constructor(options: MemoryNodesOptions) {
    this.options = options
    this.room = options.room ?? Number.POSITIVE_INFINITY
    this.held = Array.from({ length: options.nodes }, () => new Map())
    this.queues = Array.from({ length: options.nodes }, () => [])
  }

  /** The next so many puts are refused, for no reason of memory. */
  refusePuts(count: number): void {
    this.refusing = count
  }

  /** A node is gone, with all it held. */
  lose(node: number): void {
    this.lost.add(node)
  }

  /** Every zpage of a node comes back with another byte. */
  garble(node: number): void {
    for (const bytes of this.held[node].values()) bytes[bytes.length - 1] ^= 1
  }

  /** A node forgets what it held, as one that evicts, and goes on. */
  evictAll(node: number): void {
    this.held[node].clear()
  }

  get nodes(): number {
    return this.options.nodes
  }

  get inflight(): number {
    return this.queues.reduce((sum, queue) => sum + queue.length, 0)
  }

  nameOf(node: number): string {
    return `node ${node}`
  }

  put(node: number, slot: number, offset: number, bytes: number, id: number): boolean {
    const queue = this.queues[node]
    if (queue.length >= (this.options.window ?? 64)) return false
    queue.push({ kind: 'put', slot, id, bytes: this.options.arena.slice(offset, offset + bytes) })
    return true
  }

  flush(node: number, slot: number): void {
    const queue = this.queues[node]
    if (queue.length >= (this.options.window ?? 64)) this.answer(node, 1)
    queue.push({ kind: 'flush', slot })
  }

  poll(): void {
    for (let node = 0; node < this.nodes; node++)
      this.answer(node, this.options.answersPerPoll ?? Number.POSITIVE_INFINITY)
  }

  drain(): void {
    for (let node = 0; node < this.nodes; node++) this.answer(node, Number.POSITIVE_INFINITY)
  }

  get(node: number, slot: number, offset: number): number {
    this.reach(node)
    this.counts.gets++
    const bytes = this.held[node].get(slot)
    if (!bytes) return 0
    this.options.arena.set(bytes, offset)
    return bytes.length
  }

  checksum(offset: number, bytes: number): number {
    let sum = 0
    for (const byte of this.options.arena.subarray(offset, offset + bytes)) sum = (Math.imul(sum, 31) + byte) >>> 0
    return sum
  }

  count(node: number): number {
    return this.held[node].size
  }

  close(): void {
    for (const held of this.held) held.clear()
  }

  private answer(node: number, most: number): void {
    const queue = this.queues[node]
    for (let left = most; left > 0 && queue.length > 0; left--) {
      this.reach(node)
      const request = queue.shift()
      if (!request) return
      if (request.kind === 'flush') {
        this.counts.flushes++
        this.answers?.flushEnded(node, request.slot, this.held[node].delete(request.slot))
      } else this.answers?.putEnded(node, request.slot, request.id, this.keep(node, request.slot, request.bytes))
    }
  }

  private keep(node: number, slot: number, bytes: Uint8Array): PutEnd {
    this.counts.puts++
    const held = this.held[node]
    if (this.refusing > 0) {
      this.refusing--
      return PUT_REFUSED
    }
    if (held.size >= this.room && !held.has(slot)) return PUT_NO_MEMORY
    held.set(slot, bytes)
    return PUT_STORED
  }

  private reach(node: number): void {
    if (this.lost.has(node)) throw new RemoteLost(this.nameOf(node), 'it is gone')
  }
}
