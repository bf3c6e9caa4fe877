import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const OWN = JSON.stringify(join(import.meta.dirname, 'compile-cache.ts'))
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-compiled-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** In a process of its own: a cache cannot be closed again. Each folder is asked about in turn, until one is taken. */
function keptIn(folders: string[]): unknown {
  const script = `
    import { keepCompiled } from ${OWN}
    process.stdout.write(JSON.stringify(${JSON.stringify(folders)}.map((folder) => keepCompiled(folder))))`
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined, NODE_DISABLE_COMPILE_CACHE: undefined }
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, timeout: 20_000 })
  return JSON.parse(stdout.toString() || 'null')
}

describe('what Node compiles', () => {
  it('is kept in a folder that is made, with its parent, for this user alone', () => {
    const folder = join(dir, 'cache', 'swaplab')
    expect(keptIn([folder])).toEqual([folder])
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^v\d/)])
  })
  it('is kept nowhere that another user could write to, that is a link, no folder, takes no folders, or where Node would search for ever', () => {
    const [shared, link, file, own] = ['shared', 'link', 'file', 'own'].map((name) => join(dir, name))
    mkdirSync(shared)
    chmodSync(shared, 0o777)
    mkdirSync(own)
    symlinkSync(own, link)
    writeFileSync(file, '')
    const refused = [
      shared,
      link,
      file,
      join(file, 'x'),
      '/proc/self/fd',
      '/proc/x',
      '/proc/x/y',
      join(dir, 'a/b/c'),
      'cache',
    ]
    expect(keptIn(refused)).toEqual(refused.map(() => null))
    expect(readdirSync(own)).toEqual([])
    expect(existsSync(join(dir, 'a'))).toBe(false)
  })
})
