import type { Backend, CoreMm, EphemeralBackend } from '../mm/index.ts'
import type { RemoteMemory } from '../remote/index.ts'
import type { PageCodec } from './codec.ts'
import type { CompressedPool } from './compressed-pool.ts'
import { pullBack } from './pull-back.ts'
import { RemoteCopies } from './remote-copies.ts'
import { SelfShrinking } from './self-shrinking.ts'

/**
 * RAMster: zcache whose oldest zpages go on, compressed as they are, to the memory of other machines (nodes). A put is local first; every interval the
 * oldest are sent, and where a node has taken one its place here is free. A load of such a page waits for its node; a put of the same slot, and an
 * invalidate, flush the copy there.
 *
 * Of the kernel's, not taken over: a page whose send failed was never tried again, and its frame was stranded. Here it stays an ordinary zpage, first
 * to be sent at the next look. Clean pages of files are not sent: they can be read from their file.
 * Source: drivers/staging/zcache/ramster/ramster.c.
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

/** Time moves in steps of this, ns. */
const TICK_NS = 1e6
/** For so long a node that refused a page is sent no more than was flushed there since, ns. */
const PAUSE_NS = 100e6
/** Zpages looked at for each frame that may be sent: those of nodes that take none are passed over. */
const LOOKS_PER_FRAME = 8
/** A page that comes back and leaves within this, untouched, was brought back for nothing. */
const WINDOW_NS = 5e9

export class Ramster implements Backend {
  readonly pool: CompressedPool
  readonly copies: RemoteCopies
  readonly exclusive: boolean
  readonly frontswap: boolean
  readonly writethrough: boolean
  readonly cleancache: EphemeralBackend | null
  readonly counters = {
    /** Looks at which the pages of the last were still under way. */
    remote_looks_skipped: 0,
    selfshrinks: 0,
  }
  private readonly core: Pick<CoreMm, 'nextStored' | 'repatriate'>
  private readonly options: RamsterOptions
  private readonly shrinking: SelfShrinking | null
  private sentSinceCompaction = 0
  private nextTick = 0
  private nextLook = Number.NaN

  /** @param pool its order of the stores is asked for */
  constructor(
    core: Pick<CoreMm, 'nextStored' | 'repatriate'>,
    options: RamsterOptions,
    parts: { pool: CompressedPool; codec: PageCodec; remote: RemoteMemory },
  ) {
    const { pool } = parts
    this.core = core
    this.options = options
    this.pool = pool
    this.copies = new RemoteCopies(options.slots, parts)
    this.exclusive = pool.exclusive
    this.frontswap = pool.frontswap
    this.writethrough = pool.writethrough
    this.cleancache = pool.cleancache
    this.shrinking = options.shrink && new SelfShrinking(options.shrink)
  }

  // --- Backend -------------------------------------------------------------------------------------------------------

  store(slot: number, frame: number): boolean {
    this.copies.forget(slot)
    return this.pool.store(slot, frame)
  }

  isRemote(slot: number): boolean {
    return this.copies.isAway(slot)
  }

  load(slot: number, frame: number, take: boolean): boolean {
    const { copies } = this
    const remote = copies.isAway(slot)
    if (remote) copies.load(slot, frame)
    if (take) copies.forget(slot)
    return remote || this.pool.load(slot, frame, take)
  }

  invalidatePage(slot: number): void {
    this.copies.forget(slot)
    this.pool.invalidatePage(slot)
  }

  invalidateArea(): void {
    for (let slot = 0; slot < this.options.slots; slot++) this.copies.forget(slot)
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
    this.copies.poll(now)
    this.lookAtAnswers()
    if (!(now < this.nextLook)) {
      this.nextLook = now + this.options.intervalNs
      this.look(now)
    }
    const pages = this.shrinking?.due(now, this.pool.counters.pers_zpages + this.copies.counters.remote_pers_pages) ?? 0
    if (pages === 0) return
    this.counters.selfshrinks++
    pullBack(pages, this.core, { windowNs: WINDOW_NS, oldestSlot: null })
  }

  // --- Sending -------------------------------------------------------------------------------------------------------

  /** Sends the oldest zpages, each with the one whose frame comes free with its own. */
  private look(now: number): void {
    const { copies, pool } = this
    if (copies.underWay > 0) {
      this.counters.remote_looks_skipped++
      return
    }
    const { frames } = this.options
    let sent = 0
    let looks = LOOKS_PER_FRAME * frames
    for (let zpage = pool.younger(-1); zpage >= 0 && sent < frames && looks > 0; zpage = pool.younger(zpage), looks--) {
      if (!this.send(zpage, now)) continue
      sent++
      const sibling = pool.allocator.siblingOf(zpage)
      if (sibling >= 0) this.send(sibling, now)
    }
    if (sent > 0) copies.poll(now)
  }

  private send(zpage: number, now: number): boolean {
    const { copies, options } = this
    const { allocator } = this.pool
    const slot = allocator.slotOf(zpage)
    const node = copies.nodeOf(slot)
    const bytes = allocator.bytesOf(zpage)
    if (copies.nodeBytes[node] + bytes > options.nodeBytes) return false
    if (now < copies.refusedAt[node] + PAUSE_NS && copies.flushedBytes[node] < bytes) return false
    return copies.put(slot, allocator.locate(zpage), bytes)
  }

  /** What a node has taken is no longer needed here. */
  private lookAtAnswers(): void {
    const { copies, options, pool } = this
    copies.settle((slot) => {
      // It may be on its way to disk in a block of zpages.
      if (pool.index.get(slot) < 0) return false
      pool.invalidatePage(slot)
      this.sentSinceCompaction++
      return true
    })
    if (copies.underWay > 0 || this.sentSinceCompaction === 0) return
    if (options.compaction && pool.allocator.gives === 'compaction') pool.allocator.compact(this.sentSinceCompaction)
    this.sentSinceCompaction = 0
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** Waits for the nodes. @throws RemoteLost */
  comeToRest(): void {
    this.copies.drain()
    this.lookAtAnswers()
    this.copies.drain()
  }

  /** What is wrong with the books, in sentences. `atRest`: nothing may be under way, and the nodes are asked. */
  audit(atRest: boolean): string[] {
    const { copies, options, pool } = this
    const wrong = [...pool.audit(atRest), ...copies.audit(atRest)]
    for (let slot = 0; slot < options.slots; slot++)
      if (copies.isAway(slot) && pool.index.get(slot) >= 0) wrong.push(`slot ${slot} is at a node and in the pool`)
    return wrong
  }
}
