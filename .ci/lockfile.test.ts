import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string; link?: boolean }>
}
const lock: Lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))

/** Where Node would look for `name` from the package at `path`. */
function isLocked(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (place in lock.packages) return true
    if (at === '') return false
  }
}

/**
 * npm leaves out of the lock file what its registry did not have when it was written (a platform's binaries, say), and then
 * `npm ci` refuses the whole file, on every machine. Put the entries back by hand, or use a version that is complete.
 */
test('the lock file knows the optional packages of every platform, so that "npm ci" accepts it', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path} -> ${name}`),
  )
  expect(missing).toEqual([])
})

test('the lock file names no registry: each machine takes packages from its own', () => {
  const named = Object.entries(lock.packages).flatMap(([path, { resolved }]) => (resolved ? [path] : []))
  expect(named).toEqual([])
})
