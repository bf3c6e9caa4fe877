import type { SwapfileSpec } from '../../contract/index.ts'
import {
  Batch,
  breach,
  type IoObserver,
  MAX_INFLIGHT,
  PagesInFlight,
  type SwapIo,
  type WriteDone,
} from '../../swapfile/index.ts'
import { Random } from '../workloads/index.ts'
import { type DeviceModel, ServiceSampler } from './device-model.ts'
import type { ModelBlocks } from './model-blocks.ts'
import type { PageTags } from './page-tags.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * A swap area on a device model. It behaves as DirectSwap does: psync does a batch inside flush(), uring goes on meanwhile and
 * holds back everything behind a drained sync; what is on the way is delivered when the virtual clock has passed its end.
 * Neighbours of one submission go to the device as one operation, as the block layer merges them.
 *
 * end  Float64  row = token of PagesInFlight  when its write ends, ns
 *
 * `upcoming` is a circle of the tokens that were submitted, in the order of their ends. Nothing is allocated after construction.
 */

/** Random stream of the device; 1 to 4 are the accesses', the contents' and the trial order's. */
const DEVICE_RANDOM = 5
const MASK = MAX_INFLIGHT - 1

export interface ModelSwapParts {
  slots: number
  clock: VirtualClock
  device: DeviceModel
  tags: PageTags
  /** Blocks of zpages; null where none are written. The arena's pages from `from` up to `to` may hold one. */
  blocks?: { contents: ModelBlocks; from: number; to: number } | null
  /** Of this trial: other trials of the same experiment meet other luck. */
  seed: number
  observer: IoObserver
}

export class ModelSwap implements SwapIo {
  readonly slots: number

  private readonly sync: SwapfileSpec['sync']
  private readonly uring: boolean
  private readonly clock: VirtualClock
  private readonly observer: IoObserver
  private readonly frameTags: Int32Array
  private readonly slotTags: Int32Array
  private readonly reads: ServiceSampler
  private readonly writes: ServiceSampler
  private readonly syncs: ServiceSampler
  private readonly readPageNs: number
  private readonly writePageNs: number
  /** When each channel is free again, ns. */
  private readonly channelFree: Float64Array
  /** When the last drained sync ends: nothing behind it in the ring starts before. */
  private ringFree = 0

  private readonly blocks: { contents: ModelBlocks; from: number; to: number } | null
  private readonly pages: PagesInFlight
  private readonly batch: Batch
  private readonly endOf = new Float64Array(MAX_INFLIGHT)
  private readonly upcoming = new Int32Array(MAX_INFLIGHT)
  private upcomingHead = 0
  private upcomingCount = 0

  constructor(options: Pick<SwapfileSpec, 'sync' | 'batch' | 'io'>, parts: ModelSwapParts) {
    if ((MAX_INFLIGHT & MASK) !== 0) throw new Error('the circle of completions needs a power of two')
    this.slots = parts.slots
    this.sync = options.sync
    this.uring = options.io === 'uring'
    this.clock = parts.clock
    this.observer = parts.observer
    this.frameTags = parts.tags.frames
    this.slotTags = parts.tags.slots
    const { device } = parts
    const random = new Random(parts.seed, DEVICE_RANDOM)
    this.reads = new ServiceSampler(device.read, random)
    this.writes = new ServiceSampler(device.write, random)
    this.syncs = new ServiceSampler(device.sync, random)
    this.readPageNs = device.readPageNs
    this.writePageNs = device.writePageNs
    this.channelFree = new Float64Array(device.channels)
    this.blocks = parts.blocks ?? null
    this.pages = new PagesInFlight(parts.slots)
    this.batch = new Batch(this.pages, options.batch)
  }

  get inflight(): number {
    return this.pages.count
  }

  read(slot: number, frames: Int32Array, count: number): number {
    if (!(slot >= 0 && slot + count <= this.slots))
      breach(`a read of slots ${slot}..${slot + count - 1} of ${this.slots}`)
    this.pages.refuseReading(slot, count)
    for (let i = 0; i < count; i++) {
      const from = 2 * (slot + i)
      const to = 2 * frames[i]
      this.frameTags[to] = this.slotTags[from]
      this.frameTags[to + 1] = this.slotTags[from + 1]
      if (this.blocks && this.mayBeBlock(frames[i])) this.blocks.contents.read(slot + i, frames[i])
    }
    return this.blockingRead(count)
  }

  /** Neighbouring pages of the same device that are no slots of this area. Returns ns. */
  readOther(pages: number): number {
    return this.blockingRead(pages)
  }

  write(slot: number, frame: number, done: WriteDone): void {
    if (this.batch.add(this.pages.begin(slot, frame, done))) this.flush()
  }

