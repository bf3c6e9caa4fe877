import { afterEach, describe, expect, it } from 'vitest'
import { Arena, native } from '../../../native-bench/index.ts'
import { LiveLane, PAGE_SIZE } from '../../contract/index.ts'
import { type Backend, Mm } from '../../mm/index.ts'
import { MemorySwap, SlotMap } from '../../swapfile/index.ts'
import { Meters } from '../measure/meters.ts'
import { Random } from '../workloads/index.ts'
import { openLive } from './workload.ts'

const PAGES = 400
const FRAMES = 128
const SCRATCH = FRAMES
const CORPUS = 16
const unavailable = native.liveProbe()

const held: (() => void)[] = []
afterEach(() => {
  for (const close of held.splice(0).reverse()) close()
})

/** Keeps copies of pages, of every third slot; `before` is called ahead of each store and load. */
function copies(arena: Uint8Array, before: () => void): Backend {
  const kept = new Map<number, Uint8Array>()
  const page = (frame: number) => arena.subarray(frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE)
  return {
    store(slot, frame) {
      before()
      if (slot % 3 !== 0) return false
      kept.set(slot, page(frame).slice())
      return true
    },
    load(slot, frame) {
      before()
      const copy = kept.get(slot)
      if (!copy) return false
      page(frame).set(copy)
      kept.delete(slot)
      return true
    },
    invalidatePage: (slot) => void kept.delete(slot),
    invalidateArea: () => kept.clear(),
    shrink: () => 0,
    tick: () => {},
    writebackDone: () => {},
  }
}

/** mm with a backend and a disk in memory, under a workload that touches by itself. */
function engine(mode: 'sigbus' | 'handler', threads: number, { seed = 1, writeErrors = 0, before = () => {} } = {}) {
  const arena = new Arena(FRAMES + 1)
  const corpus = new Arena(CORPUS)
  const random = new Random(seed, 9)
  for (let at = 0; at < corpus.bytes.length; at++) corpus.bytes[at] = random.below(256)
  corpus.page(3).fill(0)
  const meters = new Meters()
  const live = openLive(
    LiveLane.parse({ lane: 'live', mode, threads }),
    { pages: PAGES, seed, arena: arena.id, corpus: { arena: corpus.id, pages: CORPUS } },
    meters,
  )
  held.push(
    () => corpus.release(),
    () => arena.release(),
    () => live.close(),
  )
  const slots = new SlotMap(PAGES + FRAMES)
  const io = new MemorySwap({ slots: slots.slots, arena: arena.bytes, seed, writeErrors })
  const mm = new Mm(
    { pages: PAGES, frames: FRAMES, reserve: 0, readahead: 4, background: 8 },
    {
      backend: () => copies(arena.bytes, before),
      io,
      slots,
      clock: { now: native.now },
      meters: meters.mm,
      space: live.memory,
    },
  )
  const accesses = new Uint32Array(live.batch)
  const carryOut = (count: number, next: () => number) => {
    for (let done = 0; done < count; ) {
      const batch = Math.min(live.batch, count - done)
      for (let n = 0; n < batch; n++) accesses[n] = next()
      live.carryOut(mm, accesses, batch)
      done += batch
    }
  }
  /** Every page, wherever it is. */
  const verifyAll = () => {
    mm.drain()
    expect(mm.audit()).toEqual([])
    expect(live.memory.audit(mm)).toEqual([])
    for (let vpn = 0; vpn < PAGES; vpn++) {
      if (!live.memory.isTouched(vpn)) continue
      const { frame, slot, onDisk } = mm.whereIs(vpn)
      if (onDisk) io.read(slot, Int32Array.of(SCRATCH), 1)
      else if (frame < 0) expect(mm.frontswap?.load(slot, SCRATCH)).toBe(true)
      live.memory.verify(vpn, frame < 0 ? SCRATCH : frame, 'the end')
    }
  }
  return { mm, live, meters, random, carryOut, verifyAll, io }
}

const MODES = [
  ['sigbus', 1],
  ['handler', 1],
  ['handler', 2],
] as const

for (const [mode, threads] of MODES) {
  const reason = unavailable[mode]
  describe.skipIf(reason !== null)(
    `a workload on live memory, ${mode}, ${threads} of ${threads}${reason ? ` (skipped: ${reason})` : ''}`,
    () => {
      it('reads what it wrote, whatever becomes of its pages meanwhile: random accesses, frees, and write errors', () => {
        for (let seed = 1; seed <= 4; seed++) {
          const { mm, live, meters, random, carryOut, verifyAll } = engine(mode, threads, { seed, writeErrors: 0.02 })
          const hot = 40 + random.below(100)
          const vpn = () => (random.below(3) > 0 ? random.below(hot) : random.below(PAGES))
          for (let round = 0; round < 12; round++) {
            carryOut(500, () => (vpn() << 2) | random.below(2))
            const gone = vpn()
            mm.free(gone)
            live.memory.forget(gone)
            expect(native.livePresence(live.memory.handle)).toBeLessThanOrEqual(FRAMES + 64)
          }
          verifyAll()
          expect(meters.faults).toBeGreaterThan(500)
          expect(mm.counters.clean_drops).toBeGreaterThan(0)
          expect(mm.counters.faults_pool).toBeGreaterThan(0)
          expect(mm.counters.faults_disk).toBeGreaterThan(0)
          held.pop()?.()
        }
      })

      it('keeps a page that is written to again and again, while others come and go', () => {
        const { carryOut, mm, live } = engine(mode, threads)
        let at = 0
        let absent = 0
        for (let batch = 0; batch < 12; batch++) {
          // Page 0 is written between any two others; a read would leave no trace.
          carryOut(512, () => (at++ % 2 === 0 ? 1 : (1 + ((at >> 1) % (PAGES - 1))) << 2))
          if (!native.liveMapped(live.memory.handle, 0)) absent++
        }
        expect(mm.counters.pgsteal).toBeGreaterThan(1000)
        // The page of a thread that is not scheduled meanwhile may go. Of the other pages a third would be there.
        expect(absent).toBeLessThanOrEqual(threads === 1 ? 0 : 3)
      })

      it('ends with the error of its engine, and touches nothing any more', () => {
        let calls = 0
        const { carryOut, live, mm } = engine(mode, threads, {
          before: () => {
            if (++calls === 300) throw new Error('the backend is on fire')
          },
        })
        let at = 0
        expect(() => carryOut(20_000, () => ((at++ % PAGES) << 2) | 1)).toThrow('the backend is on fire')
        if (mode === 'handler') expect(() => live.carryOut(mm, Uint32Array.of(4), 1)).toThrow(/called out/)
      })

      it('measures the way of a fault with nothing behind it', () => {
        const { live } = engine(mode, threads)
        const { count, min } = live.nullFaults()
        expect(count.reduce((sum, n) => sum + n, 0)).toBe(2048)
        expect(min).toBeGreaterThan(500)
      })
    },
  )
}
