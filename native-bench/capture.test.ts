import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { Arena, native, PAGE_SIZE } from './index.ts'

const folder = testFolder()
afterAll(folder.remove)

const pageOf = (arena: Arena, byte: number) => arena.page(0).slice().fill(byte)
function count(arena: Arena, pages: number, wanted: Uint8Array): number {
  let found = 0
  for (let page = 0; page < pages; page++) if (Buffer.compare(arena.page(page), wanted) === 0) found++
  return found
}

describe('capture of a process', () => {
  it('reads this one, and leaves its arenas out', () => {
    const marked = new Arena(4096)
    marked.bytes.fill(0xc7)
    const into = new Arena(20_000)
    const { pages, resident, unreadable } = native.captureProcess(process.pid, into.id, 20_000, false)
    expect(pages).toBeGreaterThan(1000)
    expect(pages + unreadable).toBe(Math.min(resident, 20_000))
    // The buffer's own part page is no page of the arena, so a little of it may be seen.
    expect(count(into, pages, pageOf(marked, 0xc7))).toBeLessThan(8)
    marked.release()
  })

  it('leaves zero pages out where asked, and fills up with others', () => {
    const zeros = new Uint8Array(4096 * PAGE_SIZE)
    for (let at = 0; at < zeros.length; at += PAGE_SIZE) zeros[at] = 0
    const into = new Arena(500)
    const { pages } = native.captureProcess(process.pid, into.id, 500, true)
    expect(pages).toBe(500)
    expect(count(into, pages, pageOf(into, 0))).toBe(0)
    expect(zeros[0]).toBe(0)
  })

  it('reads a child, spread over all it has, and notices its end', async () => {
    const script = `
      const memory = Buffer.alloc(64 * 1024 * 1024)
      for (let at = 0; at < memory.length; at += 4096) memory.fill(1 + at / memory.length * 250, at, at + 4096)
      console.log('ready'); setInterval(() => memory[0]++, 1000)`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    const pid = child.pid ?? 0
    const into = new Arena(1000)
    const { pages, resident } = native.captureProcess(pid, into.id, 1000, true)
    expect(pages).toBe(1000)
    expect(resident).toBeGreaterThan(16_384)
    // Pages of the first and of the last tenth of the marked 64 MiB are among them.
    const uniform = Array.from({ length: pages }, (_, page) => into.page(page))
      .filter((page) => page.every((byte) => byte === page[0]))
      .map((page) => page[0] ?? 0)
    expect(uniform.length).toBeGreaterThan(300)
    expect(Math.min(...uniform)).toBeLessThan(25)
    expect(Math.max(...uniform)).toBeGreaterThan(225)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(() => native.captureProcess(pid, into.id, 1, true)).toThrow(
      expect.objectContaining({ code: 'ENOENT', syscall: 'open', path: `/proc/${pid}/mem` }),
    )
  })

  it.skipIf(process.getuid?.() === 0)('of another user is refused with the path (skipped: this is root)', () => {
    const into = new Arena(1)
    expect(() => native.captureProcess(1, into.id, 1, true)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E(ACCES|PERM)$/), path: '/proc/1/mem' }),
    )
  })
})

describe('capture of a file', () => {
  it('takes whole pages, evenly', () => {
    const path = join(folder.path, 'numbered')
    const content = new Uint8Array(100 * PAGE_SIZE + 99)
    for (let page = 0; page < 100; page++) content.fill(page, page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    writeFileSync(path, content)
    const into = new Arena(200)
    expect(native.captureFile(path, into.id, 4)).toEqual({ pages: 4, total: 100 })
    expect([0, 1, 2, 3].map((page) => into.page(page)[7])).toEqual([0, 25, 50, 75])
    expect(native.captureFile(path, into.id, 200)).toEqual({ pages: 100, total: 100 })
    expect(Buffer.compare(into.bytes.subarray(0, 100 * PAGE_SIZE), content.subarray(0, 100 * PAGE_SIZE))).toBe(0)
  })

  it('refuses what is no regular file', () => {
    const into = new Arena(1)
    expect(() => native.captureFile(folder.path, into.id, 1)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    expect(() => native.captureFile(join(folder.path, 'none'), into.id, 1)).toThrow(
      expect.objectContaining({ code: 'ENOENT', syscall: 'open' }),
    )
  })
})

describe('the place of the process', () => {
  it('is one CPU once pinned', () => {
    expect(native.pinCpu(0)).toEqual([0])
    expect(() => native.pinCpu(1023)).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'sched_setaffinity' }))
  })
})
