import { type Arena, native } from '../../native-bench/index.ts'
import { PAGE_SIZE, type SwapfileSpec } from '../contract/index.ts'
import type { Batch } from './batch.ts'
import type { DiskReports, DiskWrites } from './disk-writes.ts'
import { MAX_INFLIGHT, type PagesInFlight } from './pages-in-flight.ts'
import { breach } from './swap-io.ts'

/**
 * Writes through an io_uring: a batch is one submission with its fdatasync behind it, linked to the write where it is one (batches then overlap), else
 * drained (it starts when every write before it has ended, and later ones wait for it); the caller goes on meanwhile.
 *
 * Beside the rows of PagesInFlight:
 *
 * groupOf         Int32  row = token  its group
 * nextOf          Int32  row = token  the group's next page, NONE at the end
 * runOf           Int32  row = token  first token of the run it went out with
 * runPages        Int32  row = first token of a run
 *
 * A *group* is what becomes durable together with one fdatasync, or a run where there is none. Groups are a circle, oldest first: one that has ended
 * before an older one keeps its row until that ends too.
 *
 * firstOf         Int32  row = group  its first page
 * operationsLeft  Int32  row = group  its writes and its sync, as far as they have not ended
 * synced          Uint8  row = group  1 until its sync fails
 */

/** Most operations in the ring: two of the largest batches with their syncs. */
export const RING_ENTRIES = 514
export const ROW = 4 // token, result, submittedNs, completedNs
const NONE = -1

export class RingWrites implements DiskWrites {
  private readonly ring: number
  private readonly arena: Arena
  private readonly sync: SwapfileSpec['sync']
  private readonly polled: boolean
  private readonly pages: PagesInFlight
  private readonly reports: DiskReports

  private readonly groupOf = new Int32Array(MAX_INFLIGHT)
  private readonly nextOf = new Int32Array(MAX_INFLIGHT)
  private readonly runOf = new Int32Array(MAX_INFLIGHT)
  private readonly runPages = new Int32Array(MAX_INFLIGHT)
  private readonly firstOf = new Int32Array(MAX_INFLIGHT)
  private readonly operationsLeft = new Int32Array(MAX_INFLIGHT)
  private readonly synced = new Uint8Array(MAX_INFLIGHT)
  private oldest = 0
  private groups = 0
  private readonly frames: Int32Array
  private readonly rows = new Float64Array(ROW * RING_ENTRIES)

  /** @param ring becomes this one's to close */
  constructor(
    ring: number,
    arena: Arena,
    options: Pick<SwapfileSpec, 'sync' | 'batch'> & { polled: boolean },
    pages: PagesInFlight,
    reports: DiskReports,
  ) {
    this.ring = ring
    this.arena = arena
    this.sync = options.sync
    this.polled = options.polled
    this.pages = pages
    this.reports = reports
    this.frames = new Int32Array(options.batch)
  }

  send(batch: Batch): void {
    const { count } = batch
    const { sync } = this
    for (let from = 0, to = 0; from < count; from = to) {
      to = sync === 'batch' ? count : sync === 'each' ? from + 1 : batch.runEnd(from)
      const group = this.openGroup(batch, from, to)
      for (let run = from; run < to; ) {
        const end = batch.runEnd(run, to)
        this.sendRun(batch, run, end)
        run = end
      }
      if (!this.syncs) continue
      // Group numbers stand above the tokens of pages.
      const token = MAX_INFLIGHT + group
      // One write holds up nobody else's; several are waited for by draining the ring.
      if (batch.runEnd(from, to) === to && native.uringLinkedDatasync(this.ring, token)) continue
      while (!native.uringDatasync(this.ring, token)) this.collectBlocking(1)
    }
    native.uringSubmit(this.ring)
  }

  collect(): void {
    let rows: number
    do {
      rows = native.uringPoll(this.ring, this.rows)
      this.absorb(rows)
    } while (rows === RING_ENTRIES)
  }

  /** The default: little is deliverable before the oldest group ends, and waking up for each of its writes would only cost. */
  collectBlocking(atLeast = this.operationsLeft[this.oldest]): void {
    const rows = this.polled ? this.spin() : native.uringWait(this.ring, this.rows, atLeast)
    if (rows === 0) breach(`${this.pages.count} pages are in flight and the ring is empty`)
    this.absorb(rows)
  }

