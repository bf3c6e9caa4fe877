import type { SwapfileSpec } from '../../contract/index.ts'
import { breach, type IoObserver, MAX_INFLIGHT, type SwapIo, type WriteDone } from '../../swapfile/index.ts'
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
 * Rows are tokens (a page in flight), from a free list; `ready` is a circle of tokens in the order of their ends. Nothing is allocated
 * after construction.
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
  inflight = 0

  private readonly sync: SwapfileSpec['sync']
  private readonly batch: number
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
  private readonly busy: Uint8Array
  private readonly slotOf = new Int32Array(MAX_INFLIGHT)
  private readonly frameOf = new Int32Array(MAX_INFLIGHT)
  private readonly doneOf: (WriteDone | null)[] = new Array<WriteDone | null>(MAX_INFLIGHT).fill(null)
  private readonly endOf = new Float64Array(MAX_INFLIGHT)
  private readonly freeTokens = new Int32Array(MAX_INFLIGHT)
  private freeCount = MAX_INFLIGHT
  private readonly queue: Int32Array
  private queued = 0
  private readonly ready = new Int32Array(MAX_INFLIGHT)
  private readyHead = 0
  private readyCount = 0
  private delivering = false

  constructor(options: Pick<SwapfileSpec, 'sync' | 'batch' | 'io'>, parts: ModelSwapParts) {
    if ((MAX_INFLIGHT & MASK) !== 0) throw new Error('the circle of completions needs a power of two')
    this.slots = parts.slots
    this.sync = options.sync
    this.batch = options.batch
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
    this.busy = new Uint8Array(parts.slots)
    this.queue = new Int32Array(options.batch)
    for (let i = 0; i < MAX_INFLIGHT; i++) this.freeTokens[i] = MAX_INFLIGHT - 1 - i
  }

  read(slot: number, frames: Int32Array, count: number): number {
    if (!(slot >= 0 && slot + count <= this.slots))
      breach(`a read of slots ${slot}..${slot + count - 1} of ${this.slots}`)
    for (let i = 0; i < count; i++) {
      if (this.busy[slot + i]) breach(`slot ${slot + i} is read while its write is under way`)
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
    if (!(slot >= 0 && slot < this.slots)) breach(`a write of slot ${slot} of ${this.slots}`)
    if (this.busy[slot]) breach(`slot ${slot} is written while its write is under way`)
    if (this.freeCount === 0) breach(`more than ${MAX_INFLIGHT} pages are in flight`)
    this.busy[slot] = 1
    const token = this.freeTokens[--this.freeCount]
    this.slotOf[token] = slot
    this.frameOf[token] = frame
    this.doneOf[token] = done
    this.inflight++
    let at = this.queued++
    for (; at > 0 && this.slotOf[this.queue[at - 1]] > slot; at--) this.queue[at] = this.queue[at - 1]
    this.queue[at] = token
    if (this.queued === this.batch) this.flush()
  }

  /** When the next write that was submitted ends; Infinity where none is on the way. */
  get nextEnd(): number {
    return this.readyCount > 0 ? this.endOf[this.ready[this.readyHead]] : Number.POSITIVE_INFINITY
  }

  flush(): void {
    if (this.queued === 0) return
    if (this.uring) this.flushUring()
    else this.flushPsync()
    this.queued = 0
  }

  poll(): number {
    if (this.delivering) return this.deliver() // which refuses
    // mm polls often: where nothing has ended it must cost nothing.
    if (this.readyCount === 0 || this.endOf[this.ready[this.readyHead]] > this.clock.now()) return 0
    return this.deliver()
  }

  wait(): number {
    this.flush()
    if (this.readyCount > 0) this.clock.advanceTo(this.endOf[this.ready[this.readyHead]])
    return this.deliver()
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

  /** Index behind the run of consecutive slots that begins at `from` in the queue. */
  private runEnd(from: number): number {
    const { queue, slotOf } = this
    let to = from + 1
    while (to < this.queued && slotOf[queue[to]] === slotOf[queue[to - 1]] + 1) to++
    return to
  }

  private flushPsync(): void {
    const { clock, observer } = this
    for (let from = 0; from < this.queued; ) {
      const to = this.sync === 'each' ? from + 1 : this.runEnd(from)
      const start = clock.now()
      const durable = this.sync === 'dsync' ? this.syncs.next() : 0
      clock.advanceTo(this.serve(start, this.writes.next() + durable + (to - from - 1) * this.writePageNs))
      observer.onWrite(clock.now() - start)
      if (this.sync === 'each') this.syncNow()
      from = to
    }
    if (this.sync === 'batch') this.syncNow()
    for (let i = 0; i < this.queued; i++) this.pushReady(this.queue[i], clock.now())
  }

  private syncNow(): void {
    const ns = this.syncs.next()
    this.clock.advance(ns)
    this.observer.onSync(ns)
  }

  private flushUring(): void {
    const { queue, queued, observer } = this
    const submitted = this.clock.now()
    let start = Math.max(this.ringFree, submitted)
    let batchEnd = start
    for (let from = 0; from < queued; ) {
      const to = this.sync === 'each' ? from + 1 : this.runEnd(from)
      const durable = this.sync === 'dsync' ? this.syncs.next() : 0
      let end = this.serve(start, this.writes.next() + durable + (to - from - 1) * this.writePageNs)
      for (let i = from; i < to; i++) observer.onWrite(end - submitted)
      if (this.sync === 'each') {
        end += this.syncs.next()
        observer.onSync(end - submitted)
        start = end
      }
      if (this.sync !== 'batch') for (let i = from; i < to; i++) this.pushReady(queue[i], end)
      if (end > batchEnd) batchEnd = end
      from = to
    }
    if (this.sync === 'batch') {
      batchEnd += this.syncs.next()
      observer.onSync(batchEnd - submitted)
      for (let i = 0; i < queued; i++) this.pushReady(queue[i], batchEnd)
    }
    if (this.sync === 'batch' || this.sync === 'each') this.ringFree = batchEnd
  }

  /** Enters a token behind all that end before it or with it; ends mostly come in order, so this is one comparison. */
  private pushReady(token: number, end: number): void {
    this.endOf[token] = end
    let at = this.readyHead + this.readyCount++
    for (; at > this.readyHead; at--) {
      const before = this.ready[(at - 1) & MASK]
      if (this.endOf[before] <= end) break
      this.ready[at & MASK] = before
    }
    this.ready[at & MASK] = token
  }

  private deliver(): number {
    if (this.delivering) breach('poll, wait or drain was called from a WriteDone')
    this.delivering = true
    const now = this.clock.now()
    let pages = 0
    try {
      // What a WriteDone adds ends later than now, so it waits for the next call.
      while (this.readyCount > 0) {
        const token = this.ready[this.readyHead & MASK]
        if (this.endOf[token] > now) break
        this.readyHead = (this.readyHead + 1) & MASK
        this.readyCount--
        const slot = this.slotOf[token]
        const frame = this.frameOf[token]
        const done = this.doneOf[token]
        this.doneOf[token] = null
        this.slotTags[2 * slot] = this.frameTags[2 * frame]
        this.slotTags[2 * slot + 1] = this.frameTags[2 * frame + 1]
        if (this.blocks)
          if (this.mayBeBlock(frame)) this.blocks.contents.write(slot, frame)
          else this.blocks.contents.forget(slot)
        this.busy[slot] = 0
        this.freeTokens[this.freeCount++] = token
        this.inflight--
        pages++
        done?.(slot, frame, true)
      }
    } finally {
      this.delivering = false
    }
    return pages
  }
}
