/** Between the engine and the measuring process: one question at a time, structured clone. */
export type ToMeasure =
  | { kind: 'open'; corpus: Uint8Array; corpusPages: Uint32Array; zeroPages: number }
  /** `starts` as for memoryReplay; absent: one after the other. */
  | { kind: 'replay'; accesses: Uint32Array; classify: boolean; starts?: Float64Array }
  /** Pages out one page after the other, having touched it first. */
  | { kind: 'store'; vpns: Uint32Array }
  /** Touches one page after the other, and checks it. */
  | { kind: 'load'; vpns: Uint32Array }
  /** Stores and loads pages of zeros, which this kernel keeps as a mark: what the way itself costs. */
  | { kind: 'path' }
  /**
   * Pages out one page after the other, each touched before, waiting `pauseUs` after each, until the kernel has written back
   * `writtenBack` pages since the first of them, or `limitMs` have passed. Begins again at `from` after `pages` of them.
   */
  | { kind: 'nudge'; from: number; pages: number; pauseUs: number; writtenBack: number; limitMs: number }
  | { kind: 'verify'; from: number; pages: number }
  /** Opens a block device, and memory for the workload's pages beside it, each with its content. Needs the right to open it. */
  | { kind: 'block-open'; path: string; corpus: Uint8Array; corpusPages: Uint32Array; zeroPages: number }
  /** Writes pages to, or reads them from, their place on the device, past the page cache, one by one. What is read is compared. */
  | { kind: 'block'; op: 'write' | 'read'; pages: Uint32Array }
  /** With `restartPeak`, the largest resident set is from now on that of the time to come. */
  | { kind: 'usage'; restartPeak?: boolean }
  /** From now on this process runs on one CPU only. */
  | { kind: 'pin'; cpu: number }

export interface MeasureAnswers {
  open: { pid: number }
  replay: {
    latencies: Float64Array
    kinds: Uint8Array
    /** When each access began, where it had a time. */
    starts: Float64Array
    elapsedNs: number
    verified: number
    /** vpn, or -1 */
    mismatch: number
    /** In the order of VMSTAT_COUNTERS. */
    vmstat: Float64Array
  }
  store: { latencies: Float64Array }
  load: { latencies: Float64Array; mismatch: number }
  path: { stores: Float64Array; loads: Float64Array }
  /** Pages written back, and when: rows of (ns since the first nudge, pages since it), where the count had changed. */
  nudge: { nudges: number; progress: Float64Array }
  verify: { verified: number; mismatch: number }
  'block-open': { pid: number }
  /** Pages from corpusPages.length on are the pages of zeros. */
  block: { latencies: Float64Array; mismatch: number }
  usage: { userS: number; sysS: number; maxRssBytes: number; peakRestarted: boolean; vmstat: Float64Array }
  pin: null
}

export type FromMeasure = { ok: true; answer: unknown } | { ok: false; message: string; code?: string }
