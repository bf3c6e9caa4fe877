import { beforeEach, describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../contract/index.ts'
import { MemorySwap, SlotMap } from '../swapfile/index.ts'
import type { Backend } from './backend.ts'
import { PATH_POOL, PATH_ZERO } from './fault-path.ts'
import { silentMeters } from './fixture-meters.ts'
import { Mm } from './memory.ts'

/** A partial swapoff: pages come back from the backend into memory, and what that was good for is counted. */

const PAGES = 120
const WINDOW = 1000

/** A backend without bounds: keeps the first word of each page. */
function keeper(words: Int32Array): Backend & { kept: Map<number, number> } {
  const kept = new Map<number, number>()
  const at = (frame: number) => (frame * PAGE_SIZE) / 4
  return {
    kept,
    store(slot, frame) {
      kept.set(slot, words[at(frame)])
      return true
    },
    load(slot, frame) {
      const word = kept.get(slot)
      if (word === undefined) return false
      words[at(frame)] = word
      return kept.delete(slot)
    },
    invalidatePage: (slot) => void kept.delete(slot),
    invalidateArea: () => kept.clear(),
    shrink: () => 0,
    tick: () => {},
    writebackDone: () => {},
  }
}

function open() {
  const frames = 64
  const arena = new Uint8Array(frames * PAGE_SIZE)
  const words = new Int32Array(arena.buffer)
  const slots = new SlotMap(PAGES + 16)
  const backend = keeper(words)
  const clock = {
    t: 0,
    now() {
      return ++this.t
    },
  }
  const mm = new Mm(
    { pages: PAGES, frames, reserve: 0, readahead: 1, background: 8, watermarks: { min: 4, low: 8, high: 12 } },
    {
      backend: () => backend,
      io: new MemorySwap({ slots: PAGES + 16, arena }),
      slots,
      clock,
      meters: silentMeters,
    },
  )
  /** How it was answered; null where the page was in memory. The page holds its own number. */
  const touch = (vpn: number) => {
    const resident = mm.pte[vpn] >= 0
    const frame = resident ? mm.pte[vpn] : mm.fault(vpn)
    if (!resident && mm.lastPath === PATH_ZERO) words[(frame * PAGE_SIZE) / 4] = vpn
    expect(words[(frame * PAGE_SIZE) / 4]).toBe(vpn)
    mm.markRead(frame)
    mm.step()
    return resident ? null : mm.lastPath
  }
  const audit = () => expect(mm.audit()).toEqual([])
  return { mm, backend, slots, clock, touch, audit }
}

describe('repatriate', () => {
  let lab: ReturnType<typeof open>
  /** First slot in the backend, and its page. */
  let slot: number
  let vpn: number
  beforeEach(() => {
    lab = open()
    for (let page = 0; page < PAGES; page++) lab.touch(page)
    slot = lab.mm.nextStored(0)
    vpn = lab.mm.pte.indexOf(-2 - slot)
  })
  /** Frees memory, so that pages can come back. */
  const makeRoom = () => {
    for (let page = PAGES - 30; page < PAGES; page++) lab.mm.free(page)
  }

  it('maps the page to its owner, dirty, and frees its slot', () => {
    makeRoom()
    const inUse = lab.slots.inUse
    expect(lab.mm.repatriate(slot, WINDOW)).toBe(true)
    expect(lab.backend.kept.has(slot)).toBe(false)
    expect(lab.slots.inUse).toBe(inUse - 1)
    expect(lab.touch(vpn)).toBeNull()
    expect(lab.mm.counters.repatriated_pages).toBe(1)
    expect(lab.mm.counters.repatriated_ns).toBeGreaterThan(0)
    lab.audit()
  })

  it('finds what the backend holds in the order of the slots', () => {
    makeRoom()
    const next = lab.mm.nextStored(slot + 1)
    expect(next).toBeGreaterThan(slot)
    lab.mm.repatriate(slot, WINDOW)
    expect(lab.mm.nextStored(0)).toBe(next)
    lab.mm.invalidateArea()
    expect(lab.mm.nextStored(0)).toBe(-1)
  })

  it('reclaims nothing: where memory is short the page stays in the backend', () => {
    while (lab.mm.frames.free > lab.mm.watermarks.low) lab.touch(lab.mm.pte.findIndex((entry) => entry < 0))
    expect(lab.mm.repatriate(slot, WINDOW)).toBe(false)
    expect(lab.backend.kept.has(slot)).toBe(true)
    lab.audit()
  })

  it('refuses a slot that is free, and one that the backend has lost', () => {
    makeRoom()
    const free = lab.mm.frames.free
    expect(lab.mm.repatriate(PAGES + 15, WINDOW)).toBe(false)
    lab.backend.kept.delete(slot)
    expect(lab.mm.repatriate(slot, WINDOW)).toBe(false)
    expect(lab.mm.frames.free).toBe(free)
  })

  it('counts a page stored again within the window as wasted: two pages of bytes, and the time both ways', () => {
    makeRoom()
    lab.mm.repatriate(slot, 1e9)
    for (let page = PAGES - 30; page < PAGES; page++) lab.touch(page)
    for (let page = 0; page < 60; page++) if (page !== vpn) lab.touch(page)
    expect(lab.touch(vpn)).toBe(PATH_POOL)
    const { repatriated_stored_again, repatriated_wasted_bytes, repatriated_wasted_ns, repatriated_used } =
      lab.mm.counters
    expect({ repatriated_stored_again, repatriated_wasted_bytes, repatriated_used }).toEqual({
      repatriated_stored_again: 1,
      repatriated_wasted_bytes: 2 * PAGE_SIZE,
      repatriated_used: 0,
    })
    expect(repatriated_wasted_ns).toBeGreaterThan(0)
  })

  it('does not count one that stayed longer than the window', () => {
    makeRoom()
    lab.mm.repatriate(slot, WINDOW)
    lab.clock.t += WINDOW + 1
    for (let page = PAGES - 30; page < PAGES; page++) lab.touch(page)
    for (let page = 0; page < 60; page++) if (page !== vpn) lab.touch(page)
    expect(lab.touch(vpn)).toBe(PATH_POOL)
    expect(lab.mm.counters.repatriated_stored_again).toBe(0)
  })

  it('counts one that was touched before it left as used, and not as wasted', () => {
    makeRoom()
    lab.mm.repatriate(slot, 1e9)
    lab.touch(vpn)
    for (let round = 0; round < 2; round++) for (let page = 0; page < PAGES; page++) if (page !== vpn) lab.touch(page)
    expect(lab.mm.pte[vpn]).toBeLessThan(0)
    expect(lab.mm.counters).toMatchObject({ repatriated_used: 1, repatriated_stored_again: 0 })
  })

  it('forgets one that its owner gave back', () => {
    makeRoom()
    lab.mm.repatriate(slot, 1e9)
    lab.mm.free(vpn)
    for (let round = 0; round < 2; round++) for (let page = 0; page < PAGES; page++) lab.touch(page)
    expect(lab.mm.counters).toMatchObject({ repatriated_used: 0, repatriated_stored_again: 0 })
  })
})
