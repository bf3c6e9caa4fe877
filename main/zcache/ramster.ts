import type { Backend, CoreMm, EphemeralBackend } from '../mm/index.ts'
import {
  PUT_NO_MEMORY,
  PUT_STORED,
  type PutEnd,
  type RemoteAnswers,
  RemoteLost,
  type RemoteMemory,
} from '../remote/index.ts'
import type { PageCodec } from './codec.ts'
import type { CompressedPool } from './compressed-pool.ts'
import { pullBack } from './pull-back.ts'
import { SelfShrinking } from './self-shrinking.ts'

/**
 * RAMster: zcache whose oldest zpages go on, compressed as they are, to the memory of other machines (nodes). A put is local first; every interval the
 * oldest are sent, and where a node has taken one its place here is free: what stays is a marker (node, size, checksum). A load of such a page waits
 * for its node; a put of the same slot, and an invalidate, flush the copy there. All pages of one tmem object are on one node.
 *
 * Of the kernel's, not taken over: a page whose send failed was never tried again, and its frame was stranded. Here it stays an ordinary zpage, first
 * to be sent at the next look. Clean pages of files are not sent: they can be read from their file.
 * Source: drivers/staging/zcache/ramster/ramster.c.
 *
 * Row = slot:
 * away     Uint8   1: its only copy is at its node
 * bytes    Uint16  size of the zpage that is there, or on its way
 * sums     Uint32  its checksum
 * sending  Uint32  id of the put under way; 0: none
 */

export interface RamsterOptions {
  slots: number
  /** Between two looks, ns. */
  intervalNs: number
  /** Most frames' worth of zpages sent at a look. */
  frames: number
  /** Most bytes of zpages at each node; what its server adds is not counted. */
  nodeBytes: number
  /** Whether frames are made of what was sent by compaction, where the allocator gives none back otherwise. */
  compaction: boolean
  /** null: frontswap never shrinks by itself. */
  shrink: { intervalNs: number; inertia: number; hysteresis: number } | null
}

/** The kernel's names; from remote_zbytes on, ours. */
export interface RamsterCounters {
  pers_pages_remoted: number
  /** Refused by the node for another reason than memory. */
  pers_pages_remote_failed: number
  pers_pages_remote_nomem: number
  remote_pers_pages_succ_get: number
  remote_pers_pages_unsucc_get: number
  remote_pages_flushed: number
  /** Flushes of what the node did not have. */
  remote_page_flushes_failed: number
  /** Pages whose only copy is at a node now. */
  remote_pers_pages: number
  remote_pers_pages_max: number
  /** Compressed bytes at all nodes now, those under way included. */
  remote_zbytes: number
  remote_zbytes_max: number
  /** Pages loaded, changed or given back while they were being sent. */
  remote_puts_overtaken: number
  /** Looks at which the pages of the last were still under way. */
  remote_looks_skipped: number
  selfshrinks: number
}

/** Objects of zcache's swap pool (its SWIZ_BITS). */
const OBJECT_MASK = 0xff
/** Time moves in steps of this, ns. */
const TICK_NS = 1e6
/** For so long a node that refused a page is sent no more than was flushed there since, ns. */
const PAUSE_NS = 100e6
/** Zpages looked at for each frame that may be sent: those of nodes that take none are passed over. */
const LOOKS_PER_FRAME = 8
/** A page that comes back and leaves within this, untouched, was brought back for nothing. */
const WINDOW_NS = 5e9

/** Bytes of the markers: charged to the lane's RAM beside zcache's own. */
export function ramsterMetadataBytes(slots: number): number {
  return slots * (1 + 2 + 4 + 4)
}

export class Ramster implements Backend, RemoteAnswers {
  readonly pool: CompressedPool
  readonly exclusive: boolean
  readonly frontswap: boolean
  readonly writethrough: boolean
  readonly cleancache: EphemeralBackend | null
  readonly counters: RamsterCounters = {
    pers_pages_remoted: 0,
    pers_pages_remote_failed: 0,
    pers_pages_remote_nomem: 0,
    remote_pers_pages_succ_get: 0,
    remote_pers_pages_unsucc_get: 0,
    remote_pages_flushed: 0,
    remote_page_flushes_failed: 0,
    remote_pers_pages: 0,
    remote_pers_pages_max: 0,
    remote_zbytes: 0,
    remote_zbytes_max: 0,
    remote_puts_overtaken: 0,
    remote_looks_skipped: 0,
    selfshrinks: 0,
  }
  /** Most bytes at all nodes since clearPeak. */
  peakBytes = 0

