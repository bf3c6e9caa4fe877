import { expect, it, vi } from 'vitest'
import { LOCKED, sweepLeftovers } from '../../bench/index.ts'
import { removeLeftByDead } from './engine-end.ts'

vi.mock('../../bench/index.ts', async (original) => ({ ...(await original<object>()), sweepLeftovers: vi.fn() }))

it('waits for the lock that the I/O of a dead engine still holds, and no longer than it was told to', async () => {
  const sweep = vi.mocked(sweepLeftovers)
  const keptFor = (reason: string) => ({ removed: [], kept: [{ path: '/swap/swaplab-killed.swap', reason }] })
  const looks = async (reason: string) => {
    sweep.mockClear().mockReturnValue(keptFor(reason))
    await removeLeftByDead('/swap', { look: 1, most: 300 })
    return sweep.mock.calls.length
  }
  expect(await looks(LOCKED)).toBeGreaterThan(2)
  expect(await looks('it belongs to another user')).toBe(1)
  sweep.mockClear().mockReturnValueOnce(keptFor(LOCKED)).mockReturnValueOnce(keptFor(LOCKED))
  sweep.mockReturnValue({ removed: ['/swap/swaplab-killed.swap'], kept: [] })
  await removeLeftByDead('/swap')
  expect(sweep).toHaveBeenCalledTimes(3)
})
