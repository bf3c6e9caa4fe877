import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Arena, native } from '../../native-bench/index.ts'
import { PAGE_SIZE, type SwapfileSpec } from '../contract/index.ts'
import { createSwapfile, type Swapfile } from './create.ts'
import { DirectSwap, type DirectSwapOptions } from './direct-swap.ts'
import { decodeHeader } from './header.ts'
import { SwapIoError } from './swap-io.ts'

const SLOTS = 512
const FRAMES = 64
const IOS = ['psync', 'uring'] as const
const SYNCS = ['none', 'batch', 'each', 'dsync'] as const satisfies SwapfileSpec['sync'][]
const RINGS = [
  { depth: 64 },
  { depth: 1 },
  { depth: 3, completion: 'polled' },
  { depth: 64, completion: 'polled', registered: 'off' },
] as const satisfies Partial<DirectSwapOptions>[]
type Combination = Partial<DirectSwapOptions> & Pick<DirectSwapOptions, 'io' | 'sync'>
const COMBINATIONS = IOS.flatMap((io) =>
  SYNCS.flatMap((sync): Combination[] =>
    io === 'psync' ? [{ io, sync }] : RINGS.map((ring) => ({ io, sync, ...ring })),
  ),
)
const uring = native.uringProbe()
const AVAILABLE = IOS.filter((io) => io === 'psync' || uring.available)

let directory: string
let swapfile: Swapfile
let arena: Arena
let swap: DirectSwap | null = null
beforeAll(async () => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-direct-'))
  swapfile = await createSwapfile({ directory, slots: SLOTS, runId: 'test', buffered: true })
})
afterAll(() => {
  swapfile.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  arena = new Arena(FRAMES)
})
afterEach(() => {
  swap?.close()
  swap = null
  arena.release()
})

function open(options: Partial<DirectSwapOptions> = {}, file = swapfile): DirectSwap {
  swap?.close()
  swap = new DirectSwap(file, arena, { sync: 'batch', batch: 8, io: 'psync', ...options })
  return swap
}

function fill(frame: number, value: number): void {
  new Uint32Array(arena.bytes.buffer, arena.bytes.byteOffset + frame * PAGE_SIZE, PAGE_SIZE / 4).fill(value)
}
function pageValue(frame: number): number {
  const words = new Uint32Array(arena.bytes.buffer, arena.bytes.byteOffset + frame * PAGE_SIZE, PAGE_SIZE / 4)
  return words.every((word) => word === words[0]) ? words[0] : -1
}
const ignore = () => {}

