import { PAGE_SIZE, type Progress } from '../../../main/contract/index.ts'

/** One that is under way; the first is 1. */
export interface Trial {
  number: number
  lane: string
}

/** What the live charts draw, one entry per message of the lab; rates are per second. */
export interface LivePoint {
  seconds: number
  /** null where the lab named no lane. */
  trial: Trial | null
  /** Filling the address space too: nothing of it is in the report's figures. */
  warmup: boolean
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
  const { sample, elapsedMs, lane, trial } = progress
  if (!sample || previousElapsedMs === null) return points
  const interval = (elapsedMs - previousElapsedMs) / 1000
  // Two messages at once (a watch opened again) have no rate.
  if (interval < 0.05) return points
  const kept = points.length >= LONGEST ? points.filter((_, at) => at % 2 === 0) : points
  return [
    ...kept,
    {
      seconds: elapsedMs / 1000,
      trial: lane === null ? null : { number: trial.index + 1, lane },
      warmup: sample.warmup,
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

/** When each trial watched was under way: it begins between its first message and the one before. */
export function trialSpans(points: readonly LivePoint[]): (Trial & { from: number; to: number })[] {
  const spans: (Trial & { from: number; to: number })[] = []
  let before: LivePoint | undefined
  for (const point of points) {
    const { seconds, trial } = point
    const last = spans.at(-1)
    if (last) last.to = seconds
    if (trial && (before?.trial?.number !== trial.number || before.trial.lane !== trial.lane)) {
      const from = before ? (before.seconds + seconds) / 2 : seconds
      if (last) last.to = from
      spans.push({ ...trial, from, to: seconds })
    }
    before = point
  }
  return spans
}

/** What was under way at a time: of the point that stands there. */
export function trialAt(points: readonly LivePoint[], seconds: number): Trial | null {
  return points.find((point) => point.seconds >= seconds)?.trial ?? null
}

export const trialText = ({ number, lane }: Trial): string => `${number}: ${lane}`
