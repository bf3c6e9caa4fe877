import { describe, expect, it } from 'vitest'
import { native } from '../../../native-bench/index.ts'
import { SensorReadings } from '../../contract/index.ts'
import { type HostCounters, type HostGauges, hostSensors, Sensors } from './sensors.ts'

const still = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 }
const start: HostCounters = {
  at: 5e9,
  cpu: { ...still, idle: 1000 },
  ownCpu: { userS: 2, sysS: 1 },
  disk: { reads: 0, readBytes: 1e6, writes: 0, writtenBytes: 2e6, underWay: 0, busyMs: 0 },
  ownIo: { readBytes: 1e6, writtenBytes: 1e6 },
  stalledUs: { cpu: 10, io: 20, memory: 30 },
}
const quiet: HostGauges = { frequencyMhz: 3000, celsius: 50, availableBytes: 8e9 }

/** The readings after 2 s on two CPUs (400 ticks). */
function over(to: Partial<HostCounters>, kernelWorks = false): SensorReadings {
  const counters = [start, { ...start, at: start.at + 2e9, ...to }].values()
  const next = () => counters.next().value ?? start
  const sensors = new Sensors({ counters: next, gauges: () => quiet, kernelWorks })
  sensors.start()
  return sensors.end()
}

describe('the sensors of a trial', () => {
  it('tell time stolen and used by others from our own', () => {
    // 400 ticks: 40 stolen, 160 idle, 200 busy, of which 1.5 s are ours.
    const cpu = { ...still, idle: 1160, steal: 40, user: 150, system: 50 }
    expect(over({ cpu, ownCpu: { userS: 3, sysS: 1.5 } })).toMatchObject({
      steal: expect.closeTo(0.1, 12),
      foreignCpu: expect.closeTo(50 / 400, 12),
    })
  })

  it("know only others' user time, and nothing of the pressure on memory, where the kernel's threads work for the trial", () => {
    // 400 ticks: 200 busy, of which 120 are of programs, 1 s of them ours.
    const cpu = { ...still, idle: 1200, user: 100, nice: 20, system: 80 }
    const readings = over({ cpu, ownCpu: { userS: 3, sysS: 1.2 }, stalledUs: { cpu: 10, memory: 3_000_030 } }, true)
    expect(readings).toMatchObject({ foreignCpu: expect.closeTo(20 / 400, 12), pressureCpu: 0 })
    expect(readings.pressureMemory).toBeUndefined()
  })

  it("tell others' I/O from our own, and never less than none", () => {
    const disk = { reads: 0, readBytes: 5e6, writes: 0, writtenBytes: 4e6, underWay: 0, busyMs: 0 }
    expect(over({ disk, ownIo: { readBytes: 4e6, writtenBytes: 2e6 } }).foreignIo).toBe(1e6)
    expect(over({ ownIo: { readBytes: 9e6, writtenBytes: 9e6 } }).foreignIo).toBe(0)
  })

  it('tell pressure as a share of the time', () => {
    const stalledUs = { cpu: 200_010, io: 20, memory: 3_000_030 }
    expect(over({ stalledUs })).toMatchObject({ pressureCpu: 0.1, pressureIo: 0, pressureMemory: 1 })
  })

  it('leave out what the host does not show, and shares of too short a time', () => {
    const readings = over({ disk: null, ownIo: null, cpu: { ...still, idle: 1090 }, stalledUs: {} })
    expect(readings).toEqual({ frequency: 3000, temperature: 50, memoryAvailable: 8e9 })
  })

  it('keep the worst of the gauges, looked at once a second and no more often', () => {
    const shown: HostGauges[] = [
      quiet,
      { frequencyMhz: 1500, celsius: 70, availableBytes: 9e9 },
      { frequencyMhz: 2000, celsius: 90, availableBytes: 7e9 },
      quiet,
    ]
    let looks = 0
    const sensors = new Sensors({ counters: () => start, gauges: () => shown[looks++] })
    sensors.look(start.at + 9e9) // nothing is measured yet
    sensors.start()
    for (let ms = 0; ms < 2500; ms += 50) sensors.look(start.at + ms * 1e6)
    expect(sensors.end()).toMatchObject({ frequency: 1500, temperature: 90, memoryAvailable: 7e9 })
    expect(looks).toBe(4)
  })

  it('of this host fit the contract', () => {
    const sensors = hostSensors(null, native)
    sensors.start()
    const readings = SensorReadings.strict().parse(sensors.end())
    expect(readings.memoryAvailable).toBeGreaterThan(0)
  })
})