  private readonly core: Pick<CoreMm, 'nextStored' | 'repatriate'>
  private readonly options: RamsterOptions
  private readonly codec: PageCodec
  private readonly remote: RemoteMemory
  private readonly shrinking: SelfShrinking | null
  private readonly away: Uint8Array
  private readonly bytes: Uint16Array
  private readonly sums: Uint32Array
  private readonly sending: Uint32Array
  private lastId = 0
  /** Puts that are not answered, or whose answer has not been looked at. */
  private underWay = 0
  /** By node: bytes there and on their way; until when it is sent no more than was flushed there since it refused a page, and how much that is; flushes that will find nothing. */
  private readonly nodeBytes: Float64Array
  private readonly pausedUntil: Float64Array
  private readonly flushedBytes: Float64Array
  private readonly nothingThere: Uint32Array
  /** Answers come in the middle of a load or an invalidate too, where nothing may leave the pool: the next tick looks at them. */
  private readonly stored: { slot: number; id: number }[] = []
  private sentSinceCompaction = 0
  private nextTick = 0
  private nextLook = Number.NaN
  private now = 0

  /** @param pool its order of the stores is asked for */
  constructor(
    core: Pick<CoreMm, 'nextStored' | 'repatriate'>,
    options: RamsterOptions,
    parts: { pool: CompressedPool; codec: PageCodec; remote: RemoteMemory },
  ) {
    const { pool, codec, remote } = parts
    this.core = core
    this.options = options
    this.pool = pool
    this.exclusive = pool.exclusive
    this.frontswap = pool.frontswap
    this.writethrough = pool.writethrough
    this.cleancache = pool.cleancache
    this.codec = codec
    this.remote = remote
    remote.answers = this
    this.shrinking = options.shrink && new SelfShrinking(options.shrink)
    const { slots } = options
    this.away = new Uint8Array(slots)
    this.bytes = new Uint16Array(slots)
    this.sums = new Uint32Array(slots)
    this.sending = new Uint32Array(slots)
    this.nodeBytes = new Float64Array(remote.nodes)
    this.pausedUntil = new Float64Array(remote.nodes)
    this.flushedBytes = new Float64Array(remote.nodes)
    this.nothingThere = new Uint32Array(remote.nodes)
  }

  // --- Backend -------------------------------------------------------------------------------------------------------

  store(slot: number, frame: number): boolean {
    this.forgetRemote(slot)
    return this.pool.store(slot, frame)
  }

  isRemote(slot: number): boolean {
    return this.away[slot] === 1
  }

  load(slot: number, frame: number, take: boolean): boolean {
    if (this.away[slot] === 1) {
      this.loadRemote(slot, frame)
      if (take) this.forgetRemote(slot)
      return true
    }
    if (take) this.forgetRemote(slot)
    return this.pool.load(slot, frame, take)
  }

  invalidatePage(slot: number): void {
    this.forgetRemote(slot)
    this.pool.invalidatePage(slot)
  }

  invalidateArea(): void {
    for (let slot = 0; slot < this.away.length; slot++) this.forgetRemote(slot)
    this.pool.invalidateArea()
  }

  shrink(target: number): number {
    return this.pool.shrink(target)
  }

  diskFault(slot: number, pages: number): void {
    this.pool.diskFault(slot, pages)
  }

  wantsClean(slot: number): boolean {
    return this.pool.wantsClean(slot)
  }

  readBack(slot: number, along: Int32Array): number {
    return this.pool.readBack(slot, along)
  }

  fillReadBack(slot: number, frame: number): void {
    this.pool.fillReadBack(slot, frame)
  }

  writebackDone(slot: number, frame: number, ok: boolean): void {
    this.pool.writebackDone(slot, frame, ok)
  }

  /** @throws RemoteLost */
  tick(now: number): void {
    this.pool.tick(now)
    if (now < this.nextTick) return
    this.nextTick = now + TICK_NS
    this.now = now
    if (this.remote.inflight > 0) this.remote.poll()
    this.lookAtAnswers()
    if (!(now < this.nextLook)) {
      this.nextLook = now + this.options.intervalNs
      this.look()
    }
    const pages = this.shrinking?.due(now, this.pool.counters.pers_zpages + this.counters.remote_pers_pages) ?? 0
    if (pages === 0) return
    this.counters.selfshrinks++
    pullBack(pages, this.core, { windowNs: WINDOW_NS, oldestSlot: null })
  }

  // --- Sending -------------------------------------------------------------------------------------------------------

  /** Sends the oldest zpages, each with the one whose frame comes free with its own. */
  private look(): void {
    if (this.underWay > 0) {
      this.counters.remote_looks_skipped++
      return
    }
    const { pool } = this
    const { frames } = this.options
    let sent = 0
    let looks = LOOKS_PER_FRAME * frames
    for (let zpage = pool.younger(-1); zpage >= 0 && sent < frames && looks > 0; zpage = pool.younger(zpage), looks--) {
      if (!this.send(zpage)) continue
      sent++
      const sibling = pool.allocator.siblingOf(zpage)
      if (sibling >= 0) this.send(sibling)
    }
    if (sent > 0) this.remote.poll()
  }

