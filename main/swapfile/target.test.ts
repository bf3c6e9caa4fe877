import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LabError } from '../contract/index.ts'
import { checkSpace, checkTarget, freeMargin, hostStatfs, overlayUpper, type Statfs, swapfileBytes } from './target.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-target-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function faultOf(action: () => unknown) {
  try {
    action()
  } catch (error) {
    if (error instanceof LabError) return error.toFault()
    throw error
  }
  throw new Error('it was allowed')
}

const withFree =
  (freeBytes: number, totalBytes = 100 * GIB, magic = 0xef53): Statfs =>
  () => ({ magic, freeBytes, totalBytes })

describe('freeMargin', () => {
  it('is 5 % of the file system between 256 MiB and 4 GiB', () => {
    expect(freeMargin(1 * GIB)).toBe(256 * MIB)
    expect(freeMargin(20 * GIB)).toBe(GIB)
    expect(freeMargin(4096 * GIB)).toBe(4 * GIB)
  })
})

describe('checkTarget', () => {
  it('resolves symbolic links in the directory', () => {
    mkdirSync(join(directory, 'real'))
    symlinkSync('real', join(directory, 'link'))
    const target = checkTarget(join(directory, 'link'), withFree(50 * GIB))
    expect(target).toMatchObject({ directory: join(directory, 'real'), memory: null })
  })

  it('refuses a file that would break into the margin, by one byte', () => {
    const bytes = swapfileBytes(1000)
    const margin = freeMargin(100 * GIB)
    const withRoom = (freeBytes: number) => checkTarget(directory, withFree(freeBytes))
    expect(() => checkSpace(withRoom(margin + bytes), bytes)).not.toThrow()
    expect(faultOf(() => checkSpace(withRoom(margin + bytes - 1), bytes))).toMatchObject({
      code: 'no_space',
      field: 'swapDir',
      message: expect.stringContaining(directory),
    })
  })

  it('refuses a directory that is missing, a file, or a device', () => {
    writeFileSync(join(directory, 'file'), '')
    for (const path of [join(directory, 'missing'), join(directory, 'file'), join(directory, 'file', 'x'), '/dev/null'])
      expect(faultOf(() => checkTarget(path))).toMatchObject({ code: 'unsafe_target', remedy: expect.any(String) })
  })

  it.skipIf(process.geteuid?.() === 0)(
    'refuses a read-only directory (skipped as root, who may write anywhere)',
    () => {
      chmodSync(directory, 0o500)
      expect(faultOf(() => checkTarget(directory, withFree(50 * GIB)))).toMatchObject({ code: 'no_permission' })
    },
  )

  it('names the memory file system it finds', () => {
    expect(checkTarget(directory, withFree(50 * GIB, 100 * GIB, 0x01021994)).memory).toBe('tmpfs')
    expect(checkTarget(directory, withFree(50 * GIB, 100 * GIB, 0x858458f6)).memory).toBe('ramfs')
  })

  it('reads the host: free space is no larger than the file system', () => {
    const fs = hostStatfs(directory)
    expect(fs.freeBytes).toBeGreaterThan(0)
    expect(fs.freeBytes).toBeLessThanOrEqual(fs.totalBytes)
  })
})

describe('overlayUpper', () => {
  const MOUNTS = [
    '22 1 254:0 / / rw - ext4 /dev/vda rw',
    '30 22 0:40 / /merged rw - overlay overlay rw,lowerdir=/l,upperdir=/up\\040per,workdir=/w',
    '31 30 0:41 / /merged/disk rw shared:1 - ext4 /dev/vdb rw',
    '',
  ].join('\n')

  it('finds the upper directory of the overlay that holds a directory', () => {
    expect(overlayUpper(MOUNTS, '/merged')).toBe('/up per')
    expect(overlayUpper(MOUNTS, '/merged/a/b')).toBe('/up per')
  })

  it('takes the innermost mount, and only whole path components', () => {
    expect(overlayUpper(MOUNTS, '/merged/disk/x')).toBeNull()
    expect(overlayUpper(MOUNTS, '/merged2')).toBeNull()
    expect(overlayUpper(MOUNTS, '/')).toBeNull()
  })
})
