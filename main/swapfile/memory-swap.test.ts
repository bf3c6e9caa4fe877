import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LabError, PAGE_SIZE } from '../contract/index.ts'
import { MemorySwap, type MemorySwapOptions } from './memory-swap.ts'
import { SwapIoError } from './swap-io.ts'

const FRAMES = 16

function swap(options: Partial<MemorySwapOptions> = {}) {
  const arena = new Uint8Array(FRAMES * PAGE_SIZE)
  for (let frame = 0; frame < FRAMES; frame++) arena.fill(frame + 1, frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE)
  return { arena, io: new MemorySwap({ slots: 64, arena, ...options }) }
}

const ignore = () => {}

describe('MemorySwap', () => {
  it('gives back what was written, in scattered frames', () => {
    const { arena, io } = swap()
    io.write(5, 1, ignore)
    io.write(6, 2, ignore)
    io.drain()
    io.read(5, Int32Array.of(9, 7), 2)
    expect(arena[9 * PAGE_SIZE]).toBe(2)
    expect(arena[7 * PAGE_SIZE + 4095]).toBe(3)
    expect(io.contents(5)?.[0]).toBe(2)
    expect(io.contents(7)).toBeNull()
  })

  it('never completes inside write(), nor a page of a batch that was not submitted', () => {
    const { io } = swap({ batch: 4 })
    let done = 0
    for (let i = 0; i < 3; i++) io.write(i, i, () => done++)
    for (let i = 0; i < 100; i++) io.poll()
    expect(done).toBe(0)
    expect(io.inflight).toBe(3)
    io.write(3, 3, () => done++)
    expect(done).toBe(0)
    for (let i = 0; i < 100; i++) io.poll()
    expect(done).toBe(4)
    expect(io.inflight).toBe(0)
  })

  it('delivers at least one page in wait(), and 0 where nothing is in flight', () => {
    const { io } = swap({ slow: 1 })
    expect(io.wait()).toBe(0)
    io.write(0, 0, ignore)
    io.write(1, 1, ignore)
    expect(io.wait()).toBeGreaterThan(0)
  })

  it('completes each write exactly once, with its own slot and frame, whatever the seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.constantFrom('write', 'poll', 'wait', 'flush')), (seed, steps) => {
        const { io } = swap({ seed, batch: 3, slow: 0.3, writeErrors: 0.2 })
        const expected = new Map<number, number>()
        let slot = 0
        for (const step of steps) {
          if (step === 'poll') io.poll()
          else if (step === 'wait') io.wait()
          else if (step === 'flush') io.flush()
          else if (slot < io.slots) {
            expected.set(slot, slot % FRAMES)
            io.write(slot, slot % FRAMES, (s, f) => {
              expect(expected.get(s)).toBe(f)
              expected.delete(s)
            })
            slot++
          }
          expect(io.inflight).toBe(expected.size)
        }
        io.drain()
        expect(expected.size).toBe(0)
      }),
    )
  })

  it('completes out of order, the same way each time', () => {
    const order = (seed: number) => {
      const { io } = swap({ seed })
      const seen: number[] = []
      for (let i = 0; i < FRAMES; i++) io.write(i, i, (slot) => seen.push(slot))
      io.drain()
      return seen
    }
    expect(order(7)).toEqual(order(7))
    expect(order(7)).not.toEqual([...order(7)].sort((a, b) => a - b))
    expect(order(7)).not.toEqual(order(8))
  })

  it('lets a frame that changes under way reach the disk for some seed', () => {
    const torn = Array.from({ length: 20 }, (_, seed) => {
      const { arena, io } = swap({ seed })
      io.write(0, 0, ignore)
      arena.fill(99, 0, PAGE_SIZE)
      io.drain()
      return io.contents(0)?.[0]
    })
    expect(new Set(torn)).toEqual(new Set([1, 99]))
  })

  it('refuses to read or rewrite a busy slot, and to be polled by a completion', () => {
    const { io } = swap()
    io.write(3, 1, ignore)
    expect(() => io.read(3, Int32Array.of(4), 1)).toThrow(/under way/)
    expect(() => io.write(3, 2, ignore)).toThrow(/under way/)
    io.drain()
    io.write(3, 1, () => io.poll())
    expect(() => io.drain()).toThrow(/WriteDone/)
  })

  it('lets a completion queue the next write', () => {
    const { io } = swap()
    let second = false
    io.write(0, 0, () =>
      io.write(1, 1, () => {
        second = true
      }),
    )
    io.drain()
    expect(second).toBe(true)
  })

  it('injects errors for one call, for one slot and by rate', () => {
    const { io, arena } = swap()
    const results: boolean[] = []
    const note = (_slot: number, _frame: number, ok: boolean) => results.push(ok)
    io.failNextWrites()
    io.write(0, 0, note)
    io.drain()
    io.write(0, 0, note)
    io.drain()
    expect(results).toEqual([false, true])

    io.failSlot(0, 'read')
    expect(() => io.read(0, Int32Array.of(1), 1)).toThrow(SwapIoError)
    expect(arena[PAGE_SIZE]).toBe(0xee)
    io.heal()
    io.read(0, Int32Array.of(1), 1)
    expect(arena[PAGE_SIZE]).toBe(1)

    io.readErrors = 0.5
    let failures = 0
    for (let i = 0; i < 200; i++) {
      try {
        io.read(0, Int32Array.of(1), 1)
      } catch (error) {
        expect(error).toBeInstanceOf(LabError)
        failures++
      }
    }
    expect(failures).toBeGreaterThan(60)
    expect(failures).toBeLessThan(140)
  })
})
