import { describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../contract/index.ts'
import { LogSwap, logBufferPages, logGeometry, MemorySwap, SlotMap, SwapIoError } from '../swapfile/index.ts'
import { FAULT_PATHS, PATH_DISK, PATH_SWAPCACHE, PATH_ZERO } from './fault-path.ts'
import { silentMeters } from './fixture-meters.ts'
import { Mm } from './memory.ts'
import { watermarksFor } from './watermarks.ts'

/** Plain swap over a swap area in memory. */
function plain(options: {
  pages: number
  frames: number
  readahead?: number
  background?: number
  layout?: 'slot' | 'log'
  /** Default: time stands still. */
  now?: () => number
}) {
  const arena = new Uint8Array((options.frames + logBufferPages(0)) * PAGE_SIZE)
  const slots = new SlotMap(options.pages + 16)
  const geometry = logGeometry(slots.slots, 0.25)
  const io = new MemorySwap({ slots: geometry.places, arena, slow: 0, shuffle: false, batch: 1 })
  const log = new LogSwap(io, {
    slots: slots.slots,
    geometry,
    arena,
    buffers: options.frames,
    blocks: 0,
    move: () => {},
    generations: slots.generation,
    now: () => 0,
    onCleaned: () => {},
  })
  /** What each fault took. */
  const waits: number[] = []
  const mm = new Mm(
    { reserve: 0, readahead: 1, background: 8, watermarks: { min: 4, low: 8, high: 12 }, ...options },
    {
      backend: null,
      io: options.layout === 'log' ? log : io,
      slots,
      clock: { now: options.now ?? (() => 0) },
      meters: { ...silentMeters, faults: FAULT_PATHS.map(() => ({ record: (ns: number) => void waits.push(ns) })) },
    },
  )
  const touch = (vpn: number, write = false) => {
    const resident = mm.pte[vpn] >= 0
    const frame = resident ? mm.pte[vpn] : mm.fault(vpn)
    if (write) mm.markWritten(frame)
    else mm.markRead(frame)
    mm.step()
    return resident ? null : mm.lastPath
  }
  return { mm, io, log, slots, touch, waits }
}

describe('the memory manager', () => {
  it('gives a first touch a frame without I/O, and a page that is in RAM no fault', () => {
    const { mm, io, touch } = plain({ pages: 32, frames: 64 })
    expect(touch(3)).toBe(PATH_ZERO)
    expect(touch(3)).toBeNull()
    expect([mm.counters.pgfault, io.counts.writes]).toEqual([1, 0])
  })

  it('sums up what accesses have waited in faults, for policies by pressure', () => {
    let time = 0
    const { mm, touch, waits } = plain({ pages: 100, frames: 64, now: () => time++ })
    for (let vpn = 0; vpn < 100; vpn++) touch(vpn, true)
    expect(waits).toHaveLength(100)
    expect(mm.stallNs).toBeGreaterThanOrEqual(100)
    expect(mm.stallNs).toBe(waits.reduce((sum, ns) => sum + ns, 0))
  })

  it('keeps more than the minimum of frames free for the next fault', () => {
    const { mm, touch } = plain({ pages: 300, frames: 64 })
    for (let vpn = 0; vpn < 300; vpn++) {
      touch(vpn, true)
      expect(mm.frames.free).toBeGreaterThan(0)
    }
    expect(mm.counters.allocstall).toBeLessThan(20)
  })

  it('leaves all reclaim to the faulting access when the background may do none', () => {
    const { mm, touch } = plain({ pages: 300, frames: 64, background: 0 })
    for (let vpn = 0; vpn < 300; vpn++) touch(vpn, true)
    expect(mm.counters.kswapd_steps).toBe(0)
    expect(mm.counters.allocstall).toBeGreaterThan(0)
  })

  it('writes a page once and drops it without a write while its slot still holds it', () => {
    const { mm, io, touch } = plain({ pages: 100, frames: 64 })
    for (let vpn = 0; vpn < 100; vpn++) touch(vpn, true)
    for (let round = 0; round < 8; round++) for (let vpn = 0; vpn < 100; vpn++) touch(vpn)
    mm.drain()
    expect(io.counts.writes).toBeLessThanOrEqual(100)
    expect(mm.counters.clean_drops).toBeGreaterThan(200)
  })

  it('gives the slot up with the first write to a clean page, and writes it again', () => {
    const { mm, io, touch, slots } = plain({ pages: 100, frames: 64 })
    for (let round = 0; round < 4; round++) for (let vpn = 0; vpn < 100; vpn++) touch(vpn, true)
    mm.drain()
    expect(io.counts.writes).toBeGreaterThan(200)
    expect(slots.inUse).toBeLessThanOrEqual(100)
  })

  it('protects what is touched again and again from a scan', () => {
    const { mm, touch } = plain({ pages: 800, frames: 128 })
    const faultsOfHot = () => {
      let faults = 0
      for (let vpn = 0; vpn < 10; vpn++) if (touch(vpn) !== null) faults++
      return faults
    }
    faultsOfHot()
    let hot = 0
    for (let vpn = 10; vpn < 800; vpn++) {
      touch(vpn, true)
      if (vpn % 5 === 0) hot += faultsOfHot()
    }
    expect(hot).toBeLessThan(20)
    expect(mm.audit()).toEqual([])
  })

  it('reads ahead on a sequential sweep, and finds what it read in the swap cache', () => {
    const { mm, io, touch } = plain({ pages: 200, frames: 96, readahead: 8 })
    for (let vpn = 0; vpn < 200; vpn++) touch(vpn, true)
    mm.drain()
    const before = io.counts.reads
    const paths = Array.from({ length: 100 }, (_, vpn) => touch(vpn))
    const disk = paths.filter((path) => path === PATH_DISK).length
    expect(paths.filter((path) => path === PATH_SWAPCACHE).length).toBeGreaterThan(disk)
    expect(io.counts.reads - before).toBe(disk)
    expect(mm.counters.swap_ra_hit).toBeGreaterThan(50)
    expect(mm.audit()).toEqual([])
  })

  it('reads ahead in a log what was written together, wherever its slots are', () => {
    const { mm, io, log, touch } = plain({ pages: 200, frames: 96, readahead: 8, layout: 'log' })
    for (let vpn = 0; vpn < 200; vpn++) touch(vpn, true)
    for (let i = 0; i < 200; i++) touch((i * 67) % 200, true)
    mm.drain()
    const vpnOf = new Map(Array.from({ length: 200 }, (_, vpn) => [mm.whereIs(vpn).slot, vpn]))
    const inLogOrder = Array.from({ length: log.places }, (_, place) => log.slotAt(place))
    const onDisk = inLogOrder.filter((slot) => mm.whereIs(vpnOf.get(slot) ?? 0).onDisk && vpnOf.has(slot)).slice(-40)
    expect(onDisk.filter((slot) => log.placeOf(slot) === slot)).toEqual([])
    const before = io.counts.reads
    for (const slot of onDisk) touch(vpnOf.get(slot) ?? 0)
    expect(io.counts.reads - before).toBeLessThan(onDisk.length / 2)
    expect(mm.counters.swap_ra_hit).toBeGreaterThan(onDisk.length / 4)
    expect([...mm.audit(), ...log.audit()]).toEqual([])
  })

  it('leaves a page that could not be read swapped out, and its frames free', () => {
    const { mm, io, touch } = plain({ pages: 100, frames: 64, readahead: 8 })
    for (let vpn = 0; vpn < 100; vpn++) touch(vpn, true)
    mm.drain()
    io.failNextReads(1)
    expect(() => touch(0)).toThrow(SwapIoError)
    expect(mm.audit()).toEqual([])
    expect(touch(0)).toBe(PATH_DISK)
  })

  it('gives frames and slots back with a freed page', () => {
    const { mm, slots, touch } = plain({ pages: 100, frames: 64 })
    for (let vpn = 0; vpn < 100; vpn++) touch(vpn, true)
    for (let vpn = 0; vpn < 100; vpn++) mm.free(vpn)
    mm.drain()
    expect([mm.frames.free, slots.inUse]).toEqual([64, 0])
    expect(touch(7)).toBe(PATH_ZERO)
  })

  it('says so where nothing can be reclaimed instead of looping', () => {
    const { mm } = plain({ pages: 16, frames: 8, background: 0 })
    // Every frame belongs to a backend that never gives one back.
    while (mm.allocFrame() >= 0);
    expect(() => {
      for (let vpn = 0; vpn < 16; vpn++) mm.fault(vpn)
      for (let vpn = 0; vpn < 16; vpn++) mm.fault(vpn)
      mm.frames.free = 0
      for (;;) {
        mm.lru.takeOldest(1)
        mm.fault(0)
      }
    }).toThrow(/Out of memory|swap area/)
  })
})

it('watermarks grow with the square root of RAM, in order', () => {
  for (const frames of [256, 4096, 65_536, 1_048_576]) {
    const { min, low, high } = watermarksFor(frames)
    expect(min).toBe(Math.floor(Math.sqrt(frames * 4)))
    expect(min < low && low < high && high < frames / 3).toBe(true)
  }
})
