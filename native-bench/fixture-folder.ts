import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** TMPFS_MAGIC of linux/magic.h: no direct I/O there before Linux 6.6, and never a disk. */
const TMPFS = 0x01021994

/** A fresh folder on a real file system, and what removes it: the temporary one unless that is memory, else the build's. */
export function testFolder(): { path: string; remove: () => void } {
  const base = statfsSync(tmpdir()).type === TMPFS ? join(dirname(fileURLToPath(import.meta.url)), 'build') : tmpdir()
  const path = mkdtempSync(join(base, 'swaplab-native-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
