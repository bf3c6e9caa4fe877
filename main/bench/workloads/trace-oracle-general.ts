import { badTrace } from './trace-file.ts'
import { type TraceSink, UNSAID } from './trace-sink.ts'

/**
 * libCacheSim's oracleGeneral: records without padding, little-endian (traceReader/customizedReader/oracle/oracleGeneralBin.h):
 *
 *   0   4  time, s
 *   4   8  object id
 *   12  4  object size, bytes; its reader passes records with size 0 over, and so does this one
 *   16  8  number, counted from 1, of the next record with this id; -1: none
 */
export const RECORD_BYTES = 24
export const ID_AT = 4
export const SIZE_AT = 12
export const NEXT_AT = 16

/** @throws LabError bad_input where the file ends inside a record */
export async function readOracleGeneral(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  sink: TraceSink,
): Promise<void> {
  let records = 0
  const where = () => `record ${records}`
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of bytes) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    let at = 0
    for (; at + RECORD_BYTES <= data.length; at += RECORD_BYTES) {
      records++
      if (view.getUint32(at + SIZE_AT, true) === 0) continue
      if (!sink.take(view.getUint32(at + ID_AT, true), view.getUint32(at + ID_AT + 4, true), UNSAID, where)) return
    }
    rest = data.slice(at)
  }
  if (rest.length > 0)
    throw badTrace(
      path,
      `it ends inside record ${records + 1} (${rest.length} of ${RECORD_BYTES} bytes)`,
      'Check that it is an oracleGeneral trace and complete; "format: csv" reads text.',
    )
}
