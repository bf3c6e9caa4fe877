import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where the kernel shows itself. Tests put a folder of samples in its place.
 *
 * Whatever is not there, or not for us to read, is null: a probe never invents a value.
 */
export interface HostRoot {
  proc: string
  sys: string
  etc: string
}

export const HOST: HostRoot = { proc: '/proc', sys: '/sys', etc: '/etc' }

/** Why a file of /proc or /sys may be missing or unreadable without anything being wrong. */
const ABSENT = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EISDIR',
  'EINVAL',
  'EIO',
  'ENODEV',
  'ENXIO',
  'EOPNOTSUPP',
])

function orAbsent<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && ABSENT.has(error.code))
      return null
    throw error
  }
}

/** A file's text without white space around it; null where absent or empty. */
export function readText(...path: string[]): string | null {
  return orAbsent(() => readFileSync(join(...path), 'utf8').trim()) || null
}

/** null where absent, or no whole number in decimal. */
export function readInteger(...path: string[]): number | null {
  const text = readText(...path)
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null
}

/** Names in a folder, sorted; empty where absent. */
export function readNames(...path: string[]): string[] {
  return orAbsent(() => readdirSync(join(...path)).sort()) ?? []
}

/** Where a path leads in the end; null where absent. */
export function resolveLink(...path: string[]): string | null {
  return orAbsent(() => realpathSync(join(...path)))
}
