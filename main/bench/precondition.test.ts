import { describe, expect, it } from 'vitest'
import { PAGE_SIZE, parseSpec } from '../contract/index.ts'
import { MemorySwap } from '../swapfile/index.ts'
import { type PreconditionParts, precondition, preconditionNote } from './precondition.ts'

const FRAMES = 32
const SLOTS = 1024

/** Over a disk in memory on a clock that goes on by `pageNs` for each page written, `pageNs` a function of the pages so far. */
function preparation(pageNs: (written: number) => number, changes: Partial<PreconditionParts> = {}) {
  const bytes = new Uint8Array(FRAMES * PAGE_SIZE)
  const io = new MemorySwap({ slots: SLOTS, arena: bytes })
  const written = new Int32Array(SLOTS)
  let now = 0
  let pages = 0
  const parts: PreconditionParts = {
    io: {
      slots: SLOTS,
      get inflight() {
        return io.inflight
      },
      read: (slot, frames, count) => io.read(slot, frames, count),
      write: (slot, frame, done) => {
        written[slot]++
        now += pageNs(pages++)
        io.write(slot, frame, done)
      },
      flush: () => io.flush(),
      poll: () => io.poll(),
      wait: () => io.wait(),
      drain: () => io.drain(),
    },
    arena: { bytes, frames: FRAMES },
    clock: { now: () => now },
    passes: 4,
    depth: 64,
    seed: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  }
  return { parts, written, io, bytes }
}

describe('preconditioning', () => {
  it('ends as soon as five rounds, a pass and a quarter, are steady', async () => {
    const { parts, written } = preparation(() => 100_000)
    const facts = await precondition(parts)
    expect(facts).toMatchObject({ bytes: 1.25 * SLOTS * PAGE_SIZE, passes: 1.25, steady: true })
    expect(facts.perS).toEqual(Array.from({ length: 5 }, () => expect.closeTo(10_000, 6)))
    expect([Math.min(...written), Math.max(...written)]).toEqual([1, 2])
  })

  it('goes on while the disk slows down, and then on to rest', async () => {
    // Quick for two passes, then four times as slow, as a disk whose spare blocks are used up.
    const { parts } = preparation((pages) => (pages < 2 * SLOTS ? 20_000 + 60 * (pages >> 8) ** 3 : 80_000))
    const facts = await precondition(parts)
    expect(facts.steady).toBe(true)
    expect(facts.passes).toBeGreaterThan(2)
    expect(facts.perS.at(-1)).toBeCloseTo(12_500, 6)
  })

  it('gives up after its passes, and says that no rest was reached', async () => {
    const { parts, written } = preparation((pages) => 10_000 + 50 * pages)
    const facts = await precondition({ ...parts, passes: 2 })
    expect(facts).toMatchObject({ passes: 2, steady: false, reason: expect.stringMatching(/^Not reached in 8 rounds/) })
    expect(new Set(written)).toEqual(new Set([2]))
    expect(preconditionNote(facts)).toMatch(/at file level, not SNIA PTS: random 4 KiB writes, 8 MiB, 2\.00 times/)
  })

  it('says of one pass that it cannot show a steady rate', async () => {
    const facts = await precondition({ ...preparation(() => 20_000).parts, passes: 1 })
    expect(facts).toMatchObject({ steady: false, reason: expect.stringContaining('2 or more can show it') })
  })

  it('writes what does not compress, and leaves nothing under way', async () => {
    const { parts, io, bytes } = preparation(() => 100_000)
    await precondition(parts)
    expect(io.inflight).toBe(0)
    expect(new Set(bytes.subarray(0, PAGE_SIZE)).size).toBe(256)
  })

  it('ends with the disk or with a cancel', async () => {
    const broken = preparation(() => 100_000)
    broken.io.writeErrors = 0.01
    await expect(precondition(broken.parts)).rejects.toMatchObject({ code: 'io_error' })
    const cancelled = preparation(() => 100_000, { signal: AbortSignal.abort() })
    await expect(precondition(cancelled.parts)).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('is refused in a simulation, by the field', () => {
    expect(() => parseSpec({ mode: 'simulate', swapfile: { precondition: 2 } })).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'swapfile.precondition' }),
    )
  })
})
