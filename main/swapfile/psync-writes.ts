import { type Arena, native } from '../../native-bench/index.ts'
import type { SwapfileSpec } from '../contract/index.ts'
import type { Batch } from './batch.ts'
import type { DiskReports, DiskWrites } from './disk-writes.ts'
import type { PagesInFlight } from './pages-in-flight.ts'

/** Writes by pwritev, a run of consecutive slots each, and fdatasync: a batch has ended when it is sent. */
export class PsyncWrites implements DiskWrites {
  private readonly file: number
  private readonly arena: Arena
  private readonly sync: SwapfileSpec['sync']
  private readonly pages: PagesInFlight
  private readonly reports: DiskReports
  private readonly frames: Int32Array

  constructor(
    file: number,
    arena: Arena,
    options: Pick<SwapfileSpec, 'sync' | 'batch'>,
    pages: PagesInFlight,
    reports: DiskReports,
  ) {
    this.file = file
    this.arena = arena
    this.sync = options.sync
    this.pages = pages
    this.reports = reports
    this.frames = new Int32Array(options.batch)
  }

  send(batch: Batch): void {
    const { pages, sync } = this
    const { tokens, count } = batch
    for (let from = 0; from < count; ) {
      const to = sync === 'each' ? from + 1 : batch.runEnd(from)
      const slot = pages.slot[tokens[from]]
      const ok = this.write(batch, from, to) && (sync !== 'each' || this.datasync(slot))
      if (!ok) for (let i = from; i < to; i++) pages.ok[tokens[i]] = 0
      from = to
    }
    const synced = sync !== 'batch' || this.datasync(pages.slot[tokens[0]])
    for (let i = 0; i < count; i++) {
      if (!synced) pages.ok[tokens[i]] = 0
      pages.end(tokens[i])
    }
  }

  collect(): void {}

  collectBlocking(): void {}

  close(): void {}

  private write({ tokens }: Batch, from: number, to: number): boolean {
    const { pages, frames, reports } = this
    for (let i = from; i < to; i++) frames[i - from] = pages.frame[tokens[i]]
    const slot = pages.slot[tokens[from]]
    try {
      // Page 0 of the file is its header.
      const ns = native.fileWriteVector(this.file, this.arena.id, frames, to - from, slot + 1)
      reports.observer?.onWrite(ns)
      return true
    } catch (error) {
      reports.failed('write', slot, error)
      return false
    }
  }

  private datasync(slot: number): boolean {
    try {
      const ns = native.fileDatasync(this.file)
      this.reports.observer?.onSync(ns)
      return true
    } catch (error) {
      this.reports.failed('sync', slot, error)
      return false
    }
  }
}
