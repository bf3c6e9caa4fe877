import { once } from 'node:events'
import { createWriteStream, openSync, unlinkSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import { type ExperimentSpec, LabError, PAGE_SIZE, type TraceFormat } from '../../contract/index.ts'
import { openAccess } from './access.ts'
import { fileFault } from './corpus-file.ts'
import { type AccessStream, FREE, WRITE } from './stream.ts'
import { ID_AT, NEXT_AT, RECORD_BYTES, SIZE_AT } from './trace-oracle-general.ts'

/** oracleGeneral says of each access when the page is next wanted: 4 bytes an access, 1 GiB at most. */
const MOST_WITH_NEXT = 2 ** 28
/** Accesses to a piece of the file. */
const PIECE = 2 ** 14

export interface TraceExport {
  /** Accesses in the file. */
  accesses: number
  reads: number
  writes: number
  frees: number
  /** Frees of the specification that the format cannot say, and that are not in the file. */
  freesLeftOut: number
  /** Different pages. */
  pages: number
  /** What workload.pages has to be at least where the file is replayed with "ids: pages". */
  addressSpace: number
}

/**
 * Writes the accesses of a specification, warm-up included, to a new file: the id is the page number, the time the access's own number (a closed
 * loop has no other before it is run). A name that ends in .zst is compressed. csv says everything; oracleGeneral knows neither writes nor frees.
 * @throws LabError bad_input (the file exists, too many accesses), no_permission, no_space, io_error, cancelled; those of openAccess
 */
export async function writeTrace(
  spec: ExperimentSpec,
  format: TraceFormat,
  out: string,
  signal?: AbortSignal,
): Promise<TraceExport> {
  const { pages, operations, access } = spec.workload
  if (format === 'oracleGeneral' && operations > MOST_WITH_NEXT)
    throw new LabError({
      code: 'bad_input',
      message: `oracleGeneral is written up to ${MOST_WITH_NEXT} accesses, and these are ${operations}.`,
      remedy: 'Ask for fewer accesses, or write csv.',
      field: 'workload.operations',
    })
  const open = () => openAccess(access, { pages, operations, seed: spec.seed })
  const facts: TraceExport = {
    accesses: 0,
    reads: 0,
    writes: 0,
    frees: 0,
    freesLeftOut: 0,
    pages: 0,
    addressSpace: pages,
  }
  const pieces =
    format === 'csv'
      ? csvPieces(await open(), spec, facts)
      : oracleGeneralPieces(await open(), nextUses(await open(), spec), spec, facts)
  let fd: number
  try {
    fd = openSync(out, 'wx', 0o644)
  } catch (error) {
    throw fileFault(error, `The trace ${out} cannot be written`, 'out')
  }
  try {
    const file = createWriteStream(out, { fd })
    if (out.endsWith('.zst')) await pipeline(pieces, createZstdCompress(), file, { signal })
    else await pipeline(pieces, file, { signal })
    if (!file.closed) await once(file, 'close')
  } catch (error) {
    // A part of a trace looks like a whole one.
    unlinkSync(out)
    if (signal?.aborted)
      throw new LabError(
        { code: 'cancelled', message: 'The trace was cancelled; its file is removed.' },
        { cause: error },
      )
    throw fileFault(error, `The trace ${out} cannot be written`, 'out')
  }
  return facts
}

function* csvPieces(stream: AccessStream, spec: ExperimentSpec, facts: TraceExport): Generator<Buffer> {
  const count = tally(spec, facts)
  let text = 'time,id,op\n'
  for (let time = 0; time < spec.workload.operations; time++) {
    stream.next()
    count(stream)
    text += `${time},${stream.vpn},${stream.op === FREE ? 'f' : stream.op === WRITE ? 'w' : 'r'}\n`
    if (time % PIECE === PIECE - 1) {
      yield Buffer.from(text, 'latin1')
      text = ''
    }
  }
  yield Buffer.from(text, 'latin1')
}

/** For each access that is no free, the number (from 1) of the next to the same page among those; 0: none. */
function nextUses(stream: AccessStream, spec: ExperimentSpec): Uint32Array {
  const { pages, operations } = spec.workload
  const next = new Uint32Array(operations)
  const last = new Int32Array(pages).fill(-1)
  let records = 0
  for (let i = 0; i < operations; i++) {
    stream.next()
    if (stream.op === FREE) continue
    const before = last[stream.vpn]
    last[stream.vpn] = records++
    if (before >= 0) next[before] = records
  }
  return next
}

function* oracleGeneralPieces(
  stream: AccessStream,
  next: Uint32Array,
  spec: ExperimentSpec,
  facts: TraceExport,
): Generator<Buffer> {
  const count = tally(spec, facts)
  let piece = Buffer.alloc(PIECE * RECORD_BYTES)
  let at = 0
  let records = 0
  for (let time = 0; time < spec.workload.operations; time++) {
    stream.next()
    if (stream.op === FREE) {
      facts.freesLeftOut++
      continue
    }
    count(stream)
    const nextUse = next[records++]
    piece.writeUInt32LE(time, at)
    piece.writeUInt32LE(stream.vpn, at + ID_AT)
    piece.writeUInt32LE(PAGE_SIZE, at + SIZE_AT)
    piece.writeBigInt64LE(nextUse === 0 ? -1n : BigInt(nextUse), at + NEXT_AT)
    at += RECORD_BYTES
    if (at === piece.length) {
      yield piece
      piece = Buffer.alloc(PIECE * RECORD_BYTES) // the last is still being written
      at = 0
    }
  }
  yield piece.subarray(0, at)
}

function tally(spec: ExperimentSpec, facts: TraceExport): (access: AccessStream) => void {
  const seen = new Uint8Array(spec.workload.pages)
  return ({ vpn, op }) => {
    facts.accesses++
    if (op === FREE) facts.frees++
    else if (op === WRITE) facts.writes++
    else facts.reads++
    if (seen[vpn] === 0) {
      seen[vpn] = 1
      facts.pages++
    }
  }
}
