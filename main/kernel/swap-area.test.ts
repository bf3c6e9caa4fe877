import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeSwapFile } from './swap-area.ts'

/** On a disk: tmpfs is refused. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/swaplab-area-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

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

it('makes nothing by way of a link, and nothing where there is a file of that name', () => {
  symlinkSync(folder, join(folder, 'link'))
  writeFileSync(join(folder, 'there'), 'mine')
  const make = (directory: string, name: string) => () => makeSwapFile(directory, name, SLOTS, () => {})
  expect(make(join(folder, 'link'), 'made')).toThrow(/symbolic link/)
  expect(make(folder, 'there')).toThrow(/cannot be made/)
  expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine')
})
