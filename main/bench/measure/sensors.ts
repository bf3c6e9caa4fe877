import {
  type CpuTime,
  cpuShares,
  type DiskTraffic,
  type OwnIo,
  ownUsage,
  probeCpuTime,
  probeDiskstats,
  probeFrequency,
  probeMemory,
  probeOwnIo,
  probeStalledUs,
  probeTemperature,
} from '../../../native-bench/host.ts'
import type { SensorReadings } from '../../contract/index.ts'

/** What the host's counters stand at. */
export interface HostCounters {
  /** ns of the monotonic clock. */
  at: number
  cpu: CpuTime | null
  /** CPU time that the trial took, s. */
  ownCpu: { userS: number; sysS: number }
  disk: DiskTraffic | null
  /** What of the disk's traffic is the trial's. */
  ownIo: OwnIo | null
  /** µs with somebody waiting, by resource. */
  stalledUs: Partial<Record<'cpu' | 'io' | 'memory', number>>
}

/** What the host shows at a moment; null where it does not. */
export interface HostGauges {
  frequencyMhz: number | null
  celsius: number | null
  availableBytes: number | null
}

/** Time between two looks at the gauges, ns. */
const LOOK_EVERY_NS = 1e9

/** /proc/stat counts in ticks: shares of fewer than this say nothing. */
const FEWEST_TICKS = 100

/**
 * The host's sensors over the measured part of a trial. Counters are read at its two ends, gauges there and once a second
 * between, about 0.2 ms and 0.1 ms, in the turns of the event loop that no access pays for.
 */
export class Sensors {
  private readonly counters: () => HostCounters
  private readonly gauges: () => HostGauges
  private readonly kernelWorks: boolean
  private from: HostCounters | null = null
  private seen: HostGauges[] = []
  private nextLook = 0

  /**
   * @param parts.kernelWorks the kernel's own threads work for the trial, and its reclaim makes somebody wait for memory: only the user
   * time of others can be told from it then, and the pressure of memory says nothing of others
   */
  constructor(parts: { counters: () => HostCounters; gauges: () => HostGauges; kernelWorks?: boolean }) {
    this.counters = parts.counters
    this.gauges = parts.gauges
    this.kernelWorks = parts.kernelWorks ?? false
  }

  /** The measured part begins. */
  start(): void {
    this.from = this.counters()
    this.seen = [this.gauges()]
    this.nextLook = this.from.at + LOOK_EVERY_NS
  }

  /** Between two accesses; mostly does nothing. */
  look(now: number): void {
    if (this.from === null || now < this.nextLook) return
    this.nextLook = now + LOOK_EVERY_NS
    this.seen.push(this.gauges())
  }

  /** The measured part has ended. */
  end(): SensorReadings {
    const { from, seen } = this
    if (from === null) throw new Error('sensors were read before they were started')
    const to = this.counters()
    seen.push(this.gauges())
    this.from = null
    return { ...rates(from, to, this.kernelWorks), ...extremes(seen) }
  }
}

/** What the counters say of the time between. Foreign is what is not ours; less than nothing is nothing. */
function rates(from: HostCounters, to: HostCounters, kernelWorks: boolean): SensorReadings {
  const readings: SensorReadings = {}
  const seconds = (to.at - from.at) / 1e9
  const shares = from.cpu && to.cpu ? cpuShares(from.cpu, to.cpu) : null
  if (shares && shares.ticks >= FEWEST_TICKS) {
    readings.steal = shares.steal
    const own = (seconds: (cpu: HostCounters['ownCpu']) => number) =>
      ((seconds(to.ownCpu) - seconds(from.ownCpu)) * TICKS_PER_S) / shares.ticks
    readings.foreignCpu = Math.max(
      0,
      kernelWorks ? shares.user - own(({ userS }) => userS) : shares.busy - own(({ userS, sysS }) => userS + sysS),
    )
  }
  if (from.disk && to.disk && from.ownIo && to.ownIo) {
    const moved = (traffic: OwnIo) => traffic.readBytes + traffic.writtenBytes
    const foreign = moved(to.disk) - moved(from.disk) - (moved(to.ownIo) - moved(from.ownIo))
    readings.foreignIo = Math.max(0, foreign) / seconds
  }
  const stalled = (resource: 'cpu' | 'io' | 'memory') => {
    const [before, after] = [from.stalledUs[resource], to.stalledUs[resource]]
    return before === undefined || after === undefined ? null : Math.min(1, (after - before) / 1e6 / seconds)
  }
  const [cpu, io, memory] = [stalled('cpu'), stalled('io'), stalled('memory')]
  if (cpu !== null) readings.pressureCpu = cpu
  if (io !== null) readings.pressureIo = io
  if (memory !== null && !kernelWorks) readings.pressureMemory = memory
  return readings
}

/** USER_HZ, the unit of /proc/stat: 100 on every architecture Node runs on. */
const TICKS_PER_S = 100

/** Each gauge at its worst. */
function extremes(seen: readonly HostGauges[]): SensorReadings {
  const readings: SensorReadings = {}
  const of = (name: keyof HostGauges) => seen.map((gauges) => gauges[name]).filter((value) => value !== null)
  const [mhz, celsius, available] = [of('frequencyMhz'), of('celsius'), of('availableBytes')]
  if (mhz.length > 0) readings.frequency = Math.min(...mhz)
  if (celsius.length > 0) readings.temperature = Math.max(...celsius)
  if (available.length > 0) readings.memoryAvailable = Math.min(...available)
  return readings
}

/** Who works for a trial. */
export interface Workers {
  /** CPU time they took so far, s. Default: what this process took. */
  usage?(): { userS: number; sysS: number }
  /** What they caused on block devices so far; null where that is not known. Default: what this process did. */
  io?(): OwnIo | null
  /** The process whose CPU's clock is watched. Default: this one. */
  pid?: number
  /** See Sensors. */
  kernelWorks?: boolean
}

/**
 * This host's sensors.
 * @param device the swap file's, as in /dev; null where it is unknown
 */
export function hostSensors(device: string | null, clock: { now(): number }, workers: Workers = {}): Sensors {
  const { usage = ownUsage, io = probeOwnIo, pid = 'self', kernelWorks = false } = workers
  return new Sensors({
    kernelWorks,
    counters: () => ({
      at: clock.now(),
      cpu: probeCpuTime(),
      ownCpu: usage(),
      disk: device === null ? null : probeDiskstats(device),
      ownIo: io(),
      stalledUs: probeStalledUs(),
    }),
    gauges: () => ({
      frequencyMhz: probeFrequency(pid),
      celsius: probeTemperature()?.celsius ?? null,
      availableBytes: probeMemory().availableBytes,
    }),
  })
}
