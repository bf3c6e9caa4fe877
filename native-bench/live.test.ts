import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Arena, native } from './index.ts'

const READ = 0
const WRITE = 1
const PAGES = 200
const { sigbus, handler } = native.liveProbe()

let corpus: Arena
let arena: Arena
let live: number

function open(threads: number): void {
  live = native.liveOpen(PAGES, threads)
  native.liveContents(
    live,
    corpus.id,
    Uint32Array.from({ length: PAGES }, (_, vpn) => vpn % 2),
  )
}

beforeEach(() => {
  corpus = new Arena(2)
  for (let byte = 0; byte < corpus.bytes.length; byte++) corpus.bytes[byte] = 1 + (byte % 251)
  arena = new Arena(PAGES)
})
afterEach(() => {
  native.liveClose(live)
  arena.release()
  corpus.release()
})

const encode = (...accesses: [vpn: number, op: number][]) => Uint32Array.from(accesses, ([vpn, op]) => (vpn << 2) | op)

describe.skipIf(sigbus !== null)(`live memory touched by the caller${sigbus ? ` (skipped: ${sigbus})` : ''}`, () => {
  beforeEach(() => open(0))

  /** Carries everything out, bringing each missing page from its own frame of the arena; what was missing, in order. */
  function run(accesses: Uint32Array, protect = true) {
    const state = new Float64Array([0, 0, -1])
    const missed: number[] = []
    const seen: boolean[] = []
    for (let at = 0; ; ) {
      at = native.liveRun(live, accesses, at, accesses.length)
      if (at === accesses.length) return { missed, seen, state }
      const vpn = accesses[at] >> 2
      missed.push(vpn)
      if (arena.page(vpn)[4095] === 0) native.liveZero(live, vpn, 0)
      else native.liveMap(live, vpn, arena.id, vpn, 0, protect)
      expect(native.liveResume(live, state)).toBeGreaterThan(0)
      at++
    }
  }

  it('stops at each missing page, and goes on when it was brought', () => {
    expect(run(encode([4, WRITE], [5, READ], [4, READ], [4, WRITE], [6, READ])).missed).toEqual([4, 5, 6])
    expect(native.livePresence(live)).toBe(3)
    expect([4, 5, 6].every((vpn) => native.liveVerify(live, vpn, arena.id, vpn))).toBe(true)
  })

  it('takes pages out and brings them back as they were, and compares them', () => {
    run(encode([4, WRITE], [5, WRITE], [4, WRITE]))
    for (const vpn of [4, 5]) native.liveUnmap(live, vpn, arena.id, vpn, false)
    native.liveFlush(live)
    expect(native.livePresence(live)).toBe(0)
    expect(native.liveVerify(live, 4, arena.id, 4)).toBe(true)
    expect(native.liveVerify(live, 4, arena.id, 5)).toBe(false)
    const { missed, state } = run(encode([5, READ], [4, WRITE]))
    expect({ missed, verified: state[1], mismatch: state[2] }).toEqual({ missed: [5, 4], verified: 2, mismatch: -1 })
  })

  it('knows a page that came back with other content', () => {
    run(encode([4, WRITE]))
    native.liveUnmap(live, 4, arena.id, 4, false)
    arena.page(4)[4000] ^= 1
    expect(run(encode([4, READ])).state[2]).toBe(4)
  })

  it('notices the first write to a protected page, and the next one after it was asked', () => {
    run(encode([4, WRITE], [5, WRITE]))
    expect([4, 5].map((vpn) => native.liveWritten(live, vpn))).toEqual([true, true])
    run(encode([4, READ], [5, WRITE]))
    expect([4, 5].map((vpn) => native.liveWritten(live, vpn))).toEqual([false, true])
    native.liveUnmap(live, 4, arena.id, 4, false)
    run(encode([4, READ]))
    expect(native.liveWritten(live, 4)).toBe(false)
    run(encode([4, WRITE]))
    expect(native.liveWritten(live, 4)).toBe(true)
  })

  it('gives memory back in batches without being told', () => {
    const all = Array.from({ length: PAGES }, (_, vpn) => vpn)
    run(encode(...all.map((vpn): [number, number] => [vpn, WRITE])))
    for (const vpn of all) native.liveUnmap(live, vpn, arena.id, vpn, false)
    expect(native.livePresence(live)).toBeLessThanOrEqual(64)
    native.liveFlush(live)
    expect(native.livePresence(live)).toBe(0)
  })

  it('starts anew with a page that was given up', () => {
    run(encode([4, WRITE]))
    native.liveDiscard(live, 4)
    expect(native.livePresence(live)).toBe(0)
    expect(run(encode([4, READ])).missed).toEqual([4])
  })

  it('refuses to go on while the page is still missing, and what it cannot touch', () => {
    expect(native.liveRun(live, encode([4, WRITE]), 0, 1)).toBe(0)
    expect(() => native.liveResume(live, new Float64Array(3))).toThrow(/missing still/)
    expect(() => native.liveResume(live, new Float64Array(3))).toThrow(/no access waits/)
    expect(() => native.liveRun(live, encode([PAGES, READ]), 0, 1)).toThrow(/accesses\[0\]/)
    expect(() => native.liveStart(live, encode([4, READ]), 1)).toThrow(/no threads/)
  })
})

