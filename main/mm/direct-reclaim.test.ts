import { expect, it } from 'vitest'
import { MemorySwap } from '../swapfile/index.ts'
import { newMmCounters } from './counters.ts'
import { DirectReclaim } from './direct-reclaim.ts'
import { silent } from './fixture-meters.ts'
import { Frames } from './frames.ts'
import { Lru } from './lru.ts'
import { Reclaim } from './reclaim.ts'

const FRAMES = 16

/** More than any disk is given. */
const RUNAWAY = 10_000

it('gives up where nothing can be written, though each page that could not gives a frame of the pool and takes it again', () => {
  const frames = new Frames(FRAMES, 0)
  const lru = new Lru(FRAMES)
  const counters = newMmCounters()
  while (frames.free > 2) frames.take()
  let turns = 0
  let pool = frames.take()
  const reclaim = new Reclaim(frames, lru, counters, false, {
    // The backend: its zpage's frame comes free for the page, whose write fails; stored again, it takes it back.
    shrink() {
      if (++turns === RUNAWAY) throw new Error('it never gives up')
      counters.write_errors++
      if (pool >= 0) {
        frames.release(pool)
        pool = -1
      } else pool = frames.take()
      return 1
    },
    look: null,
    evict: () => false,
    used: () => {},
  })
  const direct = new DirectReclaim({
    frames,
    lru,
    watermarks: { min: 4, low: 6, high: 8 },
    reclaim,
    io: new MemorySwap({ slots: FRAMES, arena: new Uint8Array(FRAMES * 4096) }),
    counters,
    clock: { now: () => 0 },
    meter: silent,
    diskSwap: true,
  })
  expect(() => direct.takeFrame()).toThrow(expect.objectContaining({ code: 'io_error' }))
})
