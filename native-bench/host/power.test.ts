import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { probePower, probeThrottling } from './power.ts'
import { HOST } from './reading.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A /sys with these files. */
function host(files: Record<string, string>) {
  const sys = mkdtempSync(join(tmpdir(), 'swaplab-power-'))
  folders.push(sys)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(sys, path)), { recursive: true })
    writeFileSync(join(sys, path), `${text}\n`)
  }
  return { ...HOST, sys }
}

const supply = (name: string, facts: Record<string, string>) =>
  Object.fromEntries(Object.entries(facts).map(([file, text]) => [`class/power_supply/${name}/${file}`, text]))

describe('the power of a host', () => {
  it.each([
    ['a server', {}, null],
    [
      'a laptop on mains',
      { ...supply('AC', { type: 'Mains', online: '1' }), ...supply('BAT0', { type: 'Battery', status: 'Charging' }) },
      'mains',
    ],
    [
      'a laptop without',
      {
        ...supply('AC', { type: 'Mains', online: '0' }),
        ...supply('BAT0', { type: 'Battery', status: 'Discharging' }),
      },
      'battery',
    ],
    ['a desktop with a mouse', supply('hidpp_battery_0', { type: 'Battery', status: 'Full' }), 'mains'],
  ])('of %s', (_, files, power) => {
    expect(probePower(host(files))).toBe(power)
  })
})

it('throttling is counted over all cores', () => {
  const counts = {
    'devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '3',
    'devices/system/cpu/cpu1/thermal_throttle/core_throttle_count': '4',
    'devices/system/cpu/cpufreq/boost': '1',
  }
  expect(probeThrottling(host(counts))).toBe(7)
  expect(probeThrottling(host({}))).toBeNull()
})
