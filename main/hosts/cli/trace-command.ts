import { resolve } from 'node:path'
import type { TraceFormat } from '../../contract/index.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { onSignals } from './signals.ts'
import { readSpec, type SpecInput } from './spec-input.ts'

export interface TraceOptions extends SpecInput {
  out: string
  format: TraceFormat
}

/** Writes the accesses of a specification to a file. */
export async function traceCommand(client: Client, options: TraceOptions, out: Output): Promise<undefined> {
  const spec = await readSpec(client, options)
  const { traceToFile } = await labDoor()
  const file = resolve(options.out)
  const cancel = new AbortController()
  const stop = () => cancel.abort()
  const letGo = onSignals({ first: stop, second: stop })
  const request = { spec, format: options.format, out: file, signal: cancel.signal }
  const facts = await traceToFile(request).finally(letGo)
  out.product({ ...facts, format: options.format, out: file }, () => {
    const { accesses, reads, writes, frees, pages, freesLeftOut } = facts
    const left =
      options.format === 'csv'
        ? ''
        : `\nThis format has no writes and no frees: ${writes} writes stand in it as accesses, ${freesLeftOut} frees were left out.`
    return (
      `${accesses} accesses (${reads} reads, ${writes} writes, ${frees} frees) to ${pages} pages, in ${file}.${left}\n` +
      `It is replayed by: ${replayedBy(file, options.format, facts)}`
    )
  })
  return undefined
}

/** A part of a specification, as YAML. Where the format does not say which accesses are writes, as large a share of them is. */
export function replayedBy(
  file: string,
  format: TraceFormat,
  { addressSpace, reads, writes }: { addressSpace: number; reads: number; writes: number },
): string {
  const share = format === 'csv' ? '' : `, writes: ${Number((writes / Math.max(1, reads + writes)).toFixed(3))}`
  return `workload: { pages: ${addressSpace}, access: { pattern: trace, path: ${JSON.stringify(file)}, format: ${format}, ids: pages${share} } }`
}
