/** Where time comes from: the host's monotonic clock, or a virtual one. ns. */
export interface Clock {
  now(): number
}