describe.each(COMBINATIONS)(
  'DirectSwap, $io, sync $sync, depth $depth, $completion, registered $registered',
  (options) => {
    if (options.io === 'uring' && !uring.available) {
      it.skip(`skipped: ${uring.reason}`, ignore)
      return
    }

    it('agrees with a plain map through any sequence of writes, reads and polls', () => {
      const io = open({ ...options, batch: 5 })
      const disk = new Map<number, number>()
      const under = new Map<number, number>() // slot -> value
      let value = 0
      const step = fc.record({
        what: fc.constantFrom('write', 'write', 'write', 'read', 'poll', 'wait', 'flush'),
        slot: fc.integer({ min: 0, max: 40 }),
        count: fc.integer({ min: 1, max: 8 }),
      })
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          // The lower half of the frames is written from, one frame for each slot; the upper half is read into.
          const busyFrames = new Set<number>()
          for (const { what, slot, count } of steps) {
            if (what === 'poll') io.poll()
            else if (what === 'flush') io.flush()
            else if (what === 'wait') io.wait()
            else if (what === 'write') {
              const frame = slot % 32
              if (under.has(slot) || busyFrames.has(frame)) continue
              fill(frame, ++value)
              under.set(slot, value)
              busyFrames.add(frame)
              io.write(slot, frame, (s, f, ok) => {
                expect([s, f, ok]).toEqual([slot, frame, true])
                disk.set(slot, under.get(slot) ?? -1)
                under.delete(slot)
                busyFrames.delete(frame)
              })
            } else {
              if (Array.from({ length: count }, (_, i) => under.has(slot + i)).some(Boolean)) continue
              const frames = Int32Array.from({ length: count }, (_, i) => 63 - i * 2)
              expect(io.read(slot, frames, count)).toBeGreaterThan(0)
              for (const [i, frame] of frames.entries())
                if (disk.has(slot + i)) expect(pageValue(frame)).toBe(disk.get(slot + i))
            }
            expect(io.inflight).toBe(under.size)
          }
          io.drain()
          expect(under.size).toBe(0)
        }),
        { numRuns: options.sync === 'each' ? 20 : 40 },
      )
    })

    it('delivers nothing from write() or flush(), everything from drain()', () => {
      const io = open({ ...options, batch: 4 })
      const done: number[] = []
      for (let i = 0; i < 9; i++) io.write(i, i, (slot) => done.push(slot))
      io.flush()
      expect(done).toEqual([])
      io.drain()
      expect(done.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
      expect(io.wait()).toBe(0)
      expect(io.lastError).toBeNull()
    })

    it('takes more pages in flight than the ring has entries', () => {
      const io = open({ ...options, batch: 256 })
      let done = 0
      const pages = options.sync === 'each' ? 300 : SLOTS
      for (let slot = 0; slot < pages; slot++) {
        io.write(slot, slot % FRAMES, (_slot, _frame, ok) => {
          if (ok) done++
        })
      }
      io.drain()
      expect(done).toBe(pages)
    })
  },
)

describe('the queue depth', () => {
  it.skipIf(!uring.available).each([1, 4])('of %i: no more writes than that are under way at a time', (depth) => {
    const swap = open({ io: 'uring', sync: 'none', batch: 32, depth })
    const spans: { from: number; to: number }[] = []
    swap.observer = {
      onRead: ignore,
      onWrite: (ns) => {
        const to = native.now()
        spans.push({ from: to - ns, to })
      },
      onSync: ignore,
    }
    const start = native.now()
    for (let i = 0; i < 32; i++) swap.write(i * 2, i, ignore)
    swap.drain()
    expect(spans).toHaveLength(32)
    // Each write takes its place of `depth` for its time: together no more than depth × the time of all.
    const taken = spans.reduce((sum, { from, to }) => sum + to - from, 0)
    expect(taken).toBeLessThanOrEqual(depth * (native.now() - start))
  })
})

describe('the observer', () => {
  it.each(AVAILABLE)('sees one sync for a batch, one for each page, none otherwise (%s)', (io) => {
    const syncs = (sync: SwapfileSpec['sync']) => {
      const swap = open({ io, sync, batch: 8 })
      const seen = { syncs: 0, writes: 0, reads: 0, pages: 0 }
      swap.observer = {
        onRead: (ns, pages) => {
          seen.reads += ns > 0 ? 1 : 0
          seen.pages += pages
        },
        onWrite: (ns) => {
          seen.writes += ns > 0 ? 1 : 0
        },
        onSync: (ns) => {
          seen.syncs += ns > 0 ? 1 : 0
        },
      }
      for (let i = 0; i < 16; i++) swap.write(i * 2, i, ignore)
      swap.drain()
      swap.read(10, Int32Array.of(40, 41, 42), 3)
      return seen
    }
    expect(SYNCS.map((sync) => syncs(sync).syncs)).toEqual([0, 2, 16, 0])
    expect(syncs('batch')).toEqual({ syncs: 2, writes: 16, reads: 1, pages: 3 })
  })

  it('sees a run of consecutive slots as one write (psync)', () => {
    const swap = open({ io: 'psync', batch: 8 })
    let writes = 0
    swap.observer = { onRead: ignore, onWrite: () => writes++, onSync: ignore }
    for (const slot of [7, 3, 4, 20, 6, 5, 100, 21]) swap.write(slot, slot % FRAMES, ignore)
    swap.drain()
    expect(writes).toBe(3) // 3-7, 20-21, 100
  })
})

