import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LabError, LIMITS, type TraceAccess } from '../../contract/index.ts'
import { AccessPattern } from './access-pattern.ts'
import { type AccessShape, type AccessStream, FREE, WRITE } from './stream.ts'
import { readCsv } from './trace-csv.ts'
import { badTrace, traceBytes, traceIdentity } from './trace-file.ts'
import { DenseIds } from './trace-ids.ts'
import { readOracleGeneral } from './trace-oracle-general.ts'
import { type TraceSink, UNSAID } from './trace-sink.ts'

/**
 * A trace as an access pattern. It is read once, checked whole, and kept as one word an access (vpn << 2 | op), so that every trial of every lane
 * replays the same, synchronously, and at the same small price. Up to KEEP accesses stay in memory; more go to a file without a name in
 * the directory for temporary files, 4 bytes an access, which is gone with the process.
 */

/** 16 MiB */
const KEEP = 2 ** 22
/** Accesses read back at a time: 256 KiB. */
const WINDOW = 2 ** 16
const WORD = Uint32Array.BYTES_PER_ELEMENT

interface Trace {
  accesses: number
  /** All of them, or none where they are in the file. */
  words: Uint32Array
  fd: number | null
}

type Wanted = Pick<AccessShape, 'pages' | 'operations'>

/** An engine process carries out one experiment, and all its trials replay one trace. */
let latest: { key: string; trace: Trace } | null = null

/**
 * The accesses of a trace file, from the start again when they run out. A free of a page that is free already is passed over, and the first touch of a freed
 * page writes it, as the interface of streams asks.
 * @throws LabError not_found, no_permission, io_error; bad_input: with the line or record, or naming how many pages are needed
 */
export async function openTrace(spec: TraceAccess, shape: AccessShape): Promise<AccessStream> {
  const key = traceKey(spec, shape)
  if (latest?.key !== key) latest = { key, trace: await loadTrace(spec, shape) }
  return new Replay(latest.trace, spec, shape)
}

/** What was found at the last look: a form asks at every change. */
let checked: { key: string; fault: LabError | null } | null = null

/** Reads as much of a trace as stays in memory, and keeps none of it. @throws LabError as openTrace */
export async function checkTrace(spec: TraceAccess, { pages, operations }: Wanted): Promise<void> {
  const wanted = { pages, operations: Math.min(operations, KEEP) }
  const key = traceKey(spec, wanted)
  if (checked?.key !== key) checked = { key, fault: await faultOfTrace(spec, wanted) }
  if (checked.fault) throw checked.fault
}

async function faultOfTrace(spec: TraceAccess, wanted: Wanted): Promise<LabError | null> {
  try {
    await loadTrace(spec, wanted)
    return null
  } catch (error) {
    if (error instanceof LabError) return error
    throw error
  }
}

/** Traces with the same are replayed alike. @throws LabError as traceIdentity */
function traceKey({ writes: _, ...file }: TraceAccess, { pages, operations }: Wanted): string {
  return JSON.stringify([file, traceIdentity(file.path), pages, operations])
}

async function loadTrace(spec: TraceAccess, wanted: Wanted): Promise<Trace> {
  const collector = new Collector(spec, wanted)
  const read = spec.format === 'csv' ? readCsv : readOracleGeneral
  await read(spec.path, traceBytes(spec.path), collector)
  return collector.trace()
}

class Collector implements TraceSink {
  private readonly spec: TraceAccess
  private readonly pages: number
  private readonly most: number
  private readonly ids = new DenseIds()
  private words = new Uint32Array(WINDOW)
  private filled = 0
  private spilled = 0
  private fd: number | null = null
  private touches = 0

  constructor(spec: TraceAccess, { pages, operations }: Wanted) {
    this.spec = spec
    this.pages = pages
    this.most = Math.min(spec.limit ?? Number.POSITIVE_INFINITY, operations)
  }

  take(idLow: number, idHigh: number, op: number, where: () => string): boolean {
    const vpn = this.spec.ids === 'pages' ? this.pageOf(idLow, idHigh, where) : this.ids.numberOf(idLow, idHigh)
    if (vpn >= LIMITS.pages.max)
      throw badTrace(
        this.spec.path,
        `${where()} brings the ${vpn + 1}th id, and an address space has at most ${LIMITS.pages.max} pages`,
        'Replay only its beginning: set "limit" to fewer accesses than that.',
        'workload.access.limit',
      )
    if (op !== FREE) this.touches++
    if (this.filled === this.words.length) this.makeRoom()
    this.words[this.filled++] = (vpn << 2) | op
    return this.spilled + this.filled < this.most
  }

