import { native } from '../../../native-bench/index.ts'
import { Histogram, type HistogramData } from '../measure/histogram.ts'
import { WRITE } from '../workloads/index.ts'
import type { LiveParts } from './live-memory.ts'

/** Faults measured: enough for a p99. */
const PAGES = 512
const SWEEPS = 4
const EVENTS = 16
const FAULT_ROW = 2

/**
 * A fault with nothing behind it: the same touch, the same way to JavaScript and back, and a page of zeros that was never anywhere else. What a lane's
 * fault takes beyond it is the engine's.
 */
export function nullFaults(threads: number, parts: Omit<LiveParts, 'threads'>): HistogramData {
  const histogram = new Histogram()
  const live = native.liveOpen(PAGES, threads)
  try {
    native.liveContents(live, parts.corpus.arena, new Uint32Array(PAGES))
    const accesses = Uint32Array.from({ length: PAGES }, (_, vpn) => (vpn << 2) | WRITE)
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      if (threads === 0) ownFaults(live, accesses, histogram)
      else threadFaults(live, accesses, histogram)
      for (let vpn = 0; vpn < PAGES; vpn++) native.liveDiscard(live, vpn)
    }
  } finally {
    native.liveClose(live)
  }
  return histogram.toData()
}

function ownFaults(live: number, accesses: Uint32Array, histogram: Histogram): void {
  const state = new Float64Array(3)
  for (let at = 0; ; at++) {
    at = native.liveRun(live, accesses, at, accesses.length)
    if (at === accesses.length) return
    native.liveZero(live, accesses[at] >> 2, 0)
    histogram.record(native.liveResume(live, state))
  }
}

function threadFaults(live: number, accesses: Uint32Array, histogram: Histogram): void {
  const events = new Uint32Array(EVENTS)
  const rows = new Float64Array(FAULT_ROW * accesses.length)
  native.liveStart(live, accesses, accesses.length)
  for (;;) {
    const count = native.liveWait(live, events, 1000)
    if (count < 0) break
    for (let n = 0; n < count; n++) native.liveZero(live, events[n] >>> 1, 0)
  }
  const { count } = native.liveFaults(live, rows)
  for (let row = 0; row < count; row++) histogram.record(rows[FAULT_ROW * row + 1])
}
