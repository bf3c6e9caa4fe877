import type { CheckRow, HostCheck, HostReport } from '../../contract/index.ts'
import { readableBytes } from '../readable.ts'
import type { HostReadings } from './readings.ts'

type Level = CheckRow['level']

/** File systems without a disk of their own. */
const NO_DISK = new Set(['tmpfs', 'ramfs', 'overlay', 'squashfs'])

/** Amber from the first limit, red from the second. */
function grade(value: number, amber: number, red: number): Level {
  return value >= red ? 'red' : value >= amber ? 'amber' : 'green'
}

/**
 * What would spoil a measurement now, row by row, from readings alone. Limits are rules of thumb on the safe side: a disk that
 * is busy 5 % of the time, or a load of half the cores, shows in a p99.
 */
export function checkHost(host: HostReport, now: HostReadings): HostCheck {
  const rows = [
    background(now),
    processors(now),
    load(host),
    pressure(now),
    memory(now),
    space(host),
    fileSystem(host),
    governor(host),
    boost(now),
    thermal(now),
    power(now),
    swaps(host, now),
    zswap(host),
    zram(host),
    hypervisor(host),
    hugepages(now),
  ]
  const levels = rows.map((row) => row.level)
  return { level: levels.includes('red') ? 'red' : levels.includes('amber') ? 'amber' : 'green', rows }
}

function background({ backgroundIo: io }: HostReadings): CheckRow {
  const name = 'Background I/O'
  if (!io)
    return { name, level: 'amber', reason: 'the disk cannot be watched: it has no line in diskstats', evidence: '–' }
  const level = grade(io.busyShare, 0.05, 0.3)
  return {
    name,
    level,
    reason: level === 'green' ? 'the disk is idle' : 'something else is using the disk: its I/O delays ours',
    evidence: `busy ${(io.busyShare * 100).toFixed(0)} %, ${readableBytes(io.bytesPerS)}/s over 2 s`,
  }
}

function load(host: HostReport): CheckRow {
  const level = grade(host.loadAverage / host.cpu.cores, 0.5, 1)
  return {
    name: 'Load',
    level,
    reason:
      level === 'green'
        ? 'the CPUs are free'
        : 'the CPUs had much to do in the last minute, a run before this one included',
    evidence: `load ${host.loadAverage.toFixed(2)} on ${host.cpu.cores} cores`,
  }
}

function pressure(now: HostReadings): CheckRow {
  const entries = Object.entries(now.pressure)
  const worst = Math.max(0, ...entries.map(([, share]) => share))
  if (entries.length === 0)
    return { name: 'Pressure', level: 'green', reason: 'this kernel does not measure it (PSI)', evidence: '–' }
  const level = grade(worst, 5, 25)
  return {
    name: 'Pressure',
    level,
    reason: level === 'green' ? 'nothing waits for CPU, memory or I/O' : 'programs are waiting for what we measure',
    evidence: `${entries.map(([resource, share]) => `${resource} ${share.toFixed(1)} %`).join(', ')} of 2 s`,
  }
}

function space({ device }: HostReport): CheckRow {
  const level: Level = device.freeBytes < 2 ** 28 ? 'red' : device.freeBytes < 2 ** 31 ? 'amber' : 'green'
  return {
    name: 'Free space',
    level,
    reason: level === 'green' ? 'enough for the presets' : 'a large swap file may not fit; a full SSD is slower',
    evidence: `${readableBytes(device.freeBytes)} of ${readableBytes(device.totalBytes)}`,
  }
}

function fileSystem({ device }: HostReport): CheckRow {
  const bad = NO_DISK.has(device.fileSystem)
  return {
    name: 'File system',
    level: bad ? 'red' : 'green',
    reason: bad ? 'there is no disk behind it: choose another swap directory' : 'a disk is behind it',
    evidence: `${device.fileSystem} on ${device.mountPoint} (${device.device ?? 'no device'})`,
  }
}

function governor({ cpu }: HostReport): CheckRow {
  const level: Level = cpu.governor === null || cpu.governor === 'performance' ? 'green' : 'amber'
  return {
    name: 'CPU governor',
    level,
    reason:
      cpu.governor === null
        ? 'the host does not expose one'
        : level === 'green'
          ? 'the clock is held up'
          : 'the clock falls in the pauses of a fault; "performance" holds it up',
    evidence: cpu.governor ?? '–',
  }
}

function boost({ boost: on }: HostReadings): CheckRow {
  return {
    name: 'CPU boost',
    level: on === true ? 'amber' : 'green',
    reason:
      on === null
        ? 'the host does not say'
        : on
          ? 'the clock depends on heat and neighbours; interleaved trials share it out'
          : 'the clock is steady',
    evidence: on === null ? '–' : on ? 'on' : 'off',
  }
}

