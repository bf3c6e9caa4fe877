import { describe, expect, it } from 'vitest'
import type { PolicyName } from '../contract/index.ts'
import { silent } from '../mm/fixture-meters.ts'
import type { CoreMm } from '../mm/index.ts'
import {
  FRAME_BACKEND_WRITE,
  IDLE_CORE,
  PATH_SWAPCACHE,
  WRITEBACK_EXISTS,
  WRITEBACK_GONE,
  WRITEBACK_NO_FRAME,
} from '../mm/index.ts'
import {
  countingClock,
  type EngineOptions,
  makeEngine,
  makePolicy,
  PAGE,
  readPage,
  SCRATCH_PAGES,
  SizedCodec,
  sizeOf,
  wordOf,
} from './fixture-engine.ts'
import { arenaMover, MAX_MEAN_ZPAGE_BYTES, MAX_ZPAGE_BYTES, openZcache } from './index.ts'

/**
 * The laws of tmem coherency and the mistakes that re-implementations of zcache make, one test each, named by the numbers of
 * docs/engine.md.
 */

const FRAMES = 40
const SLOTS = 64

/** zcache alone, over a core mm that does what the test says. Frame 0 is the page to store or to load into. */
function alone(
  options: {
    size?: (word: number) => number
    poolLimit?: number
    writeback?: boolean
    policy?: PolicyName
    inflight?: number
  } = {},
) {
  const arena = new Uint8Array((FRAMES + SCRATCH_PAGES) * PAGE)
  const words = new Int32Array(arena.buffer)
  const free = Array.from({ length: FRAMES - 8 }, (_, i) => i + 8)
  const submitted: { slot: number; frame: number }[] = []
  const state = { reserve: 4, answer: null as number | null, busySlot: -1, endsAtOnce: false, spare: [1, 2, 3] }
  const core: CoreMm = {
    ...IDLE_CORE,
    allocFrame: () => free.pop() ?? -1,
    nextFrame: () => free.at(-1) ?? -1,
    freeFrame: (frame) => {
      free.push(frame)
    },
    get reserveFree() {
      return state.reserve
    },
    readForWriteback: (slot) => {
      if (state.answer !== null) return state.answer
      if (slot === state.busySlot) return WRITEBACK_EXISTS
      const frame = state.spare.pop()
      if (frame === undefined) return WRITEBACK_NO_FRAME
      return zcache.load(slot, frame, true) ? frame : WRITEBACK_GONE
    },
    writeback: (slot, frame) => {
      submitted.push({ slot, frame })
      if (state.endsAtOnce) zcache.writebackDone(slot, frame, true)
    },
  }
  const generations = new Uint32Array(SLOTS)
  const codec = new SizedCodec(arena, FRAMES, options.size ?? (() => 1000))
  const zcache = openZcache(
    core,
    {
      allocator: 'zbud',
      compaction: false,
      exclusiveGets: true,
      frames: FRAMES,
      slots: SLOTS,
      poolLimit: options.poolLimit ?? 16,
      policy: options.writeback ? makePolicy(options.policy ?? 'lru-frame') : null,
      inflight: options.inflight ?? 8,
      full: 'bypass',
      budgetBytesPerDay: null,
    },
    {
      codec,
      arena,
      mover: arenaMover(arena),
      bounce: (FRAMES + 2) * PAGE,
      generations,
      clock: countingClock(),
      meters: { writeback: silent, writebackDecompress: silent, age: silent },
    },
  )
  const store = (slot: number, word: number) => {
    words.fill(word, 0, PAGE / 4)
    return zcache.store(slot, 0)
  }
  const load = (slot: number) => (zcache.load(slot, 0, true) ? readPage(words, 0) : null)
  const oldestFrame = () => (zcache.allocator.gives === 'frame' ? zcache.allocator.oldestFrame() : -1)
  return { zcache, codec, store, load, submitted, state, generations, oldestFrame }
}

/** The same with writeback, its pool full: slots 0 to 31 hold the words 1 to 32, two zpages to each of 16 frames. */
function full(options: Parameters<typeof alone>[0] = {}) {
  const made = alone({ writeback: true, ...options })
  for (let slot = 0; slot < 32; slot++) made.store(slot, slot + 1)
  return made
}

const PAGES = 160

/** The whole engine with writeback, under pressure: 160 pages of 1000 bytes compressed, 64 frames, at most 20 of them the pool's. */
function pressed(options: Partial<EngineOptions> = {}) {
  const base = { pages: PAGES, frames: 64, poolLimit: 20, lane: 'writeback on', size: () => 1000 } as const
  return makeEngine({ ...base, ...options })
}
type Engine = ReturnType<typeof pressed>

