import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Build, bringUpToDate, isStale } from './build.ts'

let folder: string
const at = (path: string) => join(folder, path)
/** Writes a file last changed at `second`. */
function write(path: string, second: number) {
  writeFileSync(at(path), '')
  utimesSync(at(path), second, second)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-build-'))
  mkdirSync(at('src'))
  write('src/a.ts', 10)
  utimesSync(at('src'), 10, 10)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a product', () => {
  test('that is missing is stale', () => expect(isStale(at('out'), [at('src')])).toBe(true))

  test('newer than everything it is made from is not', () => {
    write('out', 11)
    expect(isStale(at('out'), [at('src')])).toBe(false)
  })

  test('is stale when a file deep inside changed', () => {
    write('out', 11)
    mkdirSync(at('src/deep'))
    write('src/deep/b.ts', 12)
    expect(isStale(at('out'), [at('src')])).toBe(true)
  })

  test('is stale when a file was removed', () => {
    write('src/b.ts', 5)
    write('out', 11)
    rmSync(at('src/b.ts'))
    expect(isStale(at('out'), [at('src')])).toBe(true)
  })

  test('does not depend on what a link points at', () => {
    write('out', 11)
    write('elsewhere', 99)
    symlinkSync(at('elsewhere'), at('src/link'))
    utimesSync(at('src'), 10, 10)
    expect(isStale(at('out'), [at('src')])).toBe(false)
  })
})

describe('bringing up to date', () => {
  const build = (args: string[]): Build => ({
    name: 'thing',
    product: at('out'),
    sources: [at('src')],
    command: process.execPath,
    args,
    remedy: 'do this',
  })

  test('runs the command where the product is stale, and says so in one line', async () => {
    const said: string[] = []
    await bringUpToDate(build(['-e', `fs.writeFileSync(${JSON.stringify(at('out'))}, '')`]), (line) => said.push(line))
    expect(said).toEqual(['Building the thing …'])
    await bringUpToDate(build(['-e', 'process.exit(1)']), (line) => said.push(line))
    expect(said).toHaveLength(1)
  })

  test('says so at the first thing a command prints that knows by itself what is stale, and nothing where it is silent', async () => {
    const said: string[] = []
    const silent = { ...build(['-e', '']), product: '' }
    await bringUpToDate(silent, (line) => said.push(line))
    expect(said).toEqual([])
    await bringUpToDate({ ...silent, args: ['-e', 'console.log("one"); console.error("two")'] }, (line) =>
      said.push(line),
    )
    expect(said).toEqual(['Building the thing …'])
  })

  test('fails with what the command said, and what to do', async () => {
    const failing = bringUpToDate(build(['-e', 'console.error("line 7: nonsense"); process.exit(2)']), () => undefined)
    await expect(failing).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('line 7: nonsense'),
      remedy: 'do this',
    })
  })

  test('names a command that is not installed', async () => {
    const missing = bringUpToDate({ ...build([]), command: 'swaplab-no-such-command' }, () => undefined)
    await expect(missing).rejects.toMatchObject({
      message: expect.stringContaining('"swaplab-no-such-command" is not installed'),
    })
  })
})
