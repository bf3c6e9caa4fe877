import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../contract/index.ts'
import { LogSwap, logBufferPages } from './log-swap.ts'
import { MemorySwap, type MemorySwapOptions } from './memory-swap.ts'
import { logGeometry } from './segments.ts'
import type { SwapIo } from './swap-io.ts'
import { ZPAGE_DISCARDED, ZPAGE_DURABLE, ZPAGE_FAILED } from './zpage-area.ts'
import { MAX_BLOCK_ZPAGES } from './zpage-block.ts'

const FRAMES = 64
const SLOTS = 128
const BLOCKS = 4
const SOURCE = FRAMES // a page of the arena where zpages are made before they are staged
const WORDS = PAGE_SIZE / 4

interface Options {
  overprovision?: number
  blocks?: number
  swap?: Partial<MemorySwapOptions>
}

function open({ overprovision = 0.25, blocks = BLOCKS, swap = {} }: Options = {}) {
  const buffers = FRAMES + 1
  const arena = new Uint8Array((buffers + logBufferPages(blocks)) * PAGE_SIZE)
  const geometry = logGeometry(SLOTS, overprovision)
  const disk = new MemorySwap({ slots: geometry.places, arena, batch: 4, ...swap })
  const generations = new Uint32Array(SLOTS)
  /** What the disk is asked to do, checked against what may still be read. */
  const written: number[] = []
  let log: LogSwap
  const device: SwapIo = {
    slots: disk.slots,
    get inflight() {
      return disk.inflight
    },
    read: (place, frames, count) => disk.read(place, frames, count),
    write: (place, frame, done) => {
      for (let slot = 0; slot < SLOTS; slot++)
        if (log.placeOf(slot) === place) throw new Error(`place ${place} still holds slot ${slot}, and is written over`)
      written.push(place)
      disk.write(place, frame, done)
    },
    flush: () => disk.flush(),
    poll: () => disk.poll(),
    wait: () => disk.wait(),
    drain: () => disk.drain(),
  }
  log = new LogSwap(device, {
    slots: SLOTS,
    geometry,
    arena,
    buffers,
    blocks,
    move: (to, from, bytes) => void arena.copyWithin(to, from, from + bytes),
    generations,
    now: () => 0,
    onCleaned: () => {},
  })
  const words = new Int32Array(arena.buffer)
  const fill = (page: number, word: number) => void words.fill(word, page * WORDS, (page + 1) * WORDS)
  return { log, disk, arena, words, fill, written, geometry, generations }
}

const ignore = () => {}

