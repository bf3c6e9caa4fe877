import { describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../contract/index.ts'
import { FileIoError, MemoryFile, MemorySwap, SlotMap } from '../swapfile/index.ts'
import { PATH_CLEANCACHE, PATH_DISK, PATH_FILE, PATH_SWAPCACHE, PATH_ZERO } from './fault-path.ts'
import { silentMeters } from './fixture-meters.ts'
import { type Backend, type EphemeralBackend, Mm } from './index.ts'
import { LIST_ACTIVE_FILE, LIST_INACTIVE_ANON, LIST_INACTIVE_FILE } from './lru.ts'

/** A cleancache that keeps whatever it is given. */
function keeping() {
  const held = new Set<number>()
  const ephemeral: EphemeralBackend = {
    putPage: (page) => {
      held.add(page)
      return true
    },
    getPage: (page) => held.delete(page),
    flushPage: (page) => held.delete(page),
    flushInode: () => held.clear(),
    flushFs: () => held.clear(),
  }
  const backend: Backend = {
    store: () => false,
    load: () => false,
    invalidatePage: () => {},
    invalidateArea: () => {},
    shrink: () => 0,
    tick: () => {},
    writebackDone: () => {},
    cleancache: ephemeral,
  }
  return { held, backend }
}

/** The first `filePages` pages of the address space are a mapped file; page n of the file begins with the low byte of n + 1. */
function make(options: {
  pages: number
  frames: number
  filePages: number
  backend?: Backend
  fileReadahead?: number
}) {
  const { pages, frames, filePages, fileReadahead = 1 } = options
  const arena = new Uint8Array(frames * PAGE_SIZE)
  const content = new Uint8Array(filePages * PAGE_SIZE)
  for (let page = 0; page < filePages; page++) content[page * PAGE_SIZE] = (page + 1) & 255
  const file = new MemoryFile(arena, content)
  const io = new MemorySwap({ slots: pages + 16, arena, slow: 0, shuffle: false, batch: 1 })
  const mm = new Mm(
    { pages, frames, reserve: 0, readahead: 1, fileReadahead, background: 8, watermarks: { min: 4, low: 8, high: 12 } },
    {
      backend: options.backend ? () => options.backend as Backend : null,
      io,
      slots: new SlotMap(pages + 16),
      file: { pageOf: Int32Array.from({ length: pages }, (_, vpn) => (vpn < filePages ? vpn : -1)), io: file },
      clock: { now: () => 0 },
      meters: silentMeters,
    },
  )
  const touch = (vpn: number, write = false) => {
    const resident = mm.pte[vpn] >= 0
    const frame = resident ? mm.pte[vpn] : mm.fault(vpn)
    // This cleancache keeps no contents.
    if (mm.isOfFile(frame) && !options.backend) expect(arena[frame * PAGE_SIZE]).toBe((vpn + 1) & 255)
    if (write) mm.markWritten(frame)
    else mm.markRead(frame)
    mm.step()
    return resident ? null : mm.lastPath
  }
  return { mm, io, file, touch }
}

describe('pages of a mapped file', () => {
  it('come from the file, leave RAM without a write, and are read again', () => {
    const { mm, io, file, touch } = make({ pages: 100, frames: 48, filePages: 100 })
    for (let round = 0; round < 3; round++) for (let vpn = 0; vpn < 100; vpn++) touch(vpn)
    expect([io.counts.writes, io.counts.reads]).toEqual([0, 0])
    expect(file.reads).toBe(mm.file?.counters.faults_file)
    expect(file.reads).toBeGreaterThan(200)
    expect(mm.file?.counters.file_drops).toBeGreaterThan(150)
    expect(mm.audit()).toEqual([])
  })

  it('become anonymous memory with the first write, and go to swap from then on', () => {
    const { mm, file, touch } = make({ pages: 100, frames: 48, filePages: 50 })
    expect(touch(7, true)).toBe(PATH_FILE)
    expect(mm.file?.counters.file_cows).toBe(1)
    expect(mm.lru.list[mm.pte[7]]).toBe(LIST_INACTIVE_ANON)
    for (let vpn = 50; vpn < 100; vpn++) touch(vpn, true)
    for (let vpn = 50; vpn < 100; vpn++) touch(vpn, true)
    mm.drain()
    const reads = file.reads
    expect([touch(7), file.reads]).toEqual([PATH_DISK, reads])
    expect(mm.audit()).toEqual([])
  })

  it('have the content of the file again once the workload has given them back', () => {
    const { mm, touch } = make({ pages: 60, frames: 64, filePages: 50 })
    touch(7, true)
    mm.free(7)
    expect(touch(7)).toBe(PATH_FILE)
    mm.free(55)
    expect(touch(55)).toBe(PATH_ZERO)
    expect(mm.audit()).toEqual([])
  })

  it('have lists of their own, and are promoted when they are used', () => {
    const { mm, touch } = make({ pages: 800, frames: 128, filePages: 800 })
    const hot = Array.from({ length: 10 }, (_, vpn) => vpn)
    for (const vpn of hot) touch(vpn)
    let faults = 0
    for (let vpn = 10; vpn < 800; vpn++) {
      touch(vpn)
      if (vpn % 5 === 0) for (const page of hot) if (touch(page) !== null) faults++
    }
    // First in, first out would be some 70; a pass that finds every page referenced takes a few hot ones, too.
    expect(faults).toBeLessThan(35)
    expect(mm.counters.pgactivate).toBeGreaterThan(0)
    expect(mm.activeFilePages + mm.inactiveFilePages).toBe(
      mm.lru.size(LIST_ACTIVE_FILE) + mm.lru.size(LIST_INACTIVE_FILE),
    )
    expect(mm.activePages + mm.inactivePages).toBe(0)
    expect(hot.some((vpn) => mm.wasActive(mm.pte[vpn]))).toBe(true)
    expect(mm.wasActive(mm.pte[799])).toBe(false)
  })

  it('that could not be read leave the frame free and the page where it was', () => {
    const { mm, file, touch } = make({ pages: 100, frames: 48, filePages: 100 })
    const { free } = mm.frames
    file.failNextReads()
    expect(() => touch(3)).toThrow(FileIoError)
    expect([mm.frames.free, mm.counters.read_errors]).toEqual([free, 1])
    expect(touch(3)).toBe(PATH_FILE)
    expect(mm.audit()).toEqual([])
  })

  it('are offered to cleancache when they leave, and taken from there before the file is read', () => {
    const { held, backend } = keeping()
    const { mm, file, touch } = make({ pages: 100, frames: 48, filePages: 100, backend })
    for (let vpn = 0; vpn < 100; vpn++) touch(vpn)
    const kept = [...held][0]
    const reads = file.reads
    expect([touch(kept), file.reads, held.has(kept)]).toEqual([PATH_CLEANCACHE, reads, false])
    expect(mm.file?.cleancache?.counters).toMatchObject({ cleancache_succ_gets: 1 })
    expect(mm.file?.counters).toMatchObject({ faults_cleancache: 1, faults_file: reads })
    for (let vpn = 0; vpn < 100; vpn++) if (mm.pte[vpn] >= 0) expect(held.has(vpn)).toBe(false)
    mm.file?.cleancache?.flushInode()
    expect([held.size, touch([...Array(100).keys()].find((vpn) => mm.pte[vpn] < 0) ?? -1)]).toEqual([0, PATH_FILE])
  })

  it('share the scans with anonymous pages: neither kind is spared, and file pages give way first', () => {
    const { mm, touch } = make({ pages: 300, frames: 96, filePages: 150 })
    for (let round = 0; round < 6; round++)
      for (let vpn = 0; vpn < 150; vpn++) {
        touch(vpn)
        touch(150 + vpn, true)
      }
    const drops = mm.file?.counters.file_drops ?? 0
    const anonymous = mm.counters.pgsteal - drops
    expect(Math.min(drops, anonymous)).toBeGreaterThan(100)
    expect(mm.activeFilePages + mm.inactiveFilePages).toBeLessThan(mm.activePages + mm.inactivePages)
    expect(mm.audit()).toEqual([])
  })
})

describe('readahead of a mapped file', () => {
  it('reads a window around the fault, whose other pages are found in RAM when they are wanted', () => {
    const { mm, file, touch } = make({ pages: 200, frames: 128, filePages: 200, fileReadahead: 16 })
    expect([touch(100), file.reads]).toEqual([PATH_FILE, 1])
    expect(mm.file?.counters).toMatchObject({ file_reads: 16, file_ra: 15, file_ra_hit: 0 })
    expect([92, 107].map((vpn) => [mm.pte[vpn], touch(vpn)])).toEqual([
      [-1, PATH_SWAPCACHE],
      [-1, PATH_SWAPCACHE],
    ])
    expect([91, 108].map((vpn) => touch(vpn))).toEqual([PATH_FILE, PATH_FILE])
    expect(mm.file?.counters).toMatchObject({ faults_file: 3, file_ra_hit: 2 })
    expect(mm.counters.faults_swapcache).toBe(2)
    expect(mm.audit()).toEqual([])
  })

  it('serves a sweep with a read for each window, and never reclaims for its own sake', () => {
    const { mm, file, touch } = make({ pages: 640, frames: 96, filePages: 640, fileReadahead: 16 })
    for (let round = 0; round < 2; round++) for (let vpn = 0; vpn < 640; vpn++) touch(vpn)
    const { faults_file, file_ra, file_ra_hit } = mm.file?.counters ?? { faults_file: 0, file_ra: 0, file_ra_hit: 0 }
    expect(faults_file).toBe(file.reads)
    expect(faults_file).toBeLessThan(640)
    expect(faults_file + file_ra_hit).toBe(1280)
    expect(file_ra).toBeGreaterThanOrEqual(file_ra_hit)
    expect(mm.audit()).toEqual([])
  })

  it('stops where what is read ahead is not used, and begins again when it is', () => {
    const { mm, touch } = make({ pages: 20_000, frames: 512, filePages: 20_000, fileReadahead: 16 })
    const perFault = (from: number, faults: number) => {
      const before = mm.file?.counters.file_reads ?? 0
      for (let n = 0; n < faults; n++) touch(from + 64 * n)
      return ((mm.file?.counters.file_reads ?? 0) - before) / faults
    }
    expect(perFault(8, 20)).toBeGreaterThan(8)
    perFault(24, 120)
    expect(perFault(40, 20)).toBe(1)
  })

  it('leaves out what is private to the workload, what cleancache has, and what cannot be read', () => {
    const { held, backend } = keeping()
    const { mm, file, touch } = make({ pages: 100, frames: 96, filePages: 100, fileReadahead: 16, backend })
    touch(10, true)
    for (let vpn = 2; vpn < 18; vpn++) if (vpn !== 10) touch(vpn)
    held.add(40)
    touch(44)
    expect(held.has(40)).toBe(false)
    expect(touch(40)).toBe(PATH_SWAPCACHE)
    expect([39, 38].map((vpn) => mm.file?.cached(vpn))).toEqual([-1, -1])
    const { free } = mm.frames
    file.failNextReads()
    expect(() => touch(80)).toThrow(FileIoError)
    expect(mm.frames.free).toBe(free)
    expect(mm.audit()).toEqual([])
    const reads = file.reads
    mm.free(10)
    expect([touch(10), file.reads]).toEqual([PATH_FILE, reads + 1])
    expect(mm.audit()).toEqual([])
  })

  it('drops what was never used without a fault on it, and offers it to cleancache', () => {
    const { held, backend } = keeping()
    const { mm, touch } = make({ pages: 400, frames: 64, filePages: 200, fileReadahead: 16, backend })
    touch(100)
    const ahead = Array.from({ length: 200 }, (_, vpn) => vpn).filter((vpn) => (mm.file?.cached(vpn) ?? -1) >= 0)
    expect(ahead).toHaveLength(15)
    for (let vpn = 200; vpn < 400; vpn++) touch(vpn, true)
    expect(ahead.map((vpn) => mm.file?.cached(vpn))).toEqual(ahead.map(() => -1))
    expect(ahead.every((vpn) => held.has(vpn))).toBe(true)
    expect(mm.file?.counters.file_ra_hit).toBe(0)
    expect(mm.audit()).toEqual([])
  })
})