  close(): void {
    // Ends when nothing is under way, whatever the completions say.
    while (native.uringWait(this.ring, this.rows, 1) > 0);
    native.uringClose(this.ring)
  }

  private get syncs(): boolean {
    return this.sync === 'batch' || this.sync === 'each'
  }

  /** Counts its operations before the first submission: collecting meanwhile may already end some of them. */
  private openGroup(batch: Batch, from: number, to: number): number {
    const { tokens } = batch
    const group = (this.oldest + this.groups++) % MAX_INFLIGHT
    let operations = this.syncs ? 1 : 0
    for (let run = from; run < to; run = batch.runEnd(run, to)) operations++
    this.operationsLeft[group] = operations
    this.synced[group] = 1
    this.firstOf[group] = NONE
    for (let i = from; i < to; i++) {
      this.groupOf[tokens[i]] = group
      this.nextOf[tokens[i]] = this.firstOf[group]
      this.firstOf[group] = tokens[i]
    }
    return group
  }

  private sendRun({ tokens }: Batch, from: number, to: number): void {
    const { ring, arena, pages, frames } = this
    const first = tokens[from]
    this.runPages[first] = to - from
    for (let i = from; i < to; i++) {
      this.runOf[tokens[i]] = first
      frames[i - from] = pages.frame[tokens[i]]
    }
    // Page 0 of the file is its header.
    const place = pages.slot[first] + 1
    // A single page takes the pinned buffers.
    if (to - from === 1) while (!native.uringWrite(ring, arena.id, frames[0], 1, place, first)) this.collectBlocking(1)
    else while (!native.uringWriteVector(ring, arena.id, frames, to - from, place, first)) this.collectBlocking(1)
  }

  /** Submits, and looks for completions until there are some. */
  private spin(): number {
    let rows = 0
    do {
      native.uringSubmit(this.ring)
      rows = native.uringPoll(this.ring, this.rows)
    } while (rows === 0 && this.pages.count > 0)
    return rows
  }

  private absorb(rows: number): void {
    for (let at = 0; at < rows * ROW; at += ROW) {
      const token = this.rows[at]
      const result = this.rows[at + 1]
      const ns = this.rows[at + 3] - this.rows[at + 2]
      if (token < MAX_INFLIGHT) this.writeEnded(token, result, ns)
      else this.syncEnded(token - MAX_INFLIGHT, result, ns)
    }
  }

  /** @param run its first token */
  private writeEnded(run: number, result: number, ns: number): void {
    const { pages, reports } = this
    const group = this.groupOf[run]
    if (result === this.runPages[run] * PAGE_SIZE) reports.observer?.onWrite(ns)
    else {
      for (let page = this.firstOf[group]; page !== NONE; page = this.nextOf[page])
        if (this.runOf[page] === run) pages.ok[page] = 0
      reports.failed('write', pages.slot[run], reasonOf(result))
    }
    this.operationEnded(group)
  }

  private syncEnded(group: number, result: number, ns: number): void {
    const { pages, reports } = this
    if (result === 0) reports.observer?.onSync(ns)
    else {
      this.synced[group] = 0
      reports.failed('sync', pages.slot[this.firstOf[group]], reasonOf(result))
    }
    this.operationEnded(group)
  }

  /** With the last operation of a group its pages have ended. */
  private operationEnded(group: number): void {
    const { pages, operationsLeft } = this
    if (--operationsLeft[group] > 0) return
    for (let token = this.firstOf[group]; token !== NONE; token = this.nextOf[token]) {
      pages.ok[token] &= this.synced[group]
      pages.end(token)
    }
    for (; this.groups > 0 && operationsLeft[this.oldest] === 0; this.groups--)
      this.oldest = (this.oldest + 1) % MAX_INFLIGHT
  }
}

/** Why an operation of the ring came to so little. */
export function reasonOf(result: number): string {
  return result < 0 ? `errno ${-result}` : `only ${result} bytes were transferred`
}
