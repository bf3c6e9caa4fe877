import {
  PUT_NO_MEMORY,
  PUT_STORED,
  type PutEnd,
  type RemoteAnswers,
  RemoteLost,
  type RemoteMemory,
} from '../remote/index.ts'
import type { PageCodec } from './codec.ts'

/**
 * The copies of zpages at nodes, from the put of one to its flush: what stays here of each is a marker (size, checksum), and all pages of one tmem object
 * are on one node. A page that is loaded, changed or given back while it is being sent is overtaken: its flush follows its put.
 *
 * Row = slot:
 * away     Uint8   1: its only copy is at its node
 * bytes    Uint16  size of the zpage that is there, or on its way
 * sums     Uint32  its checksum
 * sending  Uint32  id of the put under way; 0: none
 */

/** Objects of zcache's swap pool (its SWIZ_BITS). */
const OBJECT_MASK = 0xff

/** Bytes of the markers: charged to the lane's RAM beside zcache's own. */
export function ramsterMetadataBytes(slots: number): number {
  return slots * (1 + 2 + 4 + 4)
}

export class RemoteCopies implements RemoteAnswers {
  /** The kernel's names; from remote_zbytes on, ours. */
  readonly counters = {
    pers_pages_remoted: 0,
    /** Refused by the node for another reason than memory. */
    pers_pages_remote_failed: 0,
    pers_pages_remote_nomem: 0,
    remote_pers_pages_succ_get: 0,
    remote_pers_pages_unsucc_get: 0,
    remote_pages_flushed: 0,
    /** Flushes of what the node did not have. */
    remote_page_flushes_failed: 0,
    /** Pages whose only copy is at a node now. */
    remote_pers_pages: 0,
    remote_pers_pages_max: 0,
    /** Compressed bytes at all nodes now, those under way included. */
    remote_zbytes: 0,
    remote_zbytes_max: 0,
    /** Pages loaded, changed or given back while they were being sent. */
    remote_puts_overtaken: 0,
  }
  /** By node: bytes there and on their way; when it last refused a page, ns; bytes flushed there since, less those sent. */
  readonly nodeBytes: Float64Array
  readonly refusedAt: Float64Array
  readonly flushedBytes: Float64Array
  /** Most bytes at all nodes since clearPeak. */
  peakBytes = 0
  /** Puts that are not answered, or whose answer has not been looked at. */
  underWay = 0
  private readonly codec: PageCodec
  private readonly remote: RemoteMemory
  private readonly away: Uint8Array
  private readonly bytes: Uint16Array
  private readonly sums: Uint32Array
  private readonly sending: Uint32Array
  private lastId = 0
  /** By node: flushes that will find nothing. */
  private readonly nothingThere: Uint32Array
  /** Answers come in the middle of a load or an invalidate too, where nothing may leave the pool: settle() looks at them. */
  private readonly stored: { slot: number; id: number }[] = []
  private now = 0

  constructor(slots: number, { codec, remote }: { codec: PageCodec; remote: RemoteMemory }) {
    this.codec = codec
    this.remote = remote
    remote.answers = this
    this.away = new Uint8Array(slots)
    this.bytes = new Uint16Array(slots)
    this.sums = new Uint32Array(slots)
    this.sending = new Uint32Array(slots)
    this.nodeBytes = new Float64Array(remote.nodes)
    this.refusedAt = new Float64Array(remote.nodes).fill(Number.NEGATIVE_INFINITY)
    this.flushedBytes = new Float64Array(remote.nodes)
    this.nothingThere = new Uint32Array(remote.nodes)
  }

  nodeOf(slot: number): number {
    return (slot & OBJECT_MASK) % this.remote.nodes
  }

  isAway(slot: number): boolean {
    return this.away[slot] === 1
  }

  /** Sends a zpage, which stays here until settle(). False where it is being sent already, or the queue has no room for it now. */
  put(slot: number, offset: number, bytes: number): boolean {
    if (this.sending[slot] !== 0) return false
    const node = this.nodeOf(slot)
    const id = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1
    if (!this.remote.put(node, slot, offset, bytes, id)) return false
    this.lastId = id
    this.sums[slot] = this.remote.checksum(offset, bytes)
    this.sending[slot] = id
    this.bytes[slot] = bytes
    this.underWay++
    this.flushedBytes[node] -= bytes
    this.count(node, bytes)
    return true
  }

  /**
   * Of every page that a node has taken the copy there becomes the only one.
   * @param release drops the one here; false where that has left on another way
   */
  settle(release: (slot: number) => boolean): void {
    const { counters, sending, stored } = this
    for (const { slot, id } of stored) {
      if (sending[slot] !== id) continue
      sending[slot] = 0
      if (!release(slot)) this.flush(slot)
      else {
        this.away[slot] = 1
        counters.pers_pages_remoted++
        if (++counters.remote_pers_pages > counters.remote_pers_pages_max)
          counters.remote_pers_pages_max = counters.remote_pers_pages
      }
    }
    this.underWay -= stored.length
    stored.length = 0
  }

