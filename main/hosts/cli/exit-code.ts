import type { ErrorCode, RunStatus } from '../../contract/index.ts'

/** What the process says to its caller: an interface, documented and tested. */
export const EXIT = { done: 0, failed: 1, badInput: 2, gateBroken: 3 } as const

/** 2 where the caller has to correct the input, else 1. */
export function exitCodeOfFault(code: ErrorCode): number {
  return code === 'bad_input' || code === 'not_found' ? EXIT.badInput : EXIT.failed
}

/** 0 for a run that is done; 1 for every other end. */
export function exitCodeOfRun(status: RunStatus): number {
  return status === 'done' ? EXIT.done : EXIT.failed
}
