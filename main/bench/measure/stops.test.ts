import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Stops } from './stops.ts'

it('counts what has passed between the last turn of the event loop and a SIGCONT', async () => {
  let now = 100
  const stops = new Stops(() => now)
  const continued = async (at: number) => {
    now = at
    process.kill(process.pid, 'SIGCONT')
    await pause(20)
  }
  await continued(130)
  stops.turn(200)
  await continued(1200)
  expect(stops.ns).toBe(30 + 1000)
  stops.close()
  await continued(5000)
  expect(stops.ns).toBe(1030)
})
