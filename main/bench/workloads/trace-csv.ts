import { FREE, READ, WRITE } from './stream.ts'
import { badTrace } from './trace-file.ts'
import { type TraceSink, UNSAID } from './trace-sink.ts'

const NEWLINE = 10
/** A byte order mark, read as latin1. */
const BOM = '\u00ef\u00bb\u00bf'
const MAX_LINE = 4096
const MAX_ID = 2n ** 64n - 1n
const REMEDY =
  'Lines are time,id,op: a number, a whole number below 2^64 (decimal or 0x…), and r, w or f. A header may come first. "format: oracleGeneral" reads libCacheSim\'s binary traces.'

const OPS: ReadonlyMap<string, number> = new Map([
  ['r', READ],
  ['w', WRITE],
  ['f', FREE],
])

/**
 * Reads `time,id,op` lines into the sink until it has enough. The op may be missing, on every line (time,id): on the last one alone it means that the file was cut
 * off, perhaps inside its id. Empty lines count but say nothing. The time is checked to be a number and left at that: the next access starts when the last has ended.
 * @throws LabError bad_input with the line
 */
export async function readCsv(path: string, bytes: AsyncIterable<Uint8Array>, sink: TraceSink): Promise<void> {
  let line = 0
  /** Fields of every line; 0 before the first. */
  let width = 0
  let rest: Uint8Array = new Uint8Array(0)
  const latin1 = new TextDecoder('latin1')
  const take = (text: string): boolean => {
    line++
    const wrong = (problem: string) => badTrace(path, `line ${line}: ${problem}`, REMEDY)
    const trimmed = (line === 1 && text.startsWith(BOM) ? text.slice(BOM.length) : text).trim()
    if (trimmed === '') return true
    if (trimmed.length > MAX_LINE) throw wrong(`it is longer than ${MAX_LINE} characters`)
    const fields = trimmed.split(',')
    const time = fields[0].trim()
    if (time === '' || !Number.isFinite(Number(time))) {
      // A header is the first line and nothing in it is a number.
      if (line === 1 && fields.every((field) => field.trim() !== '' && !Number.isFinite(Number(field)))) return true
      throw wrong(`the time ${JSON.stringify(time)} is no number`)
    }
    if (fields.length < 2 || fields.length > 3) throw wrong(`it has ${fields.length} fields, not 3`)
    if (width === 0) width = fields.length
    else if (fields.length !== width) throw wrong(`it has ${fields.length} fields, and the lines before it ${width}`)
    const id = parseId(fields[1].trim())
    if (id === null) throw wrong(`the id ${JSON.stringify(fields[1].trim())} is no whole number from 0 to 2^64-1`)
    let op: number | undefined = UNSAID
    if (fields.length === 3) {
      op = OPS.get(fields[2].trim().toLowerCase())
      if (op === undefined) throw wrong(`the op ${JSON.stringify(fields[2].trim())} is none of r, w, f`)
    }
    return sink.take(id.low, id.high, op, () => `line ${line}`)
  }
  for await (const chunk of bytes) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start)
      if (end < 0) break
      const part = chunk.subarray(start, end)
      const text = rest.length > 0 ? latin1.decode(Buffer.concat([rest, part])) : latin1.decode(part)
      rest = new Uint8Array(0)
      if (!take(text)) return
      start = end + 1
    }
    if (start < chunk.length) rest = Buffer.concat([rest, chunk.subarray(start)])
    if (rest.length > 2 * MAX_LINE) throw badTrace(path, `line ${line + 1}: it does not end`, REMEDY)
  }
  if (rest.length > 0) take(latin1.decode(rest))
}

function parseId(text: string): { low: number; high: number } | null {
  if (/^\d{1,15}$/.test(text)) {
    const id = Number(text)
    return { low: id >>> 0, high: Math.floor(id / 2 ** 32) }
  }
  if (!/^(\d+|0x[\da-f]+)$/i.test(text)) return null
  const id = BigInt(text)
  return id > MAX_ID ? null : { low: Number(id & 0xffff_ffffn), high: Number(id >> 32n) }
}
