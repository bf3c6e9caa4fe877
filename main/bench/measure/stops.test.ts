import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Stops } from './stops.ts'

it('counts what has passed between the last turn of the event loop and a SIGCONT, less what was computed meanwhile', async () => {
  let now = 100
  let cpu = 7
  const stops = new Stops(
    () => now,
    () => cpu,
  )
  const continued = async (at: number, computed = 0) => {
    now = at
    cpu += computed
    process.kill(process.pid, 'SIGCONT')
    await pause(20)
  }
  await continued(130)
  stops.turn(200)
  await continued(1200)
  expect(stops.ns).toBe(30 + 1000)
  // Nothing was stopped, and somebody sent the signal all the same.
  await continued(1300, 100)
  await continued(1400, 90)
  expect(stops.ns).toBe(30 + 1000 + 10)
  stops.close()
  await continued(5000)
  expect(stops.ns).toBe(1040)
})
