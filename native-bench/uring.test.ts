import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { numbered } from './fixture-pages.ts'
import { Arena, native, PAGE_SIZE } from './index.ts'

const folder = testFolder()
afterAll(folder.remove)
const { available, reason } = native.uringProbe()
const door = join(dirname(fileURLToPath(import.meta.url)), 'index.ts')

let files = 0
function fresh(pages: number): number {
  const options = { write: true, create: true, direct: false, dsync: false }
  const file = native.fileOpen(join(folder.path, `file-${files++}`), options)
  native.fileAllocate(file, pages * PAGE_SIZE)
  return file
}
/** Past the page cache where that is possible: its transfers end after they were submitted. */
function freshDirect(pages: number): number {
  const file = fresh(pages)
  const path = join(folder.path, `file-${files - 1}`)
  try {
    return native.fileOpen(path, { write: true, create: false, direct: true, dsync: false })
  } catch {
    return file
  }
}
interface Row {
  token: number
  result: number
  submittedNs: number
  completedNs: number
}
/** Waits until `count` completions have come, however they are split. */
function completions(ring: number, count: number): Row[] {
  const rows: Row[] = []
  const out = new Float64Array(4 * 16)
  while (rows.length < count) {
    const collected = native.uringWait(ring, out, 1)
    if (collected === 0) throw new Error(`only ${rows.length} of ${count} completions came`)
    for (let at = 0; at < 4 * collected; at += 4) {
      const [token = 0, result = 0, submittedNs = 0, completedNs = 0] = out.subarray(at, at + 4)
      rows.push({ token, result, submittedNs, completedNs })
    }
  }
  return rows
}

