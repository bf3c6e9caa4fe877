import type { RamsterLane } from '../../contract/index.ts'
import { PUT_STORED, type RemoteAnswers, type RemoteMemory } from '../../remote/index.ts'
import { TAG_WORDS, type ZpageTags } from './page-tags.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * Nodes as two figures: a round trip, and the bandwidth of the way to each, which what is sent and what is fetched share. They have room for everything (a lane's
 * nodePages is the lane's own), refuse nothing, and hold of a zpage its tag and size.
 */

/** What a request takes on the wire beside the zpage: command, key and field, with their headers. */
const REQUEST_BYTES = 110

interface Held {
  bytes: number
  tag: Int32Array
}
type Request = { ends: number; slot: number } & ({ put: Held; id: number } | { put: null })

class ModelNode {
  readonly held = new Map<number, Held>()
  readonly queue: Request[] = []
  /** Until then the way is taken, ns. */
  busyUntil = 0
}

export class ModelNodes implements RemoteMemory {
  answers: RemoteAnswers | null = null
  private readonly list: ModelNode[]
  private readonly names: readonly string[]
  private readonly clock: VirtualClock
  private readonly tags: ZpageTags
  private readonly rttNs: number
  private readonly byteNs: number

  constructor({ nodes, model }: Pick<RamsterLane, 'nodes' | 'model'>, clock: VirtualClock, tags: ZpageTags) {
    this.names = nodes
    this.list = nodes.map(() => new ModelNode())
    this.clock = clock
    this.tags = tags
    this.rttNs = model.rtt * 1e3
    this.byteNs = 1e3 / model.bandwidth
  }

  get nodes(): number {
    return this.list.length
  }

  get inflight(): number {
    return this.list.reduce((sum, { queue }) => sum + queue.length, 0)
  }

  nameOf(node: number): string {
    return this.names[node]
  }

  put(node: number, slot: number, offset: number, bytes: number, id: number): boolean {
    const at = this.tags.at(offset)
    const put = { bytes, tag: this.tags.words.slice(at, at + TAG_WORDS) }
    this.list[node].queue.push({ ends: this.sent(node, bytes), slot, put, id })
    return true
  }

  flush(node: number, slot: number): void {
    this.list[node].queue.push({ ends: this.sent(node, 0), slot, put: null })
  }

  poll(): void {
    for (let node = 0; node < this.nodes; node++) this.answer(node, this.clock.now())
  }

  drain(): void {
    for (const [node, { queue }] of this.list.entries()) {
      const last = queue.at(-1)
      if (!last) continue
      this.clock.advanceTo(last.ends)
      this.answer(node, last.ends)
    }
  }

  get(node: number, slot: number, offset: number): number {
    const held = this.list[node].held.get(slot)
    this.clock.advanceTo(this.sent(node, held?.bytes ?? 0))
    if (!held) return 0
    this.tags.words.set(held.tag, this.tags.at(offset))
    return held.bytes
  }

  /** Tags are checked by the contents themselves. */
  checksum(): number {
    return 0
  }

  count(node: number): number {
    return this.list[node].held.size
  }

  close(): void {}

  /** A request takes the way as soon as that is free; returns when its answer is here, ns. */
  private sent(at: number, bytes: number): number {
    const node = this.list[at]
    node.busyUntil = Math.max(node.busyUntil, this.clock.now()) + (REQUEST_BYTES + bytes) * this.byteNs
    return node.busyUntil + this.rttNs
  }

  private answer(at: number, now: number): void {
    const { held, queue } = this.list[at]
    for (let next = queue.at(0); next && next.ends <= now; next = queue.at(0)) {
      queue.shift()
      if (next.put) {
        held.set(next.slot, next.put)
        this.answers?.putEnded(at, next.slot, next.id, PUT_STORED)
      } else this.answers?.flushEnded(at, next.slot, held.delete(next.slot))
    }
  }
}