/** Touches every page in order, so many times over. */
function sweep(engine: Engine, rounds: number, write: boolean) {
  for (let round = 0; round < rounds; round++) for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, write)
}

function audit(engine: Engine) {
  return [...engine.mm.audit(), ...(engine.pool()?.audit(true) ?? ['no zcache'])]
}

/** Content words whose size the test chooses: the size is the word. */
const sizeIsWord = { size: (word: number) => word }

describe('coherency of tmem', () => {
  it('law a: put A, put B, get gives B', () => {
    const { store, load } = alone()
    store(3, 11)
    store(3, 22)
    expect(load(3)).toBe(22)
  })

  it('law b: after a miss every later get misses until a new put', () => {
    const { store, load } = alone()
    store(3, 11)
    expect(load(3)).toBe(11)
    expect([load(3), load(3)]).toEqual([null, null])
    store(3, 12)
    expect(load(3)).toBe(12)
  })

  it('law c: after a flush every get misses; a flush of nothing is allowed', () => {
    const { zcache, store, load } = alone()
    store(3, 11)
    zcache.invalidatePage(3)
    zcache.invalidatePage(3)
    expect(load(3)).toBeNull()
    for (let slot = 0; slot < 20; slot++) store(slot, slot + 1)
    zcache.invalidateArea()
    expect(Array.from({ length: 20 }, (_, slot) => load(slot)).every((page) => page === null)).toBe(true)
    expect(zcache.audit(true)).toEqual([])
    expect(zcache.counters.pers_pageframes).toBe(0)
  })

  it('law d: a newer page is never passed over for the disk: every page of a swapped-out sweep is its latest version', () => {
    const { access } = makeEngine({ pages: 120, frames: 64, lane: 'writeback on' })
    for (let round = 0; round < 6; round++) for (let vpn = 0; vpn < 120; vpn++) access(vpn, (vpn + round) % 3 === 0)
  })
})

