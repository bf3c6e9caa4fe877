import { Arena, LARGE_PAGE_SIZE, native } from '../../../native-bench/index.ts'
import { type Calibration, LabError, PAGE_SIZE } from '../../contract/index.ts'
import type { Swapfile } from '../../swapfile/index.ts'
import { Histogram } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import type { FioJob } from './fio.ts'

/** The ways to drive a disk that are calibrated, each with what fio has to be asked for the same. */

type DiskRow = Calibration['disk'][number]

/** Pages of a batch, and the deepest queue. */
const BATCH = 32
const EXTENTS = [128 * 1024, 1024 * 1024] as const
/** A large page, in which an extent lies as one piece: in small ones its transfer is a matter of luck, as the disk takes so many pieces. */
const BUFFER_PAGES = LARGE_PAGE_SIZE / PAGE_SIZE
const RING_ROW = 4 // token, result, submittedNs, completedNs

/** How long a drive is driven, ns: first a ramp that no figure sees, then the time that counts. */
export interface Turn {
  rampNs: number
  ns: number
}

/** What a turn came to after its ramp: latencies of the whole, then of the parts that fio reports one by one; operations, and the time they took. */
export interface Driven {
  histograms: Histogram[]
  operations: number
  ns: number
}

/** One way to drive the disk. */
export interface Drive {
  row: Pick<DiskRow, 'op' | 'order' | 'io' | 'queueDepth' | 'sync' | 'blockBytes'>
  fio: FioJob
  /** Blocks of `row.blockBytes` that one operation moves. */
  blocks: number
  carryOut(turn: Turn): Driven
}

/** What all drives sit on: the file, pages that do not compress, places to go to, and a ring once one is wanted. */
export class DriveSeat {
  readonly swapfile: Swapfile
  readonly rows = new Float64Array(RING_ROW * 2 * BATCH)
  readonly row = new Float64Array(RING_ROW)
  private arena = new Arena(BUFFER_PAGES)
  private readonly contents: Uint8Array
  private readonly random = new Random(42)
  private transferRing: number | null = null
  private syncRing: number | null = null
  private dsyncHandle: number | null = null
  private next = 0

  constructor(swapfile: Swapfile) {
    this.swapfile = swapfile
    const random = new Random(7)
    this.contents = Uint8Array.from({ length: BUFFER_PAGES * PAGE_SIZE }, () => random.next32())
    this.arena.bytes.set(this.contents)
  }

  /**
   * Another buffer, other rings, and the first extent again: as fio, a process of its own each time, begins a turn. Where a buffer lies in the memory of a machine
   * makes a difference of some percent, which must not be one draw for all turns of one side.
   */
  begin(): void {
    this.closeRings()
    this.arena.release()
    this.arena = new Arena(BUFFER_PAGES)
    this.arena.bytes.set(this.contents)
    this.next = 0
  }

  get buffer(): number {
    return this.arena.id
  }

  /** As the engine opens it where nothing is synced. */
  get ringOfTransfers(): number {
    this.transferRing ??= native.uringOpen(this.swapfile.file, 2 * BATCH, [this.arena.id], true, true)
    return this.transferRing
  }

  /** And where something is. */
  get ringOfSyncs(): number {
    this.syncRing ??= native.uringOpen(this.swapfile.file, 2 * BATCH, [this.arena.id])
    return this.syncRing
  }

  /** The same file, opened O_DSYNC. */
  get dsyncFile(): number {
    this.dsyncHandle ??= this.swapfile.openDsync()
    return this.dsyncHandle
  }

  /** A page of the file behind its header. */
  place(): number {
    return 1 + this.random.below(this.swapfile.slots)
  }

  /** The first page of the next whole extent of so many pages, over the file again and again. */
  nextExtent(pages: number): number {
    if (this.next + pages > this.swapfile.slots) this.next = 0
    const page = 1 + this.next
    this.next += pages
    return page
  }

  private closeRings(): void {
    for (const ring of [this.transferRing, this.syncRing]) if (ring !== null) native.uringClose(ring)
    this.transferRing = null
    this.syncRing = null
  }

