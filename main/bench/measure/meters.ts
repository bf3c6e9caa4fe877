import { FAULT_PATHS, type MmMeters } from '../../mm/index.ts'
import type { IoObserver } from '../../swapfile/index.ts'
import type { PoolMeters } from '../../zcache/index.ts'
import { Histogram, type HistogramData, mergeHistograms } from './histogram.ts'

/** By fault path. */
const FAULT_METERS = FAULT_PATHS.map((path) => `fault.${path}.ns` as const)

/** Every distribution a trial measures, by the name it has in reports. What ends in .ns are ns; refault.distance are faults. */
export const METER_NAMES = [
  'access.ns',
  'service.ns',
  ...FAULT_METERS,
  'fault.engine.ns',
  'store.ns',
  'reject.ns',
  'load.ns',
  'cleancache.put.ns',
  'cleancache.get.ns',
  'writeback.ns',
  'writeback.decompress.ns',
  'writeback.age.ns',
  'refault.time.ns',
  'refault.distance',
  'disk.read.ns',
  'disk.write.ns',
  'fsync.ns',
  'log.clean.ns',
  'reclaim.direct.ns',
  'reclaim.background.ns',
] as const
export type MeterName = (typeof METER_NAMES)[number]

/** The histograms of one trial, handed to mm, backend and swap I/O as their recorders. */
export class Meters implements IoObserver {
  private readonly byName: Record<MeterName, Histogram>
  readonly mm: MmMeters
  readonly zcache: PoolMeters
  /** The cleaning of one segment of a log. */
  readonly logClean: Histogram
  private readonly reads: Histogram
  private readonly writes: Histogram
  private readonly syncs: Histogram
  /** Of each access of an open loop: from its intended start, and from its own. */
  readonly response: Histogram
  readonly service: Histogram
  pagesRead = 0

  constructor() {
    this.byName = Object.fromEntries(METER_NAMES.map((name) => [name, new Histogram()])) as Record<MeterName, Histogram>
    const { byName } = this
    this.mm = {
      faults: FAULT_METERS.map((name) => byName[name]),
      store: byName['store.ns'],
      reject: byName['reject.ns'],
      load: byName['load.ns'],
      // In writeback.decompress.ns and repatriated_ns.
      take: { record: () => {} },
      cleancachePut: byName['cleancache.put.ns'],
      cleancacheGet: byName['cleancache.get.ns'],
      refaultTime: byName['refault.time.ns'],
      refaultDistance: byName['refault.distance'],
      directReclaim: byName['reclaim.direct.ns'],
      backgroundReclaim: byName['reclaim.background.ns'],
    }
    this.zcache = {
      writeback: byName['writeback.ns'],
      writebackDecompress: byName['writeback.decompress.ns'],
      age: byName['writeback.age.ns'],
    }
    this.response = byName['access.ns']
    this.service = byName['service.ns']
    this.logClean = byName['log.clean.ns']
    this.reads = byName['disk.read.ns']
    this.writes = byName['disk.write.ns']
    this.syncs = byName['fsync.ns']
  }

  onRead(ns: number, pages: number): void {
    this.reads.record(ns)
    this.pagesRead += pages
  }

  onWrite(ns: number): void {
    this.writes.record(ns)
  }

  onSync(ns: number): void {
    this.syncs.record(ns)
  }

  /** The histogram of one name, live. */
  of(name: MeterName): Histogram {
    return this.byName[name]
  }

  /** Forgets the warm-up. */
  clear(): void {
    for (const histogram of Object.values(this.byName)) histogram.clear()
    this.pagesRead = 0
  }

  /** Faults answered so far, whatever the path. */
  get faults(): number {
    return FAULT_METERS.reduce((sum, name) => sum + this.byName[name].count, 0)
  }

  /** By name, those that hold something; `fault.ns` is all fault paths together. */
  data(): Record<string, HistogramData> {
    const data: Record<string, HistogramData> = {}
    const faults: HistogramData[] = []
    for (const name of METER_NAMES) {
      const histogram = this.byName[name]
      if (histogram.count === 0) continue
      data[name] = histogram.toData()
      if ((FAULT_METERS as readonly string[]).includes(name)) faults.push(data[name])
    }
    if (faults.length > 0) data['fault.ns'] = mergeHistograms(faults)
    return data
  }
}
