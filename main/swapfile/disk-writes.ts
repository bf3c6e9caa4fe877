import type { Batch } from './batch.ts'
import type { IoObserver, SwapIoError } from './swap-io.ts'

/** A way to write the batches of a swap area to its file. What has ended, it ends in PagesInFlight. */
export interface DiskWrites {
  /** Sends a batch that is not empty, with its sync. */
  send(batch: Batch): void
  /** Looks for what has ended. Never blocks. */
  collect(): void
  /** Waits until more has ended; something is under way. */
  collectBlocking(): void
  /** Waits until the disk is done with the arena, and ends nothing any more. */
  close(): void
}

/** Who hears of each operation. */
export interface DiskReports {
  readonly observer: IoObserver | null
  failed(operation: 'read' | 'write' | 'sync', slot: number, cause: unknown): SwapIoError
}