  close(): void {
    this.closeRings()
    if (this.dsyncHandle !== null) native.fileClose(this.dsyncHandle)
    this.arena.release()
  }
}

export function psyncDrives(seat: DriveSeat): Drive[] {
  const { file, slots } = seat.swapfile
  const { fileRead, fileWrite, fileDatasync } = native
  const page = { order: 'random', io: 'psync', queueDepth: 1, blockBytes: PAGE_SIZE } as const
  const fio = { engine: 'psync', queueDepth: 1, blockBytes: PAGE_SIZE } as const
  const timed = (turn: Turn, transfer: () => number) => {
    const whole = new Histogram()
    return oneByOne(turn, [whole], () => whole.record(transfer()))
  }
  /** A write and the fdatasync behind it: the whole, the write, the sync. */
  const timedWithSync = (turn: Turn, write: () => number) => {
    const whole = new Histogram()
    const writes = new Histogram()
    const syncs = new Histogram()
    return oneByOne(turn, [whole, writes, syncs], () => {
      const writeNs = write()
      const syncNs = fileDatasync(file)
      writes.record(writeNs)
      syncs.record(syncNs)
      whole.record(writeNs + syncNs)
    })
  }
  let pages = 0
  const nextPage = () => pages++ % BATCH
  const readPage = () => fileRead(file, seat.buffer, nextPage(), 1, seat.place())
  const writePage = () => fileWrite(file, seat.buffer, nextPage(), 1, seat.place())
  const drives: Drive[] = [
    {
      row: { ...page, op: 'read', sync: 'none' },
      fio: { ...fio, rw: 'randread' },
      blocks: 1,
      carryOut: (turn) => timed(turn, readPage),
    },
    {
      row: { ...page, op: 'write', sync: 'none' },
      fio: { ...fio, rw: 'randwrite' },
      blocks: 1,
      carryOut: (turn) => timed(turn, writePage),
    },
    {
      row: { ...page, op: 'write+fdatasync', sync: 'fdatasync' },
      fio: { ...fio, rw: 'randwrite', datasyncEvery: 1 },
      blocks: 1,
      carryOut: (turn) => timedWithSync(turn, writePage),
    },
    {
      row: { ...page, op: 'write', sync: 'dsync' },
      fio: { ...fio, rw: 'randwrite', dsync: true },
      blocks: 1,
      carryOut: (turn) => timed(turn, () => fileWrite(seat.dsyncFile, seat.buffer, nextPage(), 1, seat.place())),
    },
  ]
  for (const blockBytes of EXTENTS) {
    const pages = blockBytes / PAGE_SIZE
    // A file for a test may be smaller than an extent.
    if (pages > slots) continue
    const extent = { order: 'sequential', io: 'psync', queueDepth: 1, blockBytes } as const
    const writeExtent = () => fileWrite(file, seat.buffer, 0, pages, seat.nextExtent(pages))
    drives.push(
      {
        row: { ...extent, op: 'read', sync: 'none' },
        fio: { ...fio, blockBytes, rw: 'read' },
        blocks: 1,
        carryOut: (turn) => timed(turn, () => fileRead(file, seat.buffer, 0, pages, seat.nextExtent(pages))),
      },
      {
        row: { ...extent, op: 'write', sync: 'none' },
        fio: { ...fio, blockBytes, rw: 'write' },
        blocks: 1,
        carryOut: (turn) => timed(turn, writeExtent),
      },
      {
        row: { ...extent, op: 'write+fdatasync', sync: 'fdatasync' },
        fio: { ...fio, blockBytes, rw: 'write', datasyncEvery: 1 },
        blocks: 1,
        carryOut: (turn) => timedWithSync(turn, writeExtent),
      },
    )
  }
  return drives
}

