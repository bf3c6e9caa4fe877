import { describe, expect, it } from 'vitest'
import { type EngineOptions, LateDecompressor, makeEngine, SizedCodec } from './fixture-engine.ts'
import { type Decompressor, openZcache, type Policy } from './index.ts'

const PAGES = 160
const FRAMES = 96

/** Watches what an engine hands over. Its sequences against a map are in sequences.test.ts (`late`). */
function engine(victims: number, options: Partial<EngineOptions> = {}) {
  const seen = { handedOver: 0, pending: 0, most: 0 }
  const policy: Policy = { unit: 'zpage', onTick: () => victims }
  const made = makeEngine({
    pages: PAGES,
    frames: FRAMES,
    poolLimit: 16,
    inflight: 16,
    lane: 'writeback on',
    backend: (core, parts) => {
      const late = new LateDecompressor(new SizedCodec(parts.arena ?? new Uint8Array(), FRAMES, options.size))
      const decompressor: Decompressor = {
        post: (offset, bytes, frame) => {
          seen.handedOver++
          seen.most = Math.max(seen.most, ++seen.pending)
          late.post(offset, bytes, frame)
        },
        wait: (behind) => {
          seen.pending = Math.min(seen.pending, behind)
          late.wait(behind)
        },
      }
      return openZcache(
        core,
        {
          ...{ allocator: options.allocator ?? 'zbud', exclusiveGets: true, frames: FRAMES, slots: PAGES + 64 },
          ...{ poolLimit: 16, policy, inflight: 16, full: 'bypass', budgetBytesPerDay: null, compaction: true },
        },
        { ...parts, decompressor },
      )
    },
    ...options,
  })
  for (let vpn = 0; vpn < PAGES; vpn++) made.access(vpn, true)
  return { ...made, seen }
}

const everyPage = ({ access }: Pick<ReturnType<typeof engine>, 'access'>) => {
  for (let vpn = 0; vpn < PAGES; vpn++) access(vpn, false)
}

describe('a decompressor beside the engine', () => {
  it.each(['zbud', 'z3fold', 'zsmalloc'] as const)(
    'has several pages at once, and none is left when the call returns (%s)',
    (allocator) => {
      const made = engine(8, { allocator, size: (word) => 300 + ((word >>> 3) % 900) })
      const { mm, seen } = made
      const before = mm.counters.pswpout
      mm.tick(1e9)
      expect(seen.most).toBeGreaterThan(1)
      expect(seen.pending).toBe(0)
      expect(mm.counters.pswpout - before).toBeGreaterThanOrEqual(seen.most)
      mm.drain()
      everyPage(made)
      expect(made.audit()).toEqual([])
    },
  )

  it('is not asked for a few pages: handing them over would take longer', () => {
    const made = engine(3)
    const before = made.mm.counters.pswpout
    made.mm.tick(1e9)
    expect(made.mm.counters.pswpout).toBeGreaterThan(before)
    expect(made.seen.handedOver).toBe(0)
  })
})