describe('a log', () => {
  it('puts pages at consecutive places, whichever slots they are of, and finds them there', () => {
    const { log, fill, words, written } = open()
    for (const [i, slot] of [90, 3, 41, 7].entries()) {
      fill(i, slot + 1000)
      log.write(slot, i, ignore)
    }
    log.drain()
    expect(written).toEqual([0, 1, 2, 3])
    expect([90, 3, 41, 7].map((slot) => log.placeOf(slot))).toEqual([0, 1, 2, 3])
    expect([0, 1, 2, 3].map((place) => log.slotAt(place))).toEqual([90, 3, 41, 7])
    log.read(0, Int32Array.of(10, 11, 12, 13), 4)
    expect([10, 11, 12, 13].map((frame) => words[frame * WORDS + 9])).toEqual([1090, 1003, 1041, 1007])
    expect(log.audit()).toEqual([])
  })

  it('keeps the old place of a slot written again until the new one is durable', () => {
    const { log, disk } = open({ swap: { slow: 0 } })
    log.write(5, 0, ignore)
    log.drain()
    log.write(5, 1, ignore)
    expect(log.placeOf(5)).toBe(0)
    log.drain()
    expect([log.placeOf(5), log.slotAt(0)]).toEqual([1, -1])
    disk.failNextWrites()
    let ok = true
    log.write(5, 2, (_slot, _frame, outcome) => {
      ok = outcome
    })
    log.drain()
    expect([ok, log.placeOf(5)]).toEqual([false, -1])
    expect(log.audit()).toEqual([])
  })

  it('goes round for ever while slots die, without cleaning where whole segments do', () => {
    const { log, geometry } = open()
    for (let i = 0; i < 20 * geometry.places; i++) {
      log.discard(i % SLOTS)
      log.write(i % SLOTS, i % FRAMES, ignore)
      if (i % 4 === 3) log.drain()
    }
    expect(log.counters.log_written_pages).toBe(20 * geometry.places)
    expect(log.counters.log_cleaned_pages).toBe(0)
  })

  it('cleans when every slot is in use and pages die at random, and moves more with less over-provisioning', () => {
    const amplification = [0.1, 0.25, 1].map((overprovision) => {
      const { log, fill, words } = open({ overprovision })
      const at = new Int32Array(SLOTS)
      let seed = 7
      for (let i = 0; i < 4000; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
        const slot = i < SLOTS ? i : (seed >>> 16) % SLOTS
        log.discard(slot)
        at[slot] = i
        fill(0, i)
        log.write(slot, 0, ignore)
        log.drain()
      }
      for (let slot = 0; slot < SLOTS; slot++) {
        log.read(log.placeOf(slot), Int32Array.of(1), 1)
        expect(words[WORDS]).toBe(at[slot])
      }
      expect(log.audit()).toEqual([])
      const { log_written_pages, log_cleaned_pages, log_cleaned_segments } = log.counters
      expect(log_cleaned_segments).toBeGreaterThan(0)
      return log_written_pages / (log_written_pages - log_cleaned_pages)
    })
    expect(amplification[0]).toBeGreaterThan(amplification[1])
    expect(amplification[1]).toBeGreaterThan(amplification[2])
    expect(amplification[2]).toBeLessThan(1.5)
  })

  it('moves with a block the slots that still lie in it, slot 0 among them, and no others', () => {
    const { log, generations, fill } = open({ overprovision: 0.05, swap: { slow: 0 } })
    fill(SOURCE, 7)
    for (const slot of [0, 1, 2]) log.stage(slot, generations[slot], SOURCE * PAGE_SIZE, 100)
    expect([log.placeOf(0), log.stagedOf(0) >= 0]).toEqual([-1, true])
    log.drain()
    const first = log.placeOf(0)
    expect([1, 2].map((slot) => log.placeOf(slot))).toEqual([first, first])
    log.discard(1)
    let seed = 7
    for (let i = 0; log.placeOf(2) === first && i < 4000; i++) {
      // Every slot but those that stay in the block.
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      const slot = i < SLOTS - 3 ? 3 + i : 1 + ((seed >>> 16) % (SLOTS - 1))
      if (slot === 2) continue
      log.discard(slot)
      log.write(slot, 0, ignore)
      log.drain()
      expect(log.audit()).toEqual([])
    }
    expect(log.placeOf(2)).not.toBe(first)
    expect(log.placeOf(0)).toBe(log.placeOf(2))
    expect(log.slotAt(log.placeOf(1))).toBe(1)
    expect(log.audit()).toEqual([])
  })

  it('ends a write as failed where a disk that fails lets nothing be cleaned, and recovers with it', () => {
    const { log, disk } = open({ overprovision: 0.05, swap: { slow: 0 } })
    for (let slot = 0; slot < SLOTS; slot++) log.write(slot, slot % FRAMES, ignore)
    log.drain()
    disk.writeErrors = 1
    let failed = 0
    for (let i = 0; i < 200; i++) {
      log.write(i % SLOTS, 0, (_slot, _frame, ok) => {
        if (!ok) failed++
      })
      log.drain()
    }
    expect(failed).toBe(200)
    disk.heal()
    for (let slot = 0; slot < SLOTS; slot++) {
      log.write(slot, 0, (_slot, _frame, ok) => expect(ok).toBe(true))
      log.drain()
    }
    expect(log.audit()).toEqual([])
  })

  it('refuses to free a slot that is being written, and a poll inside a completion', () => {
    const { log } = open()
    log.write(3, 0, () => log.poll())
    expect(() => log.discard(3)).toThrow(/under way/)
    expect(() => log.write(3, 1, ignore)).toThrow(/under way/)
    expect(() => log.drain()).toThrow(/WriteDone/)
  })
})

type Command =
  | { do: 'write' | 'stage'; slot: number; bytes: number }
  | { do: 'free' | 'read'; slot: number }
  | { do: 'poll' | 'wait' | 'flush' | 'drain' | 'retry' }
  | { do: 'fail'; count: number }