  private send(zpage: number): boolean {
    const { allocator } = this.pool
    const slot = allocator.slotOf(zpage)
    const node = this.nodeOf(slot)
    const bytes = allocator.bytesOf(zpage)
    const paused = this.now < this.pausedUntil[node]
    if (this.sending[slot] !== 0 || (paused && this.flushedBytes[node] < bytes)) return false
    if (this.nodeBytes[node] + bytes > this.options.nodeBytes) return false
    const offset = allocator.locate(zpage)
    const id = this.lastId === 0xffff_ffff ? 1 : this.lastId + 1
    if (!this.remote.put(node, slot, offset, bytes, id)) return false
    this.lastId = id
    this.sums[slot] = this.remote.checksum(offset, bytes)
    this.sending[slot] = id
    this.bytes[slot] = bytes
    this.underWay++
    if (paused) this.flushedBytes[node] -= bytes
    this.count(node, bytes)
    return true
  }

  putEnded(node: number, slot: number, id: number, end: PutEnd): void {
    const { counters, sending } = this
    if (end === PUT_NO_MEMORY) counters.pers_pages_remote_nomem++
    else if (end !== PUT_STORED) counters.pers_pages_remote_failed++
    if (end !== PUT_STORED) {
      this.pausedUntil[node] = this.now + PAUSE_NS
      this.flushedBytes[node] = 0
    }
    const overtaken = sending[slot] !== id
    if (end === PUT_STORED && !overtaken) {
      this.stored.push({ slot, id })
      return
    }
    this.underWay--
    if (end === PUT_STORED) return
    // What was refused stays as it was, and is sent again.
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

  private lookAtAnswers(): void {
    const { options, pool, stored } = this
    if (stored.length === 0) return
    for (const { slot, id } of stored) if (this.sending[slot] === id) this.settle(slot)
    this.underWay -= stored.length
    stored.length = 0
    if (this.underWay > 0 || this.sentSinceCompaction === 0) return
    if (options.compaction && pool.allocator.gives === 'compaction') pool.allocator.compact(this.sentSinceCompaction)
    this.sentSinceCompaction = 0
  }

  /** What a node has taken is no longer needed here. */
  private settle(slot: number): void {
    const { counters, pool } = this
    this.sending[slot] = 0
    if (pool.index.get(slot) < 0) {
      // It is on its way to disk in a block of zpages.
      this.flush(this.nodeOf(slot), slot)
      return
    }
    pool.invalidatePage(slot)
    this.away[slot] = 1
    this.sentSinceCompaction++
    counters.pers_pages_remoted++
    if (++counters.remote_pers_pages > counters.remote_pers_pages_max)
      counters.remote_pers_pages_max = counters.remote_pers_pages
  }

  // --- What is elsewhere ---------------------------------------------------------------------------------------------

  /** @throws RemoteLost where the node has not what it was given */
  private loadRemote(slot: number, frame: number): void {
    const { codec, counters, remote } = this
    const node = this.nodeOf(slot)
    const bytes = remote.get(node, slot, codec.scratch)
    const whole = bytes === this.bytes[slot] && remote.checksum(codec.scratch, bytes) === this.sums[slot]
    if (!whole) {
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
  private forgetRemote(slot: number): void {
    if (this.away[slot] === 1) {
      this.away[slot] = 0
      this.counters.remote_pers_pages--
    } else if (this.sending[slot] !== 0) {
      this.counters.remote_puts_overtaken++
      this.sending[slot] = 0
    } else return
    this.flush(this.nodeOf(slot), slot)
  }

  private flush(node: number, slot: number): void {
    this.count(node, -this.bytes[slot])
    this.flushedBytes[node] += this.bytes[slot]
    this.remote.flush(node, slot)
  }

  private nodeOf(slot: number): number {
    return (slot & OBJECT_MASK) % this.remote.nodes
  }

  private count(node: number, bytes: number): void {
    const { counters } = this
    this.nodeBytes[node] += bytes
    counters.remote_zbytes += bytes
    if (counters.remote_zbytes > this.peakBytes) this.peakBytes = counters.remote_zbytes
    if (counters.remote_zbytes > counters.remote_zbytes_max) counters.remote_zbytes_max = counters.remote_zbytes
  }

  clearPeak(): void {
    this.peakBytes = this.counters.remote_zbytes
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** Waits for the nodes. @throws RemoteLost */
  comeToRest(): void {
    this.remote.drain()
    this.lookAtAnswers()
    this.remote.drain()
  }

  /** What is wrong with the books, in sentences. `atRest`: nothing may be under way, and the nodes are asked. */
  audit(atRest: boolean): string[] {
    const { away, bytes, counters, pool, remote, sending } = this
    const wrong = pool.audit(atRest)
    const pages = new Float64Array(remote.nodes)
    let zbytes = 0
    let puts = 0
    for (let slot = 0; slot < away.length; slot++) {
      if (sending[slot] !== 0) puts++
      if (away[slot] === 1 || sending[slot] !== 0) zbytes += bytes[slot]
      if (away[slot] === 0) continue
      pages[this.nodeOf(slot)]++
      if (pool.index.get(slot) >= 0) wrong.push(`slot ${slot} is at a node and in the pool`)
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
