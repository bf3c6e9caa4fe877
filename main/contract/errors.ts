import { z } from 'zod'

/**
 * Every way the lab can refuse or fail. A code is stable; the sentence beside it is for a person.
 * `field` is the dotted path of the offending input, where there is one.
 */
export const ErrorCode = z.enum([
  'bad_input', // the request does not satisfy the contract
  'not_found', // no such run, preset, codec, file
  'busy', // another measurement owns this host
  'no_space', // the swap file would not fit with its margin
  'unsafe_target', // the swap directory or an existing file may not be used
  'no_direct_io', // the file system refuses a real direct transfer
  'no_permission', // EPERM, EACCES
  'codec_unavailable', // the system library is missing
  'capture_failed', // page contents could not be read
  'out_of_memory', // no frame can be reclaimed: the lane may not swap to disk, or the kernel gave up
  'io_error', // a read, write or sync of the swap file failed, or another machine's memory is lost
  'mismatch', // a page came back with other content
  'invariant', // the engine's own books do not balance
  'engine_died', // the engine process ended without a last word
  'invalid', // no valid trial of a lane is left
  'cancelled',
  'unavailable', // this host cannot do it; the message says why
  'internal',
])
export type ErrorCode = z.infer<typeof ErrorCode>

export const LabFault = z.object({
  code: ErrorCode,
  message: z.string().describe('one sentence for a person'),
  remedy: z.string().optional().describe('what to do next'),
  field: z.string().optional().describe('dotted path of the input at fault'),
})
export type LabFault = z.infer<typeof LabFault>

/** An error with a code of the contract; the only error class that crosses a room's door on purpose. */
export class LabError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined
  readonly field: string | undefined
  constructor(fault: LabFault, options?: ErrorOptions) {
    super(fault.message, options)
    this.name = 'LabError'
    this.code = fault.code
    this.remedy = fault.remedy
    this.field = fault.field
  }
  toFault(): LabFault {
    return { code: this.code, message: this.message, remedy: this.remedy, field: this.field }
  }
}

/** Any thrown value as a fault: a LabError keeps its code, everything else is `internal` with its message. */
export function faultOf(error: unknown): LabFault {
  if (error instanceof LabError) return error.toFault()
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
