import { resolve } from 'node:path'
import { type TraceExport, writeTrace } from '../../bench/index.ts'
import { type ExperimentSpec, parseSpec, type TraceFormat } from '../../contract/index.ts'

export interface TraceRequest {
  /** As a person wrote it. */
  spec: unknown
  format: TraceFormat
  out: string
  signal?: AbortSignal
}

/**
 * Writes the accesses of a specification to a new file, to be replayed here or by other simulators.
 * @throws LabError `bad_input` (the specification, a file that exists), `not_found`, `no_permission`, `no_space`, `io_error`, `cancelled`
 */
export async function traceToFile({ spec, format, out, signal }: TraceRequest): Promise<TraceExport> {
  const whole: ExperimentSpec = parseSpec(spec)
  return await writeTrace(whole, format, resolve(out), signal)
}
