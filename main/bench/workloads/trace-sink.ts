/** The op of an access where the trace has none; beside READ, WRITE and FREE. */
export const UNSAID = 3

export interface TraceSink {
  /**
   * One access of the trace. `where` names its place in the file, for errors.
   * @returns whether more are wanted
   */
  take(idLow: number, idHigh: number, op: number, where: () => string): boolean
}