const slot = fc.nat(SLOTS - 1)
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('write' as const, 'stage' as const, 'stage' as const),
      slot,
      bytes: fc.oneof(fc.integer({ min: 8, max: 4076 }), fc.integer({ min: 8, max: 300 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('free' as const, 'read' as const), slot }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('poll' as const, 'wait' as const, 'flush' as const, 'drain' as const, 'retry' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), count: fc.integer({ min: 1, max: 6 }) }) },
)

describe('pages and zpages in one log, against a plain map', () => {
  it.each([
    ['pages', 0.1],
    ['zpages', 0.1],
    ['both', 0.1],
    ['both', 1],
  ] as const)(
    'gives back %s as last written, with over-provisioning %d and a failing, slow disk',
    (forms, overprovision) => {
      fc.assert(
        fc.property(fc.array(command, { minLength: 200, maxLength: 500 }), fc.nat(), (commands, seed) => {
          const { log, disk, words, fill, generations } = open({ overprovision, swap: { seed, slow: 0.3 } })
          /** By slot: the word it must give back, and whether it is being written. */
          const held = new Map<number, number>()
          const busy = new Set<number>()
          const inFlight = new Set<number>()
          const sizes = new Map<number, number>()
          let version = 0
          let ends = 0
          log.onZpage = (_slot, _id, outcome) => {
            expect([ZPAGE_DURABLE, ZPAGE_FAILED, ZPAGE_DISCARDED]).toContain(outcome)
            ends++
          }
          /** Ends that must come. */
          let staged = 0
          const retry = () => {
            staged += log.retryFailed()
          }
          const drop = (slot: number) => {
            if (busy.has(slot)) return false
            log.discard(slot)
            generations[slot]++
            held.delete(slot)
            return true
          }
          const check = (slot: number) => {
            const expected = held.get(slot)
            if (expected === undefined || busy.has(slot)) return
            const bytes = sizes.get(slot)
            const id = log.stagedOf(slot)
            if (bytes === undefined) {
              log.read(log.placeOf(slot), Int32Array.of(0), 1)
              expect(words[5]).toBe(expected)
              return
            }
            const along = new Int32Array(MAX_BLOCK_ZPAGES)
            if (id < 0) {
              const others = log.readBlock(slot, along)
              for (const other of along.subarray(0, others)) expect(sizes.has(other)).toBe(true)
            }
            const offset = id < 0 ? log.readOffset(slot) : log.stagedOffset(id)
            expect(id < 0 ? log.readBytes(slot) : log.stagedBytes(id)).toBe(bytes)
            expect([words[offset / 4], words[(offset + ((bytes - 4) & ~3)) / 4]]).toEqual([expected, expected])
          }
          for (const step of commands) {
            switch (step.do) {
              case 'write':
              case 'stage': {
                const asZpage = forms === 'zpages' || (forms === 'both' && step.do === 'stage')
                if (asZpage ? !log.canStage(step.bytes) : inFlight.size >= FRAMES - 1) break
                if (!drop(step.slot)) break
                const word = ++version
                held.set(step.slot, word)
                if (asZpage) {
                  fill(SOURCE, word)
                  log.stage(step.slot, generations[step.slot], SOURCE * PAGE_SIZE, step.bytes)
                  sizes.set(step.slot, step.bytes)
                  staged++
                  break
                }
                sizes.delete(step.slot)
                let frame = 1
                while (inFlight.has(frame)) frame++
                inFlight.add(frame)
                busy.add(step.slot)
                fill(frame, word)
                log.write(step.slot, frame, (slot, frame, ok) => {
                  inFlight.delete(frame)
                  busy.delete(slot)
                  if (!ok) held.delete(slot)
                })
                break
              }
              case 'free':
                drop(step.slot)
                break
              case 'read':
                check(step.slot)
                break
              case 'retry':
                retry()
                break
              case 'fail':
                disk.failNextWrites(step.count)
                break
              default:
                log[step.do]()
            }
          }
          expect(log.audit()).toEqual([])
          disk.heal()
          log.drain()
          retry()
          log.drain()
          expect([log.inflight, log.failedZpages, ends]).toEqual([0, 0, staged])
          for (const slot of held.keys()) check(slot)
          expect(log.audit()).toEqual([])
        }),
        { numRuns: 25 },
      )
    },
  )
})
