import type { Clock } from '../../mm/index.ts'

/**
 * Time that passes only when a model says so, ns since the trial's start. In a Float64Array, because a double kept in a field
 * is boxed anew at every change.
 */
export class VirtualClock implements Clock {
  private readonly ns = new Float64Array(1)

  now(): number {
    return this.ns[0]
  }

  advance(ns: number): void {
    this.ns[0] += ns
  }

  /** Goes on to a moment; one that has passed already changes nothing. */
  advanceTo(moment: number): void {
    if (moment > this.ns[0]) this.ns[0] = moment
  }
}
