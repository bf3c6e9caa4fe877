import { lstatSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { constants, enableCompileCache, getCompileCacheDir } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import envPaths from 'env-paths'

/**
 * Has this process, and those it starts, keep what Node compiles of the sources, for the next start. To be called before they are imported. Without a folder
 * that is surely good for it nothing is kept: Node's own search for one does not end below /proc, and what stands in a folder that others
 * can write to would be run.
 * @returns the folder; null where nothing is kept, or Node does it already
 */
export function keepCompiled(folder = envPaths('swaplab', { suffix: '' }).cache): string | null {
  if (process.env.NODE_DISABLE_COMPILE_CACHE || getCompileCacheDir() !== undefined || !isOwnFolder(folder)) return null
  if (enableCompileCache(folder).status !== constants.compileCacheStatus.ENABLED) return null
  process.env.NODE_COMPILE_CACHE = folder
  return folder
}

/** Whether it is a real folder of this user alone, in which folders can be made; it is made where it and its parent are missing. */
function isOwnFolder(folder: string): boolean {
  if (!isAbsolute(folder)) return false
  try {
    for (const missing of [dirname(folder), folder]) makeFolder(missing)
    const found = lstatSync(folder)
    if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) return false
    rmdirSync(mkdtempSync(join(folder, 'probe-')))
    return true
  } catch {
    return false
  }
}

/** Not recursively: that is what does not end. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
