import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LabError } from '../../contract/index.ts'
import { writeAnew, writeNew } from './command-line.ts'

const disk = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const write: typeof fs.writeFileSync = (file, data, options) => {
    if (!disk.full || typeof file !== 'number') return fs.writeFileSync(file, data, options)
    writeSync(file, 'as far as there was room')
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  return { ...fs, writeFileSync: write }
})

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-files-'))
  disk.full = false
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function refusal(work: () => void) {
  try {
    work()
  } catch (error) {
    if (error instanceof LabError) return error.toFault()
    throw error
  }
  throw new Error('was not refused')
}

describe('a file that a command writes', () => {
  it('is not left half written on a full disk, so that the next try finds its way free', () => {
    const file = join(dir, 'run.bundle')
    disk.full = true
    expect(refusal(() => writeNew(file, 'all of it'))).toMatchObject({
      code: 'no_space',
      field: 'out',
      remedy: expect.stringContaining('Free some space'),
    })
    expect(existsSync(file)).toBe(false)
    disk.full = false
    writeNew(file, 'all of it')
    expect(readFileSync(file, 'utf8')).toBe('all of it')
    expect(refusal(() => writeNew(file, 'again'))).toMatchObject({
      code: 'bad_input',
      message: `${file} exists already.`,
    })
  })

  it('goes where the one before cannot be replaced: old gates would pass for new ones', () => {
    const file = join(dir, 'gates.xml')
    writeFileSync(file, 'of last night')
    writeAnew(file, 'of tonight', 'junit')
    expect(readFileSync(file, 'utf8')).toBe('of tonight')
    disk.full = true
    expect(refusal(() => writeAnew(file, 'of tomorrow', 'junit'))).toMatchObject({ code: 'no_space', field: 'junit' })
    expect(existsSync(file)).toBe(false)
  })
})
