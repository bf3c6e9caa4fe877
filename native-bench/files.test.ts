import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { numbered } from './fixture-pages.ts'
import { Arena, isSystemFailure, native, PAGE_SIZE } from './index.ts'

const folder = testFolder()
afterAll(folder.remove)
const at = (name: string) => join(folder.path, name)

const READ = { write: false, create: false, direct: false, dsync: false }
const WRITE = { ...READ, write: true }
const CREATE = { ...WRITE, create: true }

/** What a call throws, which must be a failed system call. */
function failure(call: () => unknown) {
  try {
    call()
  } catch (error) {
    if (isSystemFailure(error))
      return { code: error.code, syscall: error.syscall, path: error.path, errno: error.errno }
    throw error
  }
  throw new Error('nothing was thrown')
}

/** A new file of `pages` pages, opened. */
function fresh(name: string, pages: number, options = CREATE): number {
  const file = native.fileOpen(at(name), options)
  native.fileAllocate(file, pages * PAGE_SIZE)
  return file
}

const firstBytes = (arena: Arena) => Array.from({ length: arena.pages }, (_, page) => arena.page(page)[0])

/** Why this file system refuses direct I/O, or null. */
function whyNotDirect(): string | null {
  try {
    const file = native.fileOpen(at('probe'), { ...CREATE, direct: true })
    native.fileWrite(file, new Arena(1).id, 0, 1, 0)
    native.fileClose(file)
    return null
  } catch (error) {
    return String(error)
  }
}

describe('opening a file', () => {
  it('creates exclusively, for the owner alone', () => {
    const file = native.fileOpen(at('mine'), CREATE)
    expect(native.fileStat(file)).toMatchObject({ bytes: 0, regular: true, links: 1, uid: process.getuid?.() })
    expect(statSync(at('mine')).mode & 0o777).toBe(0o600)
    expect(failure(() => native.fileOpen(at('mine'), CREATE))).toEqual({
      code: 'EEXIST',
      syscall: 'open',
      path: at('mine'),
      errno: -17,
    })
  })

  it('refuses a symbolic link, dangling or not', () => {
    writeFileSync(at('target'), 'precious')
    symlinkSync(at('target'), at('link'))
    symlinkSync(at('nowhere'), at('dangling'))
    expect(failure(() => native.fileOpen(at('link'), WRITE)).code).toBe('ELOOP')
    expect(failure(() => native.fileOpen(at('dangling'), CREATE)).code).toBe('EEXIST')
    expect(readFileSync(at('target'), 'utf8')).toBe('precious')
  })

  it('does not hang on a pipe, and says what is not a regular file', () => {
    execFileSync('mkfifo', [at('pipe')])
    mkdirSync(at('folder'))
    for (const name of ['pipe', 'folder']) {
      const file = native.fileOpen(at(name), READ)
      expect(native.fileStat(file).regular).toBe(false)
      native.fileClose(file)
    }
  })

  it('is not passed on to child processes', () => {
    native.fileOpen(at('inherited'), CREATE)
    const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(stdout).not.toContain('inherited')
  })

  it('is refused with a zero byte in the path, which would cut it short', () => {
    expect(() => native.fileOpen(`${at('a')}\0b`, CREATE)).toThrow(RangeError)
  })
})

