/** Takes one measured value, ns. A Histogram is one. */
export interface Recorder {
  record(ns: number): void
}
