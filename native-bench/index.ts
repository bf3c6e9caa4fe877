import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Addon } from './addon.ts'

/**
 * The door of the native addon: the addon itself, and memory for it.
 *
 * Importing this module loads the addon. Where it has not been built, that throws with the command that builds it.
 */

export { type Addon, MEMORY_KINDS, VMSTAT_COUNTERS } from './addon.ts'

/** Bytes. The lab's page, whatever the machine's own. */
export const PAGE_SIZE = 4096

function isPackageRoot(folder: string): boolean {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return false
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === 'swaplab'
}

/** The addon's file: beside the package's own package.json, from this module's folder or the working directory upwards. */
function addonFile(): string {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const file = join(folder, 'native-bench/build/native_bench.node')
      if (isPackageRoot(folder) && existsSync(file)) return file
      if (dirname(folder) === folder) break
    }
  }
  throw new Error('native addon is not built: run "npm run build:native"')
}

// SWAPLAB_ADDON names another build, such as the one with the address sanitizer.
const load: (file: string) => Addon = createRequire(import.meta.url)

export const native: Addon = load(process.env.SWAPLAB_ADDON ?? addonFile())

/** What the kernel maps as one where it can: an arena as large begins with one. */
export const LARGE_PAGE_SIZE = 2 * 2 ** 20

/** An ArrayBuffer with room for `pages` aligned pages wherever it happens to start; aligned to a large page, if they fill one. */
export function createArena(pages: number): ArrayBuffer {
  if (!Number.isSafeInteger(pages) || pages < 1) throw new RangeError(`an arena needs at least one page, not ${pages}`)
  const bytes = pages * PAGE_SIZE
  return new ArrayBuffer(bytes + (bytes < LARGE_PAGE_SIZE ? PAGE_SIZE : LARGE_PAGE_SIZE) - 1)
}

/** Page-aligned memory that the addon works on. It stays registered, and alive, until released. */
export class Arena {
  readonly id: number
  /** Whole pages. */
  readonly pages: number
  /** All pages, aligned. Do not transfer its buffer away. */
  readonly bytes: Uint8Array<ArrayBuffer>
  #open = true

  constructor(pages: number) {
    const buffer = createArena(pages)
    const registered = native.arenaRegister(buffer, pages)
    this.id = registered.id
    this.pages = pages
    this.bytes = new Uint8Array(buffer, registered.byteOffset, pages * PAGE_SIZE)
  }

  /** A view of one page. Allocates: not for the hot path. */
  page(page: number): Uint8Array<ArrayBuffer> {
    if (!Number.isInteger(page) || page < 0 || page >= this.pages)
      throw new RangeError(`page must be from 0 to ${this.pages - 1}, not ${page}`)
    return this.bytes.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
  }

  /** Lets go of the memory. Further use of the id throws; a second release does nothing. */
  release(): void {
    if (!this.#open) return
    this.#open = false
    native.arenaRelease(this.id)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** A failed system call, of the addon or of Node's own fs. */
export interface SystemFailure extends Error {
  /** 'ENOSPC' */
  code: string
  /** Negative, as everywhere in Node. */
  errno: number
  syscall: string
  path?: string
}

/** Whether it is a system call of the addon that failed: an Error with code, syscall and errno. */
export function isSystemFailure(error: unknown): error is SystemFailure {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  )
}