/** Where io_uring is available. */
export function uringDrives(seat: DriveSeat): Drive[] {
  const page = { order: 'random', io: 'uring', blockBytes: PAGE_SIZE } as const
  const fio = { engine: 'io_uring', blockBytes: PAGE_SIZE } as const
  const single = (op: 'read' | 'write', queueDepth: number): Drive => ({
    row: { ...page, op, queueDepth, sync: 'none' },
    fio: { ...fio, rw: op === 'read' ? 'randread' : 'randwrite', queueDepth },
    blocks: 1,
    carryOut: (turn) => transfers(seat, op, turn, queueDepth),
  })
  return [
    single('read', 1),
    single('write', 1),
    single('read', BATCH),
    {
      row: { ...page, op: 'write+fdatasync', queueDepth: BATCH, sync: 'fdatasync' },
      fio: { ...fio, rw: 'randwrite', queueDepth: BATCH, datasyncEvery: BATCH, wholeBatches: true },
      blocks: BATCH,
      carryOut: (turn) => batches(seat, turn),
    },
  ]
}

/**
 * `depth` transfers always under way; each counts from its submission until its completion is seen. Submitted and taken one by one, as fio does by
 * default: taken all that are there, they come in waves ever after, and the disk has nothing to do between them.
 */
function transfers(seat: DriveSeat, op: 'read' | 'write', turn: Turn, depth: number): Driven {
  const { row } = seat
  const ring = seat.ringOfTransfers
  const arena = seat.buffer
  const queue = op === 'read' ? native.uringRead : native.uringWrite
  const histogram = new Histogram()
  const rampEnd = native.now() + turn.rampNs
  for (let page = 0; page < depth; page++) {
    queue(ring, arena, page, 1, seat.place(), page)
    native.uringSubmit(ring)
  }
  let start = native.now()
  let now = start
  /** Counted from the first completion behind the ramp, however long a stall made that. */
  let counts = turn.rampNs === 0
  for (let underWay = depth; underWay > 0; ) {
    underWay -= native.uringWait(ring, row, 1)
    succeeded(row[1], PAGE_SIZE, op)
    now = row[3]
    if (counts) histogram.record(now - row[2])
    else if (now >= rampEnd) {
      counts = true
      start = now
    }
    if (counts && now >= start + turn.ns) continue
    queue(ring, arena, row[0], 1, seat.place(), row[0])
    underWay++
  }
  return { histograms: [histogram], operations: histogram.count, ns: now - start }
}

/**
 * A batch counts from its submission until the fdatasync drained behind its writes is seen. The parts: each write from the submission until
 * it is seen, and the sync from the last write seen.
 */
function batches(seat: DriveSeat, turn: Turn): Driven {
  const { rows } = seat
  const ring = seat.ringOfSyncs
  const whole = new Histogram()
  const writes = new Histogram()
  const syncs = new Histogram()
  return oneByOne(turn, [whole, writes, syncs], () => {
    for (let page = 0; page < BATCH; page++) native.uringWrite(ring, seat.buffer, page, 1, seat.place(), page)
    native.uringDatasync(ring, BATCH)
    let written = 0
    for (let left = BATCH + 1; left > 0; ) {
      const seen = native.uringWait(ring, rows, 1)
      for (let row = 0; row < seen * RING_ROW; row += RING_ROW) {
        const sync = rows[row] === BATCH
        const submitted = rows[row + 2]
        const ended = rows[row + 3]
        succeeded(rows[row + 1], sync ? 0 : PAGE_SIZE, sync ? 'fdatasync' : 'write')
        if (sync) {
          whole.record(ended - submitted)
          syncs.record(ended - written)
        } else {
          writes.record(ended - submitted)
          written = ended
        }
      }
      left -= seen
    }
  })
}

/** One operation after the other; what they recorded in the ramp is forgotten. */
function oneByOne(turn: Turn, histograms: Histogram[], operate: () => void): Driven {
  const rampEnd = native.now() + turn.rampNs
  while (native.now() < rampEnd) operate()
  for (const histogram of histograms) histogram.clear()
  const start = native.now()
  let operations = 0
  let now = start
  for (; now < start + turn.ns; operations++) {
    operate()
    now = native.now()
  }
  return { histograms, operations, ns: now - start }
}

function succeeded(result: number, expected: number, operation: string): void {
  if (result === expected) return
  throw new LabError({
    code: 'io_error',
    message: `A ${operation} by io_uring ended with ${result < 0 ? `errno ${-result}` : `${result} bytes`}.`,
    remedy: 'Check the kernel log (dmesg), or choose another swap directory.',
  })
}