function thermal({ hottest, throttled }: HostReadings): CheckRow {
  const level = throttled ? 'red' : hottest === null ? 'green' : grade(hottest.celsius, 80, 95)
  const readings = [
    ...(hottest === null ? [] : [`${hottest.celsius.toFixed(0)} °C (${hottest.zone})`]),
    ...(throttled === null ? [] : [`slowed down ${throttled} times in 2 s`]),
  ]
  return {
    name: 'Temperature',
    level,
    reason: throttled
      ? 'cores are being slowed down for their heat: let them cool down'
      : readings.length === 0
        ? 'no thermal zone is exposed'
        : level === 'green'
          ? 'far from throttling'
          : 'near throttling: let it cool down',
    evidence: readings.join(', ') || '–',
  }
}

function power({ power: source }: HostReadings): CheckRow {
  return {
    name: 'Power',
    level: source === 'battery' ? 'amber' : 'green',
    reason: source === 'battery' ? 'on battery the clock and the disk are held back' : 'not on battery',
    evidence: source ?? '–',
  }
}

/** The engine must not be swapped out, nor the page cache squeezed, by what else runs. */
function memory({ memory: { totalBytes, availableBytes } }: HostReadings): CheckRow {
  const name = 'Memory'
  if (availableBytes === null)
    return { name, level: 'green', reason: 'this kernel does not say what is available', evidence: '–' }
  const level: Level = availableBytes < 2 ** 28 ? 'red' : availableBytes < 2 ** 30 ? 'amber' : 'green'
  return {
    name,
    level,
    reason: level === 'green' ? 'enough for the presets' : 'the host may reclaim or swap during a trial',
    evidence: `${readableBytes(availableBytes)} of ${readableBytes(totalBytes)} available`,
  }
}

function swaps({ swaps: areas }: HostReport, { swapUsedBytes }: HostReadings): CheckRow {
  return {
    name: 'Other swap',
    level: areas.length > 0 ? 'amber' : 'green',
    reason:
      areas.length > 0 ? 'the host itself may swap during a trial, the engine included' : 'the host does not swap',
    evidence: areas.length > 0 ? `${areas.join(', ')}, ${readableBytes(swapUsedBytes)} in use` : 'none',
  }
}

function zswap({ zswap: parameters, swaps: areas }: HostReport): CheckRow {
  const on = parameters?.enabled === 'Y' && areas.length > 0
  return {
    name: 'zswap',
    level: on ? 'amber' : 'green',
    reason: on ? "the kernel compresses the host's own swap beside us" : 'not at work',
    evidence: parameters === null ? 'absent' : `enabled=${parameters.enabled ?? '?'}`,
  }
}

function zram({ zram: devices }: HostReport): CheckRow {
  const busy = devices.filter((device) => device.initialised)
  return {
    name: 'zram',
    level: busy.length > 0 ? 'amber' : 'green',
    reason: busy.length > 0 ? 'a compressed RAM disk is in use beside us' : 'not at work',
    evidence: busy.map((device) => `${device.name} ${device.algorithm}`).join(', ') || 'none',
  }
}

function hypervisor({ hypervisor: name }: HostReport): CheckRow {
  return {
    name: 'Virtual machine',
    level: name === null ? 'green' : 'amber',
    reason:
      name === null
        ? 'bare metal'
        : 'a hypervisor shares CPUs and disk with others, and may cache writes: judge tails with care',
    evidence: name ?? 'none',
  }
}

/** Chosen by most distributions, and the same for every lane: a reading to keep, no reason to wait. */
function hugepages({ transparentHugepages, staticHugepages }: HostReadings): CheckRow {
  return {
    name: 'Huge pages',
    level: 'green',
    reason: transparentHugepages === 'always' ? 'the kernel may join pages of the engine' : 'only where asked for',
    evidence: `transparent: ${transparentHugepages ?? 'absent'}, set aside: ${staticHugepages ?? 'absent'}`,
  }
}

function processors({ cpu }: HostReadings): CheckRow {
  const name = 'CPU use'
  if (!cpu) return { name, level: 'green', reason: 'the kernel does not say', evidence: '–' }
  const level = grade(Math.max(cpu.busy / 5, cpu.steal), 0.05, 0.15)
  return {
    name,
    level,
    reason:
      level === 'green'
        ? 'the CPUs are free'
        : cpu.steal > cpu.busy / 5
          ? 'the hypervisor gives the CPUs to others'
          : 'other programs use the CPUs',
    evidence: `busy ${(cpu.busy * 100).toFixed(0)} %, stolen ${(cpu.steal * 100).toFixed(1)} % over 2 s`,
  }
}
