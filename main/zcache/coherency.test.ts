import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carryOut, commandsOf } from './fixture-sequences.ts'

/** Sequences (fixture-sequences.ts) whose point is more than that every page comes back: what must have happened on the way. */

const COMMANDS = 70

describe('same-filled pages', () => {
  it.each([
    ['the zero map', 'raw', 'zero map', 'zcache'],
    ['the zero map', 'writeback on', 'zero map', 'zcache'],
    ['the zero map', 'writeback on', 'zero map', 'zswap'],
    ['zswap itself', 'writeback off', 'zswap', 'zswap'],
    ['zswap itself', 'writeback on', 'zswap', 'zswap'],
  ] as const)('come back as last written from %s, lane %s (%s, %s)', (_, lane, sameFilled, backend) => {
    let kept = 0
    fc.assert(
      fc.property(commandsOf(COMMANDS), fc.nat(), (commands, seed) => {
        const swap = { seed, batch: 4, slow: 0.3 }
        const policy = lane === 'writeback on' && backend === 'zswap' ? 'lru-zpage' : 'lru-frame'
        const options = { frames: 72, poolLimit: 20, lane, backend, policy, sameFilled, swap } as const
        const { mm, same } = carryOut(options, commands)
        kept += mm.counters.swpout_zero + (same()?.counters.same_filled_stores ?? 0)
      }),
      { numRuns: 40 },
    )
    expect(kept).toBeGreaterThan(100)
  })
})

describe('zswap of 2013', () => {
  it.each(['zswap 3.11', 'zswap v4'] as const)(
    '%s gives every page back as last written, from a failing disk',
    (backend) => {
      let writtenBack = 0
      fc.assert(
        fc.property(commandsOf(COMMANDS), fc.nat(), (commands, seed) => {
          const swap = { seed, batch: 4, slow: 0.3 }
          const options = { frames: 72, poolLimit: 20, lane: 'writeback on', backend, swap } as const
          writtenBack += carryOut(options, commands).pool()?.counters.writtenback_pages ?? 0
        }),
        { numRuns: 60 },
      )
      expect(writtenBack).toBeGreaterThan(100)
    },
  )
})

describe('without a disk to fall through to', () => {
  it('gives every page back as last written, writes nothing, and goes on once there is memory again', () => {
    let outOfMemory = 0
    let kept = 0
    fc.assert(
      fc.property(commandsOf(COMMANDS), fc.nat(), fc.constantFrom(110, 150), (commands, seed, frames) => {
        // 160 pages of 2100 bytes at the mean: mostly too much for 110 frames, and for 150 in half of the runs.
        const options = { frames, poolLimit: 90, lane: 'writeback off', backend: 'zswap' } as const
        const run = carryOut({ ...options, diskSwap: false, swap: { seed } }, commands)
        kept += run.mm.counters.swapout_kept
        outOfMemory += run.outOfMemory
        expect(run.io.counts.writes).toBe(0)
      }),
      { numRuns: 50 },
    )
    expect([outOfMemory > 0, kept > 0]).toEqual([true, true])
  })
})
