import { resolve } from 'node:path'
import { type TraceExport, writeTrace } from '../../bench/index.ts'
import { type ExperimentSpec, parseSpec, type TraceFormat } from '../../contract/index.ts'

export interface TraceRequest {
  /** As a person wrote it. */
  spec: unknown
  format: TraceFormat
  out: string
}

/**
 * Writes the accesses of a specification to a new file, to be replayed here or by other simulators.
 * @throws LabError `bad_input` (the specification, a file that exists), `not_found`, `no_permission`, `no_space`, `io_error`
 */
export async function traceToFile({ spec, format, out }: TraceRequest): Promise<TraceExport> {
  const whole: ExperimentSpec = parseSpec(spec)
  return await writeTrace(whole, format, resolve(out))
}