describe('pitfalls', () => {
  it('1: occupancy is in frames, and the effective ratio of zbud stays at 2 where the codec reaches 16', () => {
    const { store, zcache } = alone({ size: () => 256 })
    for (let slot = 0; slot < 20; slot++) expect(store(slot, slot + 1)).toBe(true)
    const { counters } = zcache
    expect((counters.pers_zpages * PAGE) / counters.pers_zbytes).toBe(16)
    expect(counters.pers_zpages / counters.pers_pageframes).toBe(2)
    expect(counters.pers_pageframes_max).toBe(10)
  })

  it('2: a refused store leaves no old copy behind', () => {
    const { store, load, zcache } = alone(sizeIsWord)
    expect(store(3, 500)).toBe(true)
    expect(store(3, MAX_ZPAGE_BYTES + 1)).toBe(false)
    expect(load(3)).toBeNull()
    expect(zcache.counters.compress_poor).toBe(1)
  })

  it('3: a page written back goes past frontswap and is not captured again', () => {
    const engine = pressed()
    sweep(engine, 4, true)
    engine.mm.drain()
    const { mm } = engine
    const { writtenback_pages = 0 } = engine.pool()?.counters ?? {}
    const { frontswap_succ_stores = 0, frontswap_failed_stores = 0 } = mm.frontswap?.counters ?? {}
    expect(writtenback_pages).toBeGreaterThan(50)
    // The backend was offered what reclaim evicted, and nothing of its own; what it refused and what it gave up was written.
    expect(frontswap_succ_stores + frontswap_failed_stores).toBe(mm.counters.pgsteal - mm.counters.clean_drops)
    expect(mm.counters.pswpout).toBe(writtenback_pages + frontswap_failed_stores)
    expect(mm.audit()).toEqual([])
  })

  it('4: writeback does not start from inside a store', () => {
    const { zcache, codec, store } = alone({ writeback: true })
    const compress = codec.compress.bind(codec)
    codec.compress = (frame, to, capacity) => {
      zcache.shrink(32)
      return compress(frame, to, capacity)
    }
    expect(() => store(1, 1)).toThrow(/inside a store/)
  })

  it('5: a page whose writeback is under way is served from the swap cache', () => {
    const engine = pressed({ swap: { slow: 1, slowPolls: 50 } })
    const { mm } = engine
    const served = { reclaim: 0, writeback: 0 }
    for (let round = 0; round < 6; round++)
      for (let vpn = 0; vpn < PAGES; vpn++) {
        engine.access(vpn, true)
        // The order of the sweep rarely meets a page under way: take one directly.
        const busy = mm.pte.findLastIndex((entry) => entry <= -2 && mm.swap.frame[-2 - entry] >= 0)
        if (busy < 0) continue
        const by = mm.frames.flags[mm.whereIs(busy).frame] & FRAME_BACKEND_WRITE ? 'writeback' : 'reclaim'
        engine.access(busy, false)
        expect(mm.lastPath).toBe(PATH_SWAPCACHE)
        served[by]++
      }
    expect(Math.min(served.reclaim, served.writeback)).toBeGreaterThan(10)
  })

  it('5: a page whose write failed stays dirty, is written again, and is never read from disk', () => {
    const engine = pressed()
    engine.io.writeErrors = 0.5
    sweep(engine, 4, true)
    expect(engine.mm.counters.write_errors).toBeGreaterThan(20)
    engine.io.heal()
    engine.io.writeErrors = 0
    sweep(engine, 1, false)
    engine.mm.drain()
    expect(audit(engine)).toEqual([])
  })

  it.each(['raw', 'writeback off', 'writeback on'] as const)(
    '5: a disk that takes no write at all ends the trial with a sentence, and does not hold it for ever: %s',
    (lane) => {
      const engine = pressed({ lane })
      engine.io.writeErrors = 1
      expect(() => sweep(engine, 4, true)).toThrow(expect.objectContaining({ code: 'io_error' }))
      expect(engine.mm.audit()).toEqual([])
    },
  )

  it('5: so it does where stores wait for room, and what waits to be written is blocks of zpages that fail', () => {
    const engine = pressed({
      backend: 'zswap',
      allocator: 'zbud',
      full: 'wait',
      layout: 'log',
      form: 'zpage',
      poolLimit: 12,
    })
    sweep(engine, 2, true)
    engine.io.writeErrors = 1
    const write = engine.io.write.bind(engine.io)
    let writes = 0
    engine.io.write = (slot, frame, done) => {
      if (++writes === 100_000) throw new Error('it never gives up')
      write(slot, frame, done)
    }
    expect(() => sweep(engine, 4, true)).toThrow(expect.objectContaining({ code: 'io_error' }))
    expect(engine.mm.audit()).toEqual([])
  })

  it('6: a slot is not reused while a write into it is under way, and a zpage of an earlier life is not written', () => {
    const engine = makeEngine({ pages: 160, frames: 64, lane: 'raw', swap: { slow: 1, slowPolls: 500 } })
    for (let vpn = 0; vpn < 120; vpn++) engine.access(vpn, true)
    const busy = Array.from({ length: 120 }, (_, vpn) => engine.mm.whereIs(vpn).slot).filter((slot) => slot >= 0)
    const inUse = engine.slots.inUse
    const { inflight } = engine.io
    expect(inflight).toBeGreaterThan(0)
    for (let vpn = 0; vpn < 120; vpn++) engine.mm.free(vpn)
    expect(engine.slots.inUse).toBe(inflight)
    expect(inUse).toBeGreaterThanOrEqual(inflight)
    engine.mm.drain()
    expect(engine.slots.inUse).toBe(0)
    expect(busy.length).toBeGreaterThan(0)
    expect(engine.mm.audit()).toEqual([])

    const { zcache, generations } = full()
    generations.fill(1)
    expect(() => zcache.shrink(32)).toThrow(/freed and reused/)
  })

  it('7: what is in the swap cache already is neither written nor dropped: the copy may be the only one', () => {
    const { zcache, state, load } = full()
    state.answer = WRITEBACK_EXISTS
    expect(zcache.shrink(32)).toBe(0)
    expect(zcache.counters.writeback_skipped_swapcache).toBeGreaterThan(0)
    expect(Array.from({ length: 32 }, (_, slot) => load(slot))).toEqual(
      Array.from({ length: 32 }, (_, slot) => slot + 1),
    )
  })

  it('8: a frame whose writeback did not succeed goes back to the old end of the LRU', () => {
    const { zcache, state, load, oldestFrame } = full()
    const oldest = oldestFrame()
    for (const answer of [WRITEBACK_EXISTS, WRITEBACK_NO_FRAME, WRITEBACK_GONE]) {
      state.answer = answer
      expect(zcache.shrink(32)).toBe(0)
      expect(oldestFrame()).toBe(oldest)
      expect(zcache.audit(true)).toEqual([])
    }
    expect(load(0)).toBe(1)
  })

  it('7: the frame of one that is goes to the young end, and does not stand in the way of those behind it', () => {
    const { zcache, state, oldestFrame } = full()
    const oldest = oldestFrame()
    state.busySlot = 0
    expect(zcache.shrink(32)).toBeGreaterThan(0)
    expect(zcache.counters.writeback_skipped_swapcache).toBe(1)
    expect(oldestFrame()).not.toBe(oldest)
    expect(zcache.audit(false)).toEqual([])
  })

  it.each([
    ['first', 0],
    ['second', 1],
  ])('8: a zpage whose neighbour could not go, the %s of its frame, is not stranded with it', (_, busySlot) => {
    const { zcache, state, load, store, submitted, oldestFrame } = full()
    const victim = oldestFrame()
    state.busySlot = busySlot
    zcache.shrink(32)
    expect(submitted.map(({ slot }) => slot)).toContain(1 - busySlot)
    for (const { slot, frame } of submitted) zcache.writebackDone(slot, frame, true)
    expect(zcache.audit(true)).toEqual([])
    // Its frame is matched again, and counts as filled now.
    expect(store(40, 41)).toBe(true)
    expect(zcache.allocator.frameOf(zcache.index.get(40))).toBe(victim)
    expect(oldestFrame()).not.toBe(victim)
    expect(load(busySlot)).toBe(busySlot + 1)
  })

  it('9: a victim with one zpage takes one spare frame and leaks none', () => {
    const engine = pressed({ size: () => 2200, background: 8 })
    sweep(engine, 4, true)
    engine.mm.drain()
    expect(engine.pool()?.counters.writtenback_pages).toBeGreaterThan(20)
    expect(engine.mm.reserveFree).toBe(16)
    expect(audit(engine)).toEqual([])
  })

  it('10: the cap on writebacks under way holds at every moment, and the count comes back to zero', () => {
    const { zcache, submitted, state } = full({ inflight: 4 })
    state.spare = [1, 2, 3, 4, 5, 6]
    zcache.shrink(32)
    expect(zcache.counters.outstanding_writeback_pages).toBeLessThanOrEqual(4)
    expect(zcache.counters.writeback_skipped_cap).toBe(1)
    for (const { slot, frame } of submitted) zcache.writebackDone(slot, frame, true)
    expect([zcache.counters.outstanding_writeback_pages, zcache.counters.writtenback_pages]).toEqual([
      0,
      submitted.length,
    ])
  })

  it('10: a write that ends before its submission returns was counted before, and once', () => {
    const { zcache, state, submitted } = full()
    const counts: number[] = []
    const done = zcache.writebackDone.bind(zcache)
    zcache.writebackDone = (slot, frame, ok) => {
      counts.push(zcache.counters.outstanding_writeback_pages)
      done(slot, frame, ok)
    }
    state.endsAtOnce = true
    zcache.shrink(32)
    expect(submitted.length).toBeGreaterThan(1)
    expect(counts).toEqual(submitted.map(() => 1))
    expect(zcache.counters).toMatchObject({
      outstanding_writeback_pages: 0,
      writtenback_pages: submitted.length,
    })
    expect(zcache.audit(true)).toEqual([])
  })

  it('11: with every other frame taken, writeback still runs from the reserve', () => {
    const engine = pressed({ background: 0 })
    const { mm } = engine
    const free: number[] = []
    const readForWriteback = mm.readForWriteback.bind(mm)
    mm.readForWriteback = (slot) => {
      free.push(mm.freeFrames)
      return readForWriteback(slot)
    }
    sweep(engine, 4, true)
    // Reclaim by faults alone begins at the low end, where an allocation of anybody else would fail or begin it.
    expect(Math.max(...free)).toBeLessThanOrEqual(mm.watermarks.min)
    mm.drain()
    expect(engine.pool()?.counters.writtenback_pages).toBe(free.length)
    expect(free.length).toBeGreaterThan(50)
    expect(mm.reserveFree).toBe(16)
  })

  it('11: a reserve that is just enough for one victim is enough, and one frame less is none', () => {
    const started = [2, 1].map((reserve) => {
      const { zcache, state, submitted } = full()
      state.reserve = reserve
      zcache.shrink(32)
      return [submitted.length > 0, zcache.counters.writeback_skipped_no_frame > 0]
    })
    expect(started).toEqual([
      [true, true], // the frames of this one run out, after a first victim
      [false, true],
    ])
  })

  it('12: a full pool is not held at the brim, one store to one writeback: with hysteresis it drains first', () => {
    const { store, zcache, submitted, state } = full({ policy: 'watermark', inflight: 32 })
    const writeBack = (pages: number) => {
      state.spare = Array.from({ length: pages }, (_, i) => i + 1)
      zcache.shrink(32)
      for (const { slot, frame } of submitted.splice(0)) zcache.writebackDone(slot, frame, true)
      return zcache.counters.pers_pageframes
    }
    expect(store(40, 41)).toBe(false) // full: from here on stores are refused until the pool is below 90 %
    expect(writeBack(2)).toBe(15)
    expect([store(41, 42), zcache.counters.policy_rejects]).toEqual([false, 1])
    expect(writeBack(3)).toBeLessThan(0.9 * 16)
    expect([store(42, 43), zcache.counters.policy_rejects]).toEqual([true, 1])
  })

  it('13: a store that a full pool refuses is counted as an age inversion, and may wait instead', () => {
    const bypass = pressed({ poolLimit: 12, lane: 'writeback off' })
    sweep(bypass, 3, true)
    expect(bypass.pool()?.counters.age_inversions).toBeGreaterThan(100)
    const wait = pressed({ poolLimit: 12, full: 'wait' })
    sweep(wait, 3, true)
    expect(wait.pool()?.counters.age_inversions).toBe(0)
    expect(wait.pool()?.counters.writtenback_pages).toBeGreaterThan(100)
    const draining = pressed({ poolLimit: 12, policy: 'watermark' })
    sweep(draining, 3, true)
    // At the limit, and from there down to where it accepts again.
    const { age_inversions = 0, policy_rejects = 0 } = draining.pool()?.counters ?? {}
    expect(age_inversions + policy_rejects).toBeGreaterThan(10)
  })

  it('14: swapoff waits for the writes under way', () => {
    const engine = pressed({ swap: { slow: 1, slowPolls: 100 }, size: sizeOf })
    sweep(engine, 1, true)
    engine.mm.invalidateArea()
    expect(engine.io.inflight).toBe(0)
    expect(engine.mm.frontswap?.pages).toBe(0)
    expect(engine.mm.audit()).toEqual([])
  })

  it('20: a page that was written back and then wanted is counted: a policy that evicts hot pages cannot look best', () => {
    const engine = pressed({ readahead: 1 })
    sweep(engine, 1, true)
    engine.mm.drain()
    const back = Array.from({ length: PAGES }, (_, vpn) => vpn).filter((vpn) => engine.mm.whereIs(vpn).onDisk)
    const written = engine.pool()?.counters.writtenback_pages ?? 0
    expect(written).toBeGreaterThan(0)
    for (const vpn of back) engine.access(vpn, false)
    expect(engine.mm.counters.refaults).toBeGreaterThan(0)
    expect(engine.mm.counters.refaults).toBeLessThanOrEqual(written)
  })

  it('24: the mean gate refuses a poor page only while the pool without it is poor, and never a good page', () => {
    const poor = MAX_MEAN_ZPAGE_BYTES + 200
    const { store, zcache } = alone(sizeIsWord)
    expect(store(0, poor)).toBe(true) // an empty pool has no mean
    expect(store(1, poor)).toBe(false)
    expect(zcache.counters.mean_compress_poor).toBe(1)
    expect(store(2, MAX_MEAN_ZPAGE_BYTES)).toBe(true) // a good page always enters
    expect(store(3, 100)).toBe(true)
    expect(store(4, poor)).toBe(true) // the mean is good now, though it would not be with the candidate counted alone
    const brim = alone(sizeIsWord)
    brim.store(0, MAX_MEAN_ZPAGE_BYTES)
    expect(brim.store(1, MAX_MEAN_ZPAGE_BYTES + 1)).toBe(true) // the mean must be above the gate, not at it
    expect(brim.store(2, poor)).toBe(true) // 2560.5 is 2560 in whole bytes, as zcache2 divides
    expect(brim.store(3, poor)).toBe(false)
  })

  it('24: the size gate takes 3584 bytes and refuses 3585', () => {
    const { store } = alone(sizeIsWord)
    expect(store(0, 100)).toBe(true)
    expect(store(1, MAX_ZPAGE_BYTES)).toBe(true)
    expect(store(2, MAX_ZPAGE_BYTES + 1)).toBe(false)
  })

  it('25: a load does not promote the frame it leaves', () => {
    const { store, load, oldestFrame } = alone()
    store(0, 1)
    store(1, 2)
    store(2, 3)
    const oldest = oldestFrame()
    load(0)
    expect(oldestFrame()).toBe(oldest)
  })
})

it('a page has another content word for each version', () => {
  expect(new Set(Array.from({ length: 1000 }, (_, version) => wordOf(5, version))).size).toBeGreaterThan(990)
})
