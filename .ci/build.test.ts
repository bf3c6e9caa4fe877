import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The build as the window gets it, into a folder of its own. */
const ROOT = resolve(import.meta.dirname, '..')
let out: string

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'swaplab-out-'))
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error'],
    {
      cwd: ROOT,
      env: { ...process.env, SWAPLAB_OUT: out },
      stdio: 'pipe',
    },
  )
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

describe('the built window', () => {
  test('has its three parts in one folder', () => {
    for (const file of [
      'main/index.js',
      'main/engine.js',
      'main/sweep-worker.js',
      'preload/preload.cjs',
      'renderer/index.html',
    ])
      expect(existsSync(join(out, file)), file).toBe(true)
  })

  test('has a preload without a module loader: one CommonJS file that needs nothing but electron', () => {
    const preload = readFileSync(join(out, 'preload/preload.cjs'), 'utf8')
    expect([...preload.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron'])
    expect(preload).not.toMatch(/^import /m)
    expect(readdirSync(join(out, 'preload'))).toEqual(['preload.cjs'])
  })

  test('has a document without inline script', () => {
    const page = readFileSync(join(out, 'renderer/index.html'), 'utf8')
    for (const [, attributes, text] of page.matchAll(/<script([^>]*)>([^<]*)</g)) {
      expect(attributes).toContain('src=')
      expect(text.trim()).toBe('')
    }
    expect(page).not.toMatch(/\son\w+=/)
  })

  test('leaves native packages where they are', () => {
    const main = ['', 'chunks'].flatMap((folder) =>
      readdirSync(join(out, 'main', folder))
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFileSync(join(out, 'main', folder, file), 'utf8')),
    )
    expect(main.some((text) => /from ["']better-sqlite3["']/.test(text))).toBe(true)
    expect(main.some((text) => text.includes('\u007fELF'))).toBe(false)
  })
})
