import { PAGE_SIZE, type Progress } from '../../../main/contract/index.ts'

/** What the live charts draw, one entry per message of the lab; rates are per second. */
export interface LivePoint {
  seconds: number
  pool: number
  swapcache: number
  disk: number
  zero: number
  zeromap: number
  file: number
  cleancache: number
  remote: number
  poolFrames: number
  bytesWritten: number
  bytesRead: number
  bytesWrittenBack: number
}

/** A run of hours keeps its shape: beyond this every second point is dropped. */
const LONGEST = 2_000

/** Appends a message. Its counters cover the time since the message before, so a rate needs both. */
export function appendLive(
  points: readonly LivePoint[],
  progress: Progress,
  previousElapsedMs: number | null,
): readonly LivePoint[] {
  const { sample, elapsedMs } = progress
  if (!sample || previousElapsedMs === null) return points
  const interval = (elapsedMs - previousElapsedMs) / 1000
  // Two messages at once (a watch opened again) have no rate.
  if (interval < 0.05) return points
  const kept = points.length >= LONGEST ? points.filter((_, at) => at % 2 === 0) : points
  return [
    ...kept,
    {
      seconds: elapsedMs / 1000,
      pool: sample.faultsPool / interval,
      swapcache: sample.faultsSwapcache / interval,
      disk: sample.faultsDisk / interval,
      zero: sample.faultsZero / interval,
      zeromap: sample.faultsZeromap / interval,
      file: sample.faultsFile / interval,
      cleancache: sample.faultsCleancache / interval,
      remote: sample.faultsRemote / interval,
      poolFrames: sample.poolFrames,
      bytesWritten: sample.bytesWritten / interval,
      bytesRead: sample.bytesRead / interval,
      bytesWrittenBack: (sample.writtenBack * PAGE_SIZE) / interval,
    },
  ]
}
