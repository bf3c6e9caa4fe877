import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../native-bench/host.ts'
import { native } from '../../native-bench/index.ts'
import { LabError, PAGE_SIZE } from '../contract/index.ts'
import { type CreateOptions, checkSwapTarget, createSwapfile } from './create.ts'
import { decodeHeader } from './header.ts'
import type { Statfs } from './target.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-create-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const MEMORY = '/dev/shm'
const roomy: Statfs = () => ({ magic: 0xef53, freeBytes: 2 ** 40, totalBytes: 2 ** 41 })

/** Buffered is allowed so that these tests also run where the temporary directory lies in memory. */
const create = (options: Partial<CreateOptions> = {}) =>
  createSwapfile({ directory, slots: 600, runId: 'run-1', buffered: true, ...options })

async function faultOf(creating: Promise<{ close(): void }>) {
  try {
    const file = await creating
    file.close()
  } catch (error) {
    if (error instanceof LabError) return error.toFault()
    throw error
  }
  throw new Error('it was made')
}

describe('createSwapfile', () => {
  it('makes a file without holes, for its owner only, with a header that names the run and this process', async () => {
    const file = await create()
    const stat = lstatSync(file.path)
    expect(file.path).toBe(join(directory, 'swaplab-run-1.swap'))
    expect(stat.size).toBe(601 * PAGE_SIZE)
    expect(stat.blocks * 512).toBeGreaterThanOrEqual(stat.size)
    expect(stat.mode & 0o777).toBe(0o600)
    const bytes = readFileSync(file.path)
    const header = decodeHeader(bytes)
    expect(header).toMatchObject({ runId: 'run-1', slots: 600, owner: { pid: process.pid } })
    expect(header && isAlive(header.owner)).toBe(true)
    for (let page = 1; page <= 600; page++)
      expect(bytes.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE).readUInt32LE(0)).toBe(page)
    file.close()
    expect(readdirSync(directory)).toEqual([])
    file.close()
  })

  it('reports its progress, from 0 to 1', async () => {
    const seen: number[] = []
    const file = await create({ slots: 10_000, onProgress: (fraction) => seen.push(fraction) })
    file.close()
    expect(seen[0]).toBe(0)
    expect(seen.at(-1)).toBe(1)
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    expect(seen.length).toBeGreaterThan(3)
  })

  it('stops when cancelled midway, and leaves nothing', async () => {
    const abort = new AbortController()
    const creating = create({ slots: 10_000, signal: abort.signal, onProgress: () => abort.abort() })
    expect(await faultOf(creating)).toMatchObject({ code: 'cancelled' })
    expect(readdirSync(directory)).toEqual([])
  })

  it('holds a lock on the file while it is open', async () => {
    const file = await create()
    const other = native.fileOpen(file.path, { write: false, create: false, direct: false, dsync: false })
    expect(native.fileLock(other)).toBe(false)
    file.close()
    expect(native.fileLock(other)).toBe(true)
    native.fileClose(other)
  })

  it('opens the same file again for durable writes, and notices another one in its place', async () => {
    const file = await create()
    native.fileClose(file.openDsync())
    renameSync(file.path, join(directory, 'moved'))
    writeFileSync(file.path, 'somebody else')
    expect(() => file.openDsync()).toThrow(/no longer the file/)
    file.close()
    expect(readFileSync(join(directory, 'swaplab-run-1.swap'), 'utf8')).toBe('somebody else')
  })

  it.each(['../escape', 'a/b', '', 'x'.repeat(65), 'a b', 'a\0b'])('refuses the run id %j', async (runId) => {
    expect(await faultOf(create({ runId }))).toMatchObject({ code: 'bad_input' })
  })
})