describe.each([
  { name: 'buffered', direct: false, dsync: false },
  { name: 'direct', direct: true, dsync: false },
  { name: 'direct and O_DSYNC', direct: true, dsync: true },
])('whole pages, $name', ({ name, direct, dsync }) => {
  const refused = direct ? whyNotDirectOnce() : null

  it.skipIf(refused !== null)(
    `come back from where they were written${refused ? ` (skipped: ${refused})` : ''}`,
    () => {
      const file = fresh(name, 32, { ...CREATE, direct, dsync })
      const arena = numbered(8)
      expect(native.fileWrite(file, arena.id, 2, 3, 10)).toBeGreaterThan(0)
      expect(native.fileDatasync(file)).toBeGreaterThan(0)
      expect(native.fileSync(file)).toBeGreaterThan(0)
      expect(native.fileRead(file, arena.id, 5, 3, 10)).toBeGreaterThan(0)
      expect(firstBytes(arena)).toEqual([1, 2, 3, 4, 5, 3, 4, 5])
      expect(readFileSync(at(name))[10 * PAGE_SIZE]).toBe(3)
    },
  )

  it.skipIf(refused !== null)('are scattered over the arena and consecutive in the file', () => {
    const file = fresh(`${name} scattered`, 2000, { ...CREATE, direct, dsync })
    const arena = numbered(8)
    native.fileWriteVector(file, arena.id, Int32Array.of(7, 0, 3, 3, 99), 4, 5)
    native.fileReadVector(file, arena.id, Int32Array.of(1, 2, 4, 5), 4, 5)
    expect(firstBytes(arena)).toEqual([1, 8, 1, 4, 4, 4, 7, 8])
  })

  it.skipIf(refused !== null)('may be more than one system call takes', () => {
    const count = 1500
    const file = fresh(`${name} many`, count, { ...CREATE, direct, dsync })
    const arena = numbered(200)
    const pages = Int32Array.from({ length: count }, (_, index) => (index * 7) % 200)
    native.fileWriteVector(file, arena.id, pages, count, 0)
    const back = new Arena(count)
    native.fileRead(file, back.id, 0, count, 0)
    expect(firstBytes(back)).toEqual(Array.from(pages, (page) => page + 1))
  })
})

let direct: { reason: string | null } | undefined
function whyNotDirectOnce(): string | null {
  direct ??= { reason: whyNotDirect() }
  return direct.reason
}

describe('a file', () => {
  it('that was truncated by somebody else gives an error with its path, not a signal', () => {
    const file = fresh('shrinking', 8)
    const arena = new Arena(8)
    truncateSync(at('shrinking'), PAGE_SIZE)
    expect(failure(() => native.fileRead(file, arena.id, 0, 8, 0))).toMatchObject({
      code: 'EIO',
      syscall: 'pread',
      path: at('shrinking'),
    })
  })

  it('opened for reading only is not written', () => {
    fresh('read only', 1)
    const file = native.fileOpen(at('read only'), READ)
    expect(failure(() => native.fileWrite(file, new Arena(1).id, 0, 1, 0))).toMatchObject({
      code: 'EBADF',
      syscall: 'pwrite',
    })
  })

  it('refuses pages outside the arena and numbers that are none', () => {
    const file = fresh('ranges', 4)
    const arena = new Arena(4)
    expect(() => native.fileRead(file, arena.id, 2, 3, 0)).toThrow(RangeError)
    expect(() => native.fileRead(file, arena.id, 0, 0, 0)).toThrow(RangeError)
    expect(() => native.fileRead(file, arena.id, 0, 1, -1)).toThrow(RangeError)
    expect(() => native.fileRead(file, arena.id, 0, 1, Number.NaN)).toThrow(RangeError)
    expect(() => native.fileReadVector(file, arena.id, Int32Array.of(0, 4), 2, 0)).toThrow('pages[1]')
    expect(() => native.fileReadVector(file, arena.id, Int32Array.of(0), 2, 0)).toThrow(RangeError)
  })

  it('is without holes when allocated', () => {
    const file = fresh('solid', 64)
    expect(statSync(at('solid')).blocks * 512).toBeGreaterThanOrEqual(64 * PAGE_SIZE)
    native.fileDropCache(file)
  })

  it('is locked by one opener at a time, until closed', () => {
    const first = fresh('locked', 1)
    const second = native.fileOpen(at('locked'), WRITE)
    expect(native.fileLock(first)).toBe(true)
    expect(native.fileLock(first)).toBe(true)
    expect(native.fileLock(second)).toBe(false)
    native.fileClose(first)
    expect(native.fileLock(second)).toBe(true)
    expect(() => native.fileStat(first)).toThrow('not an open file')
  })
})
