import { type Calibration, LabError, PAGE_SIZE, type SwapfileSpec } from '../../contract/index.ts'
import type { Random } from '../workloads/index.ts'

/**
 * A disk as figures: how long one operation takes at queue depth 1, what each further page of the same operation adds, and how
 * many operations it works on at once. Syncs are a round trip beside the channels: on the reference machine their time does
 * not depend on what is dirty.
 */
export interface DeviceModel {
  label: string
  read: ServiceTime
  write: ServiceTime
  sync: ServiceTime
  /** Each further page of one read or write of consecutive slots, ns. */
  readPageNs: number
  writePageNs: number
  /** Operations served side by side. */
  channels: number
}

/** Service time at queue depth 1, ns: quantiles at PROBABILITIES, ascending. */
export type ServiceTime = readonly number[]

const PROBABILITIES = [0, 0.5, 0.9, 0.99, 0.999, 1] as const

/**
 * A table through a median and a p99, ns. Between them: p90 as a lognormal through both has it, about 48 % of the way. Beyond: p99.9 lies
 * 2.7 times as far above the median as p99 (disk swap-in on the reference machine: 80.7/153/286 and 73.5/135/232 us), and the
 * table ends at 4 times as far. Below: no operation is quicker than 80 % of the median. The end and the floor are assumptions.
 */
export function serviceTime(p50: number, p99: number): ServiceTime {
  const above = Math.max(0, p99 - p50)
  return [0.8 * p50, p50, p50 + 0.48 * above, p50 + above, p50 + 2.7 * above, p50 + 4 * above]
}

/**
 * The disk of the reference machine: virtio-blk of a Firecracker guest, ext4 without a journal, 23 Nov 2026. us, p50/p99: read
 * 74/132 (fio psync), write 65/111 and fdatasync 60/131 (O_DIRECT on the CPU that takes the interrupt); 32 random pages as one
 * batch take 560 to write and 589 to read, so four at a time; 128 KiB in one operation take 125 and 227, so 1.9 and 4.9 a further page.
 */
export const REFERENCE_DEVICE: DeviceModel = {
  label: 'reference device, not this host',
  read: serviceTime(74_000, 132_000),
  write: serviceTime(65_000, 111_000),
  sync: serviceTime(60_000, 131_000),
  readPageNs: 4_900,
  writePageNs: 1_900,
  channels: 4,
}

/** A batch of the calibration: pages under way at once in its deep rows. */
const MAX_CHANNELS = 64

/** Pages of the extents that tell what a further page of one operation adds. */
const EXTENT_PAGES = 32

/**
 * The disk a calibration has measured. Where it has no rows of 128 KiB, the price of a further page is the reference device's share of a
 * whole operation.
 * @param io which write path the engine will use
 * @throws LabError `bad_input` where rows are missing
 */
export function fitDeviceModel(calibration: Pick<Calibration, 'disk' | 'host'>, io: SwapfileSpec['io']): DeviceModel {
  const rows = calibration.disk.filter((row) => row.sync !== 'dsync')
  const find = (op: string, engine: string, blockBytes = PAGE_SIZE, queueDepth = 1) =>
    rows.find(
      (row) => row.op === op && row.io === engine && row.blockBytes === blockBytes && row.queueDepth === queueDepth,
    )
  const read = find('read', 'psync')
  const write = find('write', 'psync')
  const durable = find('write+fdatasync', 'psync')
  if (!read || !write || !durable)
    throw new LabError({
      code: 'bad_input',
      message: 'The calibration has no psync rows of 4 KiB at queue depth 1 for read, write and write+fdatasync.',
      remedy: 'Calibrate a disk that takes direct I/O ("swaplab calibrate --json"), or choose the reference device.',
      field: 'simulate.calibration',
    })
  const single = find('read', 'uring') ?? read
  const deep = rows
    .filter((row) => row.op === 'read' && row.io === 'uring' && row.queueDepth > 1)
    .sort((a, b) => b.queueDepth - a.queueDepth)[0]
  const channels = deep ? Math.round((deep.perSecond * single.p50Ns) / 1e9) : 1
  const engineWrite = (io === 'uring' && find('write', 'uring')) || write
  // The row is write and sync together: what the write alone does not explain is the sync.
  const syncP50 = Math.max(0, durable.p50Ns - write.p50Ns)
  const furtherPage = (op: 'read' | 'write', page: { p50Ns: number }, share: number) => {
    const extent = find(op, 'psync', EXTENT_PAGES * PAGE_SIZE)
    const ns = extent ? Math.max(0, extent.p50Ns - page.p50Ns) / (EXTENT_PAGES - 1) : share * page.p50Ns
    return Math.round(ns)
  }
  return {
    label: `host ${calibration.host.hostname} (${calibration.host.device.model ?? calibration.host.device.device ?? 'unknown device'}), as calibrated ${calibration.host.readAt}`,
    read: serviceTime(read.p50Ns, read.p99Ns),
    write: serviceTime(engineWrite.p50Ns, engineWrite.p99Ns),
    sync: serviceTime(syncP50, Math.max(syncP50, durable.p99Ns - write.p99Ns)),
    readPageNs: furtherPage('read', read, REFERENCE_DEVICE.readPageNs / REFERENCE_DEVICE.read[1]),
    writePageNs: furtherPage('write', engineWrite, REFERENCE_DEVICE.writePageNs / REFERENCE_DEVICE.write[1]),
    channels: Math.min(MAX_CHANNELS, Math.max(1, channels)),
  }
}

/** The same device, `times` as slow in everything but its parallelism. */
export function slower(device: DeviceModel, times: number): DeviceModel {
  if (times === 1) return device
  const scaled = (table: ServiceTime) => table.map((ns) => ns * times)
  return {
    label: `${device.label}, ${times} times as slow`,
    read: scaled(device.read),
    write: scaled(device.write),
    sync: scaled(device.sync),
    readPageNs: device.readPageNs * times,
    writePageNs: device.writePageNs * times,
    channels: device.channels,
  }
}

const CELL_BITS = 12
const CELLS = 1 << CELL_BITS
const REST = 2 ** (32 - CELL_BITS)

/** Draws service times: one random word, one look into a table of 4096 cells, linear inside a cell. Whole ns. */
export class ServiceSampler {
  private readonly table = new Float64Array(CELLS + 1)
  private readonly random: Random

  constructor(quantiles: ServiceTime, random: Random) {
    this.random = random
    let segment = 0
    for (let cell = 0; cell <= CELLS; cell++) {
      const p = cell / CELLS
      while (segment < PROBABILITIES.length - 2 && p > PROBABILITIES[segment + 1]) segment++
      const from = PROBABILITIES[segment]
      const share = (p - from) / (PROBABILITIES[segment + 1] - from)
      this.table[cell] = quantiles[segment] + share * (quantiles[segment + 1] - quantiles[segment])
    }
  }

  next(): number {
    const word = this.random.next32()
    const cell = word >>> (32 - CELL_BITS)
    const low = this.table[cell]
    return Math.round(low + ((word % REST) / REST) * (this.table[cell + 1] - low))
  }
}
