import { expect, it } from 'vitest'
import { parseActivity, probeActivity } from './process-activity.ts'

it('is running, waiting or stopped, with its CPU time, whatever its name is', () => {
  const rest = `${Array.from({ length: 10 }, (_, field) => field + 4).join(' ')} 150 50 0 0`
  expect(parseActivity(`42 (a) R (b) R ${rest}`)).toEqual({ state: 'running', cpuSeconds: 2 })
  expect(parseActivity(`42 (node) D ${rest}`).state).toBe('waiting')
  expect(parseActivity(`42 (node) T ${rest}`).state).toBe('stopped')
  expect(probeActivity(process.pid)?.cpuSeconds).toBeGreaterThan(0)
  expect(probeActivity(2 ** 30)).toBeNull()
})