describe('what stands in its way stays untouched', () => {
  const path = () => join(directory, 'swaplab-run-1.swap')

  it('a foreign file of the same name', async () => {
    writeFileSync(path(), 'precious')
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target', message: expect.stringContaining(path()) })
    expect(readFileSync(path(), 'utf8')).toBe('precious')
  })

  it('a planted symbolic link, and what it points to', async () => {
    const victim = join(directory, 'victim')
    writeFileSync(victim, 'precious')
    symlinkSync(victim, path())
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target' })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(lstatSync(path()).isSymbolicLink()).toBe(true)
  })

  it('a dangling symbolic link: nothing appears where it points', async () => {
    symlinkSync(join(directory, 'nowhere'), path())
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target' })
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  it('a hard link to a foreign file', async () => {
    const victim = join(directory, 'victim')
    writeFileSync(victim, 'precious')
    linkSync(victim, path())
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target' })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
  })

  it('a FIFO, without hanging on it', async () => {
    execFileSync('mkfifo', [path()])
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target' })
    expect(lstatSync(path()).isFIFO()).toBe(true)
  })

  it('a device node (skipped where none can be made)', async (context) => {
    if (spawnSync('mknod', [path(), 'c', '1', '3']).status !== 0) context.skip('mknod is not permitted here')
    expect(await faultOf(create())).toMatchObject({ code: 'unsafe_target' })
    expect(lstatSync(path()).isCharacterDevice()).toBe(true)
  })
})

describe('where direct I/O does not reach a disk', () => {
  it.skipIf(!existsSync(MEMORY))('refuses memory (skipped without /dev/shm)', async () => {
    const before = readdirSync(MEMORY)
    expect(await faultOf(create({ directory: MEMORY, buffered: false }))).toMatchObject({
      code: 'no_direct_io',
      message: expect.stringContaining('tmpfs'),
      remedy: expect.stringContaining('buffered'),
    })
    expect(readdirSync(MEMORY)).toEqual(before)
  })

  it.skipIf(!existsSync(MEMORY))(
    'says so in the file where buffered is allowed (skipped without /dev/shm)',
    async () => {
      const file = await create({ directory: MEMORY, runId: `test-${process.pid}`, statfs: tmpfsStatfs })
      expect(file.direct).toBe(false)
      file.close()
    },
  )

  const tmpfsStatfs: Statfs = () => ({ magic: 0x01021994, freeBytes: 2 ** 40, totalBytes: 2 ** 41 })
})

describe('a file system that is full (skipped where none can be mounted)', () => {
  let mounted = false
  beforeEach(() => {
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'swaplab-test', directory]).status === 0
  })
  afterEach(() => {
    if (mounted) spawnSync('umount', [directory])
  })

  it('ends with no_space midway, and leaves nothing', async (context) => {
    if (!mounted) context.skip('mount is not permitted here')
    const fault = await faultOf(create({ slots: 10_000, statfs: roomy }))
    expect(fault).toMatchObject({ code: 'no_space', message: expect.stringContaining('ENOSPC') })
    expect(readdirSync(directory)).toEqual([])
  })

  it('says that it lies in memory before that it is too small: no room made there would help', async (context) => {
    if (!mounted) context.skip('mount is not permitted here')
    expect(await faultOf(create({ slots: 10_000, buffered: false }))).toMatchObject({ code: 'no_direct_io' })
    expect(await faultOf(create({ slots: 10_000 }))).toMatchObject({ code: 'no_space' })
  })

  it('refuses a read-only file system', async (context) => {
    if (!mounted) context.skip('mount is not permitted here')
    expect(spawnSync('mount', ['-o', 'remount,ro', directory]).status).toBe(0)
    expect(await faultOf(create({ statfs: roomy }))).toMatchObject({ code: 'no_permission' })
  })
})

describe('a look at the directory', () => {
  it('makes nothing, and asks for no space that a run under way may still hold', () => {
    const full: Statfs = () => ({ magic: 0xef53, freeBytes: 2 ** 20, totalBytes: 2 ** 41 })
    expect(() => checkSwapTarget({ directory, bytes: 2 ** 20, buffered: false, statfs: full })).toThrow(
      expect.objectContaining({ code: 'no_space', field: 'swapDir' }),
    )
    expect(checkSwapTarget({ directory, bytes: null, buffered: false, statfs: full }).directory).toBe(directory)
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('a file system without direct I/O (ramfs passed off as a disk; skipped where none can be mounted)', () => {
  let mounted = false
  beforeEach(() => {
    mounted = spawnSync('mount', ['-t', 'ramfs', 'swaplab-test', directory]).status === 0
  })
  afterEach(() => {
    if (mounted) spawnSync('umount', [directory])
  })

  it('is found out by the real attempt, and nothing is left', async (context) => {
    if (!mounted) context.skip('mount is not permitted here')
    expect(await faultOf(create({ statfs: roomy, buffered: false }))).toMatchObject({ code: 'no_direct_io' })
    expect(readdirSync(directory)).toEqual([])
  })

  it('serves buffered where that is allowed', async (context) => {
    if (!mounted) context.skip('mount is not permitted here')
    const file = await create({ statfs: roomy })
    expect(file.direct).toBe(false)
    file.close()
    expect(readdirSync(directory)).toEqual([])
  })
})