describe.skipIf(handler !== null)(`live memory with threads${handler ? ` (skipped: ${handler})` : ''}`, () => {
  const THREADS = 2
  const events = new Uint32Array(16)
  const rows = new Float64Array(2 * 8192)
  beforeEach(() => open(THREADS))

  /** Brings what is missing until the batch has ended; between faults, `meanwhile`. Frames of the arena hold what was taken out. */
  function run(accesses: Uint32Array, meanwhile: () => void = () => {}) {
    const missed: number[] = []
    native.liveStart(live, accesses, accesses.length)
    for (;;) {
      const count = native.liveWait(live, events, 0)
      if (count < 0) return { missed, ...native.liveFaults(live, rows) }
      for (const event of events.subarray(0, count)) {
        const vpn = event >> 1
        missed.push(vpn)
        if (arena.page(vpn)[4095] === 0) native.liveZero(live, vpn, 7)
        else native.liveMap(live, vpn, arena.id, vpn, 9, (event & 1) === 0)
      }
      if (count === 0) meanwhile()
    }
  }

  it('tells of each missing page, and each touch what it took and who answered', () => {
    const { missed, count, mismatch, elapsedNs } = run(encode([4, WRITE], [5, READ], [4, READ], [6, READ]))
    expect({ missed: missed.sort(), count, mismatch }).toEqual({ missed: [4, 5, 6], count: 3, mismatch: -1 })
    expect(elapsedNs).toBeGreaterThan(0)
    expect([0, 1, 2].map((at) => rows[2 * at])).toEqual([7, 7, 7])
    expect([0, 1, 2].every((at) => rows[2 * at + 1] > 0)).toBe(true)
  })

  it('loses no write that races with the page being taken out', () => {
    const pages = 24
    let random = 12345
    const next = (below: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0
      return (random >>> 8) % below
    }
    // Only what a frame held before is in it still, so only such a page can be clean.
    const held = new Set<number>()
    let taken = 0
    let compared = 0
    for (let round = 0; round < 2000 && (taken < 1000 || compared < 500); round++) {
      const accesses = encode(...Array.from({ length: 8192 }, (): [number, number] => [next(pages), next(2)]))
      const { mismatch, verified } = run(accesses, () => {
        for (let turn = 0; turn < 8; turn++) {
          const vpn = next(pages)
          if (!native.liveMapped(live, vpn)) continue
          const clean = !native.liveWritten(live, vpn) && held.has(vpn)
          native.liveUnmap(live, vpn, arena.id, vpn, clean)
          held.add(vpn)
          taken++
        }
      })
      expect(mismatch).toBe(-1)
      compared += verified
    }
    expect(taken).toBeGreaterThanOrEqual(1000)
    expect(compared).toBeGreaterThanOrEqual(500)
    for (let vpn = 0; vpn < PAGES; vpn++) expect(native.liveVerify(live, vpn, arena.id, vpn)).toBe(true)
  })

  it('calls threads out of faults that nobody will answer, for good', () => {
    native.liveStart(live, encode([4, WRITE], [5, WRITE], [6, WRITE]), 3)
    expect(native.liveWait(live, events, 1000)).toBeGreaterThan(0)
    native.liveCallOut(live)
    expect(native.liveFaults(live, rows)).toMatchObject({ count: 0, calledOut: true })
    expect(native.livePresence(live)).toBe(0)
    expect(() => native.liveStart(live, encode([4, READ]), 1)).toThrow(/called out/)
  })

  it('ends them with the memory, while they wait', () => {
    native.liveStart(live, encode([4, WRITE], [5, WRITE]), 2)
    expect(native.liveWait(live, events, 1000)).toBeGreaterThan(0)
    native.liveClose(live)
    open(0)
  })

  it('refuses what would meet the threads at their work', () => {
    native.liveStart(live, encode([4, WRITE]), 1)
    expect(() => native.liveStart(live, encode([4, WRITE]), 1)).toThrow(/at work/)
    expect(() => native.liveDiscard(live, 4)).toThrow(/at work/)
    expect(() => native.liveRun(live, encode([4, WRITE]), 0, 1)).toThrow(/threads of its own/)
  })
})