  /** When the next write that was submitted ends; Infinity where none is on the way. */
  get nextEnd(): number {
    return this.upcomingCount > 0 ? this.endOf[this.upcoming[this.upcomingHead]] : Number.POSITIVE_INFINITY
  }

  flush(): void {
    if (this.batch.count === 0) return
    if (this.uring) this.flushUring()
    else this.flushPsync()
    this.batch.count = 0
  }

  poll(): number {
    this.endDue()
    return this.pages.deliver()
  }

  wait(): number {
    this.flush()
    if (this.upcomingCount > 0) this.clock.advanceTo(this.nextEnd)
    return this.poll()
  }

  drain(): void {
    while (this.inflight > 0) this.wait()
  }

  private mayBeBlock(page: number): boolean {
    return this.blocks !== null && page >= this.blocks.from && page < this.blocks.to
  }

  private blockingRead(count: number): number {
    const start = this.clock.now()
    const end = this.serve(start, this.reads.next() + (count - 1) * this.readPageNs)
    this.clock.advanceTo(end)
    this.observer.onRead(end - start, count)
    return end - start
  }

  /** Runs one operation on the channel that is free first. Returns when it ends. */
  private serve(from: number, ns: number): number {
    const { channelFree } = this
    let channel = 0
    for (let i = 1; i < channelFree.length; i++) if (channelFree[i] < channelFree[channel]) channel = i
    const free = channelFree[channel]
    const end = Math.max(free, from) + ns
    channelFree[channel] = end
    return end
  }

  private flushPsync(): void {
    const { clock, observer, batch } = this
    for (let from = 0; from < batch.count; ) {
      const to = this.sync === 'each' ? from + 1 : batch.runEnd(from)
      const start = clock.now()
      const durable = this.sync === 'dsync' ? this.syncs.next() : 0
      clock.advanceTo(this.serve(start, this.writes.next() + durable + (to - from - 1) * this.writePageNs))
      observer.onWrite(clock.now() - start)
      if (this.sync === 'each') this.syncNow()
      from = to
    }
    if (this.sync === 'batch') this.syncNow()
    for (let i = 0; i < batch.count; i++) this.submit(batch.tokens[i], clock.now())
  }

  private syncNow(): void {
    const ns = this.syncs.next()
    this.clock.advance(ns)
    this.observer.onSync(ns)
  }

  private flushUring(): void {
    const { batch, observer } = this
    const { tokens, count } = batch
    const submitted = this.clock.now()
    let start = Math.max(this.ringFree, submitted)
    let batchEnd = start
    for (let from = 0; from < count; ) {
      const to = this.sync === 'each' ? from + 1 : batch.runEnd(from)
      const durable = this.sync === 'dsync' ? this.syncs.next() : 0
      let end = this.serve(start, this.writes.next() + durable + (to - from - 1) * this.writePageNs)
      for (let i = from; i < to; i++) observer.onWrite(end - submitted)
      if (this.sync === 'each') {
        end += this.syncs.next()
        observer.onSync(end - submitted)
        start = end
      }
      if (this.sync !== 'batch') for (let i = from; i < to; i++) this.submit(tokens[i], end)
      if (end > batchEnd) batchEnd = end
      from = to
    }
    if (this.sync === 'batch') {
      batchEnd += this.syncs.next()
      observer.onSync(batchEnd - submitted)
      for (let i = 0; i < count; i++) this.submit(tokens[i], batchEnd)
    }
    if (this.sync === 'batch' || this.sync === 'each') this.ringFree = batchEnd
  }

  /** Enters a token behind all that end before it or with it; ends mostly come in order, so this is one comparison. */
  private submit(token: number, end: number): void {
    this.endOf[token] = end
    let at = this.upcomingHead + this.upcomingCount++
    for (; at > this.upcomingHead; at--) {
      const before = this.upcoming[(at - 1) & MASK]
      if (this.endOf[before] <= end) break
      this.upcoming[at & MASK] = before
    }
    this.upcoming[at & MASK] = token
  }

  /** What the clock has passed is on disk. */
  private endDue(): void {
    for (const now = this.clock.now(); this.nextEnd <= now; this.upcomingCount--) {
      const token = this.upcoming[this.upcomingHead]
      this.upcomingHead = (this.upcomingHead + 1) & MASK
      this.put(this.pages.slot[token], this.pages.frame[token])
      this.pages.end(token)
    }
  }

  private put(slot: number, frame: number): void {
    this.slotTags[2 * slot] = this.frameTags[2 * frame]
    this.slotTags[2 * slot + 1] = this.frameTags[2 * frame + 1]
    if (!this.blocks) return
    if (this.mayBeBlock(frame)) this.blocks.contents.write(slot, frame)
    else this.blocks.contents.forget(slot)
  }
}
