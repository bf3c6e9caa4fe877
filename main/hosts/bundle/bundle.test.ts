import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readBundle } from './bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a bundle', () => {
  test('holds its regular files of known types, and nothing by way of a link', async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), 'page')
    writeFileSync(join(folder, 'assets/a-12345678.css'), 'css')
    writeFileSync(join(folder, 'notes.txt'), 'not of a type the interface uses')
    symlinkSync('/etc', join(folder, 'etc'))
    symlinkSync('/etc/hostname', join(folder, 'hostname.html'))
    const bundle = await readBundle(folder)
    expect([...bundle.paths].sort()).toEqual(['/assets/a-12345678.css', '/index.html'])
    expect(bundle.find('/')?.body.toString()).toBe('page')
    expect(bundle.find('/assets/a-12345678.css')?.cacheControl).toContain('immutable')
    expect(bundle.find('/index.html')?.cacheControl).toBe('no-cache')
  })

  test('is what it was when it was read, even while a new one is being built', async () => {
    writeFileSync(join(folder, 'index.html'), 'old')
    const bundle = await readBundle(folder)
    writeFileSync(join(folder, 'index.html'), 'new')
    expect(bundle.find('/')?.body.toString()).toBe('old')
  })

  test.each(['missing folder', 'no index.html'])('refuses: %s, with the way to build it', async (which) => {
    const directory = which === 'missing folder' ? join(folder, 'none') : folder
    await expect(readBundle(directory)).rejects.toMatchObject({
      code: 'unavailable',
      remedy: expect.stringContaining('npm run build'),
    })
  })
})
