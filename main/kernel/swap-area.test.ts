import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { makeSwapFile } from './swap-area.ts'

/** What happens once the directory was looked at, before anything is made in it. */
let meanwhile = () => {}
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const statfsSync = (path: string) => {
    meanwhile()
    return fs.statfsSync(path)
  }
  return { ...fs, statfsSync }
})

/** On a disk: tmpfs is refused. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/swaplab-area-')
})
afterEach(() => {
  meanwhile = () => {}
  rmSync(folder, { recursive: true, force: true })
})

const SLOTS = 256
const magicOf = (file: string) => readFileSync(file).subarray(4086, 4096).toString()

it('names the file that was made, though its owner replaces the directory before it is swapped to', () => {
  const directory = join(folder, 'theirs')
  mkdirSync(directory)
  const path = makeSwapFile(directory, 'made', SLOTS, (file) => {
    renameSync(directory, join(folder, 'moved'))
    mkdirSync(directory)
    writeFileSync(join(directory, 'made'), 'another file')
    expect(readFileSync(file)).toHaveLength((SLOTS + 1) * 4096)
    expect(magicOf(file)).toBe('SWAPSPACE2')
  })
  expect(path).toBe(join(directory, 'made'))
  expect(magicOf(join(folder, 'moved', 'made'))).toBe('SWAPSPACE2')
})

it('makes no file where they may make none, though a link takes the place of the directory that was looked at', () => {
  const [theirs, foreign] = ['theirs', 'foreign'].map((name) => join(folder, name))
  mkdirSync(theirs)
  mkdirSync(foreign)
  meanwhile = () => {
    renameSync(theirs, join(folder, 'moved'))
    symlinkSync(foreign, theirs)
  }
  expect(() => makeSwapFile(theirs, 'made', SLOTS, () => expect.unreachable())).toThrow(/was replaced by another/)
  expect([existsSync(join(foreign, 'made')), existsSync(join(folder, 'moved', 'made'))]).toEqual([false, false])
})

it('makes nothing by way of a link, and nothing where there is a file of that name', () => {
  symlinkSync(folder, join(folder, 'link'))
  writeFileSync(join(folder, 'there'), 'mine')
  const make = (directory: string, name: string) => () => makeSwapFile(directory, name, SLOTS, () => {})
  expect(make(join(folder, 'link'), 'made')).toThrow(/symbolic link/)
  expect(make(folder, 'there')).toThrow(/cannot be made/)
  expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine')
})