  trace(): Trace {
    const { spec, ids } = this
    if (this.touches === 0)
      throw badTrace(spec.path, 'it holds no access that reads or writes', 'Give a trace with at least one.')
    if (ids.size > this.pages)
      throw badTrace(
        spec.path,
        `its ${this.spilled + this.filled} accesses have ${ids.size} different ids, and workload.pages is ${this.pages}`,
        `Set workload.pages to ${ids.size} or more, or "limit" to fewer accesses.`,
        'workload.pages',
      )
    if (this.fd === null) return { accesses: this.filled, words: this.words.slice(0, this.filled), fd: null }
    this.spill()
    return { accesses: this.spilled, words: new Uint32Array(0), fd: this.fd }
  }

  private pageOf(idLow: number, idHigh: number, where: () => string): number {
    if (idHigh === 0 && idLow < this.pages) return idLow
    const id = (BigInt(idHigh) << 32n) | BigInt(idLow)
    throw badTrace(
      this.spec.path,
      `${where()}: the id ${id} is none of the pages 0 to ${this.pages - 1}`,
      `Set workload.pages to more than ${id}, or "ids: dense" where ids are no page numbers.`,
      idHigh === 0 && idLow < LIMITS.pages.max ? 'workload.pages' : 'workload.access.ids',
    )
  }

  private makeRoom(): void {
    if (this.words.length < KEEP) {
      const words = new Uint32Array(this.words.length * 2)
      words.set(this.words)
      this.words = words
    } else this.spill()
  }

  private spill(): void {
    this.fd ??= namelessFile()
    const bytes = new Uint8Array(this.words.buffer, 0, this.filled * WORD)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at)
    } catch (error) {
      closeSync(this.fd)
      throw new LabError(
        {
          code: 'no_space',
          message: `A long trace is kept in ${tmpdir()}, which failed: ${error instanceof Error ? error.message : error}.`,
          remedy: `Free some space there, set TMPDIR to another directory, or set "limit"; an access takes ${WORD} bytes.`,
          field: 'workload.access.limit',
        },
        { cause: error },
      )
    }
    this.spilled += this.filled
    this.filled = 0
  }
}

/** For this process alone; its space comes back when the process ends, however it ends. */
function namelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'swaplab-trace-'))
  try {
    return openSync(join(folder, 'accesses'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

class Replay extends AccessPattern {
  private readonly trace: Trace
  /** 1 for a page that was freed and not touched since. */
  private readonly freed: Uint8Array
  private readonly words: Uint32Array
  private readonly bytes: Uint8Array
  /** Words of the window in use, the next of them, and the place of the window behind them in the trace. */
  private filled: number
  private cursor = 0
  private ahead: number

  constructor(trace: Trace, spec: TraceAccess, shape: AccessShape) {
    super(spec, shape)
    this.trace = trace
    this.freed = new Uint8Array(shape.pages)
    this.words = trace.fd === null ? trace.words : new Uint32Array(WINDOW)
    this.bytes = new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength)
    this.filled = trace.fd === null ? trace.accesses : 0
    this.ahead = this.filled
  }

  next(): void {
    for (;;) {
      if (this.cursor === this.filled) this.refill()
      const word = this.words[this.cursor++]
      const vpn = word >>> 2
      const said = word & 3
      if (said === FREE) {
        if (this.freed[vpn] === 1) continue
        this.freed[vpn] = 1
        this.free(vpn)
        return
      }
      if (said === UNSAID) this.touch(vpn)
      else if (said === WRITE) this.write(vpn)
      else this.read(vpn)
      if (this.freed[vpn] === 1) {
        this.freed[vpn] = 0
        this.write(vpn)
      }
      return
    }
  }

  private refill(): void {
    const { fd, accesses } = this.trace
    this.cursor = 0
    if (fd === null) return
    if (this.ahead === accesses) this.ahead = 0
    const count = Math.min(WINDOW, accesses - this.ahead)
    for (let at = 0; at < count * WORD; ) {
      const got = readSync(fd, this.bytes, at, count * WORD - at, this.ahead * WORD + at)
      if (got === 0) throw new RangeError('the kept trace ends early')
      at += got
    }
    this.filled = count
    this.ahead += count
  }
}