describe.skipIf(!available)(`io_uring${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('writes scattered pages to consecutive places as one operation', () => {
    const file = fresh(16)
    const arena = numbered(16)
    const ring = native.uringOpen(file, 4, [arena.id])
    const pages = Int32Array.of(9, 2, 2, 14, 99)
    expect(native.uringWriteVector(ring, arena.id, pages, 4, 5, 7)).toBe(true)
    pages.fill(0) // the list was taken when it was queued
    expect(completions(ring, 1)).toMatchObject([{ token: 7, result: 4 * PAGE_SIZE }])
    native.uringRead(ring, arena.id, 0, 4, 5, 8)
    completions(ring, 1)
    expect([0, 1, 2, 3].map((page) => arena.page(page)[4095])).toEqual([10, 3, 3, 15])
    expect(native.uringReadVector(ring, arena.id, Int32Array.of(11, 8, 12), 3, 6, 9)).toBe(true)
    expect(completions(ring, 1)).toMatchObject([{ token: 9, result: 3 * PAGE_SIZE }])
    expect([11, 8, 12].map((page) => arena.page(page)[4095])).toEqual([3, 3, 15])
    expect(() => native.uringWriteVector(ring, arena.id, Int32Array.of(99), 1, 0, 1)).toThrow(RangeError)
    expect(() => native.uringWriteVector(ring, arena.id, Int32Array.of(1), 2, 0, 1)).toThrow(RangeError)
    native.uringClose(ring)
    native.fileClose(file)
    arena.release()
  })

  it.each([{ fixed: true }, { fixed: false }])('writes, syncs and reads back (fixed buffers: $fixed)', ({ fixed }) => {
    const file = fresh(16)
    const arena = numbered(16)
    const ring = native.uringOpen(file, 9, fixed ? [arena.id] : [], fixed)
    if (!fixed) expect(native.uringFileRegistered(ring)).toBe(false)
    const pinned = native.uringPinnedBytes(ring)
    expect(fixed ? [0, arena.pages, arena.pages + 1].map((pages) => pages * PAGE_SIZE) : [0]).toContain(pinned)
    for (let page = 0; page < 8; page++)
      expect(native.uringWrite(ring, arena.id, page, 1, 8 + page, 100 + page)).toBe(true)
    expect(native.uringDatasync(ring, 2 ** 52)).toBe(true)
    expect(native.uringSubmit(ring)).toBe(9)
    const rows = completions(ring, 9)
    expect(rows.map(({ token }) => token).sort((a, b) => a - b)).toEqual([
      100,
      101,
      102,
      103,
      104,
      105,
      106,
      107,
      2 ** 52,
    ])
    for (const { token, result, submittedNs, completedNs } of rows) {
      expect(result).toBe(token === 2 ** 52 ? 0 : PAGE_SIZE)
      expect(completedNs).toBeGreaterThanOrEqual(submittedNs)
    }
    native.uringRead(ring, arena.id, 8, 8, 8, -1)
    expect(completions(ring, 1)).toMatchObject([{ token: -1, result: 8 * PAGE_SIZE }])
    expect(Buffer.compare(arena.bytes.subarray(0, 8 * PAGE_SIZE), arena.bytes.subarray(8 * PAGE_SIZE))).toBe(0)
    native.uringClose(ring)
  })

  it('completes a drained sync after everything queued before it and before everything after it', () => {
    const ring = native.uringOpen(fresh(64), 32, [])
    const arena = numbered(64)
    for (let round = 0; round < 20; round++) {
      for (let token = 0; token < 12; token++) native.uringWrite(ring, arena.id, token, 4, token * 4, token)
      native.uringDatasync(ring, 12)
      for (let token = 13; token < 20; token++) native.uringRead(ring, arena.id, token, 1, token, token)
      const order = completions(ring, 20).map(({ token }) => token)
      expect(order.indexOf(12)).toBe(12)
    }
    native.uringClose(ring)
  })

  it('starts a linked sync behind the one write before it, and links it to nothing that is submitted', () => {
    const ring = native.uringOpen(fresh(64), 32, [])
    const arena = numbered(64)
    expect(native.uringLinkedDatasync(ring, 1)).toBe(false)
    for (let round = 0; round < 20; round++) {
      for (let batch = 0; batch < 4; batch++) {
        native.uringWrite(ring, arena.id, 16 * batch, 16, 16 * batch, batch)
        expect(native.uringLinkedDatasync(ring, 4 + batch)).toBe(true)
      }
      native.uringSubmit(ring)
      expect(native.uringLinkedDatasync(ring, 9)).toBe(false)
      const rows = completions(ring, 8)
      const order = rows.map(({ token }) => token)
      for (let batch = 0; batch < 4; batch++) expect(order.indexOf(4 + batch)).toBeGreaterThan(order.indexOf(batch))
      for (const { token, result } of rows) expect(result).toBe(token < 4 ? 16 * PAGE_SIZE : 0)
    }
    native.uringClose(ring)
  })

  it('cancels a linked sync whose write fails', () => {
    fresh(8)
    const path = join(folder.path, `file-${files - 1}`)
    const file = native.fileOpen(path, { write: false, create: false, direct: false, dsync: false })
    const ring = native.uringOpen(file, 8, [])
    const arena = numbered(8)
    native.uringWrite(ring, arena.id, 0, 1, 0, 1)
    native.uringLinkedDatasync(ring, 2)
    const { EBADF, ECANCELED } = constants.errno
    expect(completions(ring, 2)).toMatchObject([
      { token: 1, result: -EBADF },
      { token: 2, result: -ECANCELED },
    ])
    native.uringClose(ring)
  })

  it('of transfers only takes no syncs, and hands completions over to whoever polls or waits', () => {
    const file = freshDirect(64)
    const arena = numbered(64)
    const ring = native.uringOpen(file, 32, [arena.id], true, true)
    const out = new Float64Array(4 * 32)
    for (let round = 0; round < 20; round++) {
      for (let token = 0; token < 16; token++) native.uringWrite(ring, arena.id, token, 1, token, token)
      expect(native.uringSubmit(ring)).toBe(16)
      let polled = 0
      const deadline = performance.now() + 5_000
      while (polled < 16 && performance.now() < deadline) polled += native.uringPoll(ring, out)
      expect(polled).toBe(16)
      for (let token = 0; token < 16; token++) native.uringRead(ring, arena.id, 32 + token, 1, token, token)
      let waited = 0
      while (waited < 16) waited += native.uringWait(ring, out, 16 - waited)
    }
    expect([32, 40, 47].map((page) => arena.page(page)[4095])).toEqual([0, 8, 15].map((page) => arena.page(page)[4095]))
    expect(() => native.uringDatasync(ring, 1)).toThrow(/transfers only/)
    expect(() => native.uringLinkedDatasync(ring, 1)).toThrow(/transfers only/)
    native.uringClose(ring)
    native.fileClose(file)
    arena.release()
  })

  it('takes as many operations as it has entries, and one more for each collected', () => {
    const ring = native.uringOpen(fresh(8), 3, [])
    const arena = new Arena(8)
    const write = (token: number) => native.uringWrite(ring, arena.id, 0, 1, token, token)
    expect([0, 1, 2, 3].map(write)).toEqual([true, true, true, false])
    expect(native.uringDatasync(ring, 9)).toBe(false)
    const one = new Float64Array(4)
    expect(native.uringWait(ring, one, 5)).toBe(1)
    expect([4, 5].map(write)).toEqual([true, false])
    expect(completions(ring, 3)).toHaveLength(3)
    expect(native.uringWait(ring, one, 5)).toBe(0)
    expect(native.uringPoll(ring, one)).toBe(0)
    expect(native.uringSubmit(ring)).toBe(0)
    native.uringClose(ring)
  })

  it('reports a failed operation as -errno and a short one as its bytes', () => {
    const ring = native.uringOpen(fresh(2), 4, [])
    const arena = new Arena(4)
    native.uringRead(ring, arena.id, 0, 4, 0, 1)
    native.uringRead(ring, arena.id, 0, 1, 100, 2)
    const results = new Map(completions(ring, 2).map(({ token, result }) => [token, result]))
    expect(results).toEqual(
      new Map([
        [1, 2 * PAGE_SIZE],
        [2, 0],
      ]),
    )
    native.uringClose(ring)
    const readOnly = native.fileOpen(join(folder.path, 'file-0'), {
      write: false,
      create: false,
      direct: false,
      dsync: false,
    })
    const refused = native.uringOpen(readOnly, 1, [])
    native.uringWrite(refused, arena.id, 0, 1, 0, 7)
    expect(completions(refused, 1)).toMatchObject([{ token: 7, result: -9 }])
    native.uringClose(refused)
  })

  it('keeps file and arena alive while operations are under way', () => {
    for (let round = 0; round < 50; round++) {
      const file = fresh(16)
      const arena = numbered(16)
      const ring = native.uringOpen(file, 16, round % 2 ? [arena.id] : [])
      for (let page = 0; page < 16; page++) native.uringWrite(ring, arena.id, page, 1, page, page)
      native.uringSubmit(ring)
      native.fileClose(file)
      arena.release()
      if (round % 3 === 0) expect(completions(ring, 16).every(({ result }) => result === PAGE_SIZE)).toBe(true)
      native.uringClose(ring)
      expect(() => native.uringPoll(ring, new Float64Array(4))).toThrow('not an open ring')
    }
  })

  it('forgets what was queued and never submitted', () => {
    const file = fresh(1)
    const arena = numbered(1)
    const ring = native.uringOpen(file, 4, [])
    native.uringWrite(ring, arena.id, 0, 1, 0, 0)
    native.uringClose(ring)
    const back = new Arena(1)
    native.fileRead(file, back.id, 0, 1, 0)
    expect(back.bytes[0]).toBe(0)
  })

  it('says why it is unavailable where the kernel refuses a ring', () => {
    // No descriptor is left for a ring: the refusal that needs no privilege and no other kernel.
    const script = `
      const { native } = await import(${JSON.stringify(door)})
      const { openSync } = await import('node:fs')
      const file = native.fileOpen('/proc/self/stat', { write: false, create: false, direct: false, dsync: false })
      try { for (;;) openSync('/dev/null') } catch {}
      let refused
      try { native.uringOpen(file, 4, []) } catch ({ code, syscall }) { refused = { code, syscall } }
      console.log(JSON.stringify({ probe: native.uringProbe(), refused }))`
    const child = spawnSync(
      'sh',
      ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    )
    const { probe, refused } = JSON.parse(child.stdout)
    expect(probe).toEqual({ available: false, reason: 'io_uring_setup: EMFILE: Too many open files' })
    expect(refused).toEqual({ code: 'EMFILE', syscall: 'io_uring_setup' })
  })
})

it('the probe leaves no descriptor behind', () => {
  const next = () => {
    const fd = openSync('/dev/null', 'r')
    closeSync(fd)
    return fd
  }
  const before = next()
  native.uringProbe()
  expect(next()).toBe(before)
})