describe('the facts', () => {
  it('name what was really done', () => {
    expect(open({ io: 'psync', sync: 'dsync' }).facts).toEqual({
      directory,
      bytes: (SLOTS + 1) * PAGE_SIZE,
      direct: swapfile.direct,
      io: 'psync',
      syncVerb: 'O_DSYNC',
    })
    expect(open({ sync: 'each' }).facts.syncVerb).toBe('fdatasync')
    expect(open({ sync: 'none' }).facts.syncVerb).toBe('none')
    expect(open({ io: 'psync' }).facts.ring).toBeUndefined()
  })

  it.skipIf(!uring.available)('name what the ring was asked for, and what is registered', () => {
    const registered = expect.stringMatching(/^(buffers and file|file)$/) // buffers: where RLIMIT_MEMLOCK allows
    const ring = open({ io: 'uring', depth: 7, completion: 'polled', registered: 'on' }).facts.ring
    expect(ring).toEqual({ depth: 7, completion: 'polled', registered })
    expect(open({ io: 'uring', registered: 'off' }).facts.ring?.registered).toBe('nothing')
  })
})

describe('the rules', () => {
  it('refuses a busy slot, a slot outside, and polling from a completion', () => {
    const io = open()
    io.write(3, 0, ignore)
    expect(() => io.read(2, Int32Array.of(1, 2, 3), 3)).toThrow(/slot 3 is read/)
    expect(() => io.write(3, 1, ignore)).toThrow(/slot 3 is written/)
    expect(() => io.write(SLOTS, 1, ignore)).toThrow(/of 512/)
    expect(() => io.read(SLOTS - 1, Int32Array.of(1, 2), 2)).toThrow(/of 512/)
    io.drain()
    io.write(3, 0, () => io.poll())
    expect(() => io.drain()).toThrow(/WriteDone/)
  })

  it('lets a completion write the same slot again', () => {
    const io = open()
    let second = false
    fill(1, 111)
    fill(2, 222)
    io.write(9, 1, () =>
      io.write(9, 2, () => {
        second = true
      }),
    )
    io.drain()
    expect(second).toBe(true)
    io.read(9, Int32Array.of(5), 1)
    expect(pageValue(5)).toBe(222)
  })

  it('never touches the header, whatever is written', () => {
    const io = open({ batch: 32 })
    for (let slot = 0; slot < 64; slot++) io.write(slot, slot, ignore)
    io.drain()
    const page = new Arena(1)
    native.fileRead(swapfile.file, page.id, 0, 1, 0)
    expect(decodeHeader(page.bytes)?.runId).toBe('test')
    page.release()
  })
})

describe.each(AVAILABLE)('when the disk refuses (%s)', (io) => {
  it('ends every page of the batch with ok=false, and throws from read()', () => {
    // A handle open for reading only: each write fails with EBADF, each read of a page behind the end with EIO.
    const file = native.fileOpen(swapfile.path, { write: false, create: false, direct: swapfile.direct, dsync: false })
    const broken = { ...swapfile, file, slots: SLOTS + 10 }
    const swap = open({ io, sync: 'batch', batch: 4 }, broken)
    const results: boolean[] = []
    for (let i = 0; i < 6; i++) swap.write(i * 3, i, (_slot, _frame, ok) => results.push(ok))
    swap.drain()
    expect(results).toEqual([false, false, false, false, false, false])
    expect(swap.lastError).toBeInstanceOf(SwapIoError)
    expect(swap.inflight).toBe(0)
    expect(() => swap.read(SLOTS + 1, Int32Array.of(1), 1)).toThrow(SwapIoError)
    swap.close()
    native.fileClose(file)
  })
})
