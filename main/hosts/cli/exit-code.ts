import type { ErrorCode, RunStatus } from '../../contract/index.ts'

/** What the process says to its caller: an interface, documented and tested. */
export const EXIT = { done: 0, failed: 1, badInput: 2, gateBroken: 3 } as const

export function exitCodeOfFault(code: ErrorCode): number {
  return code === 'bad_input' || code === 'not_found' ? EXIT.badInput : EXIT.failed
}

export function exitCodeOfRun(status: RunStatus): number {
  return status === 'done' ? EXIT.done : EXIT.failed
}
