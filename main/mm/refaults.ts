import type { Recorder } from './recorder.ts'

/** Where refaults are recorded. */
export interface RefaultMeters {
  /** From the writeback of a page to the fault that reads it from disk again, ns. */
  refaultTime: Recorder
  /** The same in faults: how many there were meanwhile (the kernel's workingset counts evictions). */
  refaultDistance: Recorder
}

/**
 * When each slot's page was written back:
 *
 * at      Float64  row = slot  ns; NaN once the page was wanted again: it may be dropped clean and read many times after that, by nobody's writeback
 * faults  Float64  row = slot  faults until then
 *
 * A row says something only while its slot is marked as written back. For the lab's eyes alone: not charged to a lane.
 */
export class Refaults {
  private readonly at: Float64Array
  private readonly faults: Float64Array
  private readonly meters: RefaultMeters

  constructor(slots: number, meters: RefaultMeters) {
    this.at = new Float64Array(slots)
    this.faults = new Float64Array(slots)
    this.meters = meters
  }

  writtenBack(slot: number, now: number, faults: number): void {
    this.at[slot] = now
    this.faults[slot] = faults
  }

  wanted(slot: number, now: number, faults: number): void {
    const at = this.at[slot]
    if (Number.isNaN(at)) return
    this.at[slot] = Number.NaN
    this.meters.refaultTime.record(now - at)
    this.meters.refaultDistance.record(faults - this.faults[slot])
  }
}