  /** Waits for a page that is away, and decompresses it; the copy there stays. @throws RemoteLost where the node has not what it was given */
  load(slot: number, frame: number): void {
    const { codec, counters, remote } = this
    const node = this.nodeOf(slot)
    const bytes = remote.get(node, slot, codec.scratch)
    if (bytes !== this.bytes[slot] || remote.checksum(codec.scratch, bytes) !== this.sums[slot]) {
      counters.remote_pers_pages_unsucc_get++
      throw new RemoteLost(
        remote.nameOf(node),
        bytes === 0 ? `it has not the page of slot ${slot}` : `the page of slot ${slot} came back with other bytes`,
      )
    }
    codec.decompress(codec.scratch, bytes, frame)
    counters.remote_pers_pages_succ_get++
  }

  /** Whatever a node has of a slot, or will have, is no longer wanted. */
  forget(slot: number): void {
    if (this.away[slot] === 1) {
      this.away[slot] = 0
      this.counters.remote_pers_pages--
    } else if (this.sending[slot] !== 0) {
      this.counters.remote_puts_overtaken++
      this.sending[slot] = 0
    } else return
    this.flush(slot)
  }

  private flush(slot: number): void {
    const node = this.nodeOf(slot)
    this.count(node, -this.bytes[slot])
    this.flushedBytes[node] += this.bytes[slot]
    this.remote.flush(node, slot)
  }

  private count(node: number, bytes: number): void {
    const { counters } = this
    this.nodeBytes[node] += bytes
    counters.remote_zbytes += bytes
    if (counters.remote_zbytes > this.peakBytes) this.peakBytes = counters.remote_zbytes
    if (counters.remote_zbytes > counters.remote_zbytes_max) counters.remote_zbytes_max = counters.remote_zbytes
  }

  /** Sends what is queued and hears the answers that are there, never waiting. @throws RemoteLost */
  poll(now: number): void {
    this.now = now
    if (this.remote.inflight > 0) this.remote.poll()
  }

  /** Waits for all answers. @throws RemoteLost */
  drain(): void {
    this.remote.drain()
  }

  clearPeak(): void {
    this.peakBytes = this.counters.remote_zbytes
  }

  // --- RemoteAnswers -------------------------------------------------------------------------------------------------

  putEnded(node: number, slot: number, id: number, end: PutEnd): void {
    const { counters, sending } = this
    const overtaken = sending[slot] !== id
    if (end === PUT_STORED && !overtaken) {
      this.stored.push({ slot, id })
      return
    }
    this.underWay--
    if (end === PUT_STORED) return
    if (end === PUT_NO_MEMORY) counters.pers_pages_remote_nomem++
    else counters.pers_pages_remote_failed++
    this.refusedAt[node] = this.now
    this.flushedBytes[node] = 0
    // What was refused stays as it was, and may be sent again.
    if (overtaken) this.nothingThere[node]++
    else {
      sending[slot] = 0
      this.count(node, -this.bytes[slot])
    }
  }

  flushEnded(node: number, _slot: number, found: boolean): void {
    if (found) this.counters.remote_pages_flushed++
    else if (this.nothingThere[node] > 0) this.nothingThere[node]--
    else this.counters.remote_page_flushes_failed++
  }

  /** What is wrong with the books, in sentences. `atRest`: nothing may be under way, and the nodes are asked. */
  audit(atRest: boolean): string[] {
    const { away, bytes, counters, remote, sending } = this
    const wrong: string[] = []
    const pages = new Float64Array(remote.nodes)
    let zbytes = 0
    let puts = 0
    for (let slot = 0; slot < away.length; slot++) {
      if (sending[slot] !== 0) puts++
      if (away[slot] === 1 || sending[slot] !== 0) zbytes += bytes[slot]
      if (away[slot] === 1) pages[this.nodeOf(slot)]++
    }
    const total = pages.reduce((sum, count) => sum + count, 0)
    if (total !== counters.remote_pers_pages)
      wrong.push(`${total} pages are at nodes, ${counters.remote_pers_pages} counted`)
    if (zbytes !== counters.remote_zbytes) wrong.push(`${zbytes} bytes are at nodes, ${counters.remote_zbytes} counted`)
    if (puts > this.underWay) wrong.push(`${puts} pages are being sent, ${this.underWay} counted`)
    if (!atRest) return wrong
    if (this.underWay !== 0) wrong.push(`${this.underWay} pages are under way to nodes at rest`)
    for (let node = 0; node < remote.nodes; node++) {
      const held = remote.count(node)
      if (held !== pages[node]) wrong.push(`node ${remote.nameOf(node)} has ${held} pages, and should ${pages[node]}`)
    }
    return wrong
  }
}
