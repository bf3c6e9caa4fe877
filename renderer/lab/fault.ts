import { ORPCError } from '@orpc/client'
import { LabFault } from '../../main/contract/index.ts'
import { ConnectionLost } from './connection.ts'

/** Any error of a call as the contract's fault, so that every page shows a sentence and a remedy. */
export function faultFrom(error: unknown): LabFault {
  if (error instanceof ORPCError) {
    const fault = LabFault.safeParse(error.data)
    if (fault.success) return fault.data
    return {
      code: error.code === 'BAD_REQUEST' ? 'bad_input' : 'internal',
      message: error.message || `The lab refused the request (${error.code}).`,
    }
  }
  if (error instanceof ConnectionLost)
    return {
      code: 'unavailable',
      message: error.message,
      remedy: 'This window keeps trying; check that the lab is still running.',
    }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}

/** What happened and what to do next, where there is room for no more than words. */
export const inWords = ({ message, remedy }: Pick<LabFault, 'message' | 'remedy'>): string =>
  remedy === undefined ? message : `${message} ${remedy}`

/** A refusal of the lab stays a refusal; only a lost connection is worth asking again. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof ConnectionLost
}
