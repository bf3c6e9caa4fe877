import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startHeartbeat } from './heartbeat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('asks a quiet lab every five seconds, and one that speaks by itself never', () => {
  const ask = vi.fn()
  const beat = startHeartbeat(ask, () => undefined)
  for (let second = 0; second < 60; second++) {
    vi.advanceTimersByTime(1000)
    beat.heard()
  }
  expect(ask).not.toHaveBeenCalled()
  vi.advanceTimersByTime(5000)
  expect(ask).toHaveBeenCalledTimes(1)
  beat.stop()
  expect(vi.getTimerCount()).toBe(0)
})

it('tells each second of a silence how long it is, once more when it has ended, and asks one question only', () => {
  const [ask, silent] = [vi.fn(), vi.fn()]
  const beat = startHeartbeat(ask, silent)
  vi.advanceTimersByTime(5000 + 4000)
  expect(silent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(3000)
  expect(silent.mock.calls).toEqual([[5000], [6000], [7000]])
  beat.heard()
  beat.heard()
  expect(silent.mock.calls.slice(3)).toEqual([[null]])
  expect(ask).toHaveBeenCalledTimes(1)
})

it('does not blame the lab for the time in which the page itself stood still', () => {
  const silent = vi.fn()
  const beat = startHeartbeat(() => undefined, silent)
  vi.advanceTimersByTime(5000)
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.spyOn(performance, 'now').mockReturnValue(3_600_000)
  vi.advanceTimersByTime(1000)
  expect(silent).not.toHaveBeenCalled()
  beat.stop()
})
