import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A real file system of a few MiB: the smallest disk that a swap file does not fit on. */
export interface SmallDisk {
  path: string
  remove(): void
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 })

/**
 * Mounts an ext4 image under `folder`.
 * @returns the disk, or why this machine cannot have one (it takes root and a loop device).
 */
export function makeSmallDisk(folder: string, mib: number): SmallDisk | string {
  if (process.platform !== 'linux') return 'a small disk is made with a loop device of Linux'
  if (process.getuid?.() !== 0) return 'a small disk can only be mounted by root'
  const image = join(folder, 'small.img')
  const path = join(folder, 'small-disk')
  try {
    writeFileSync(image, '')
    truncateSync(image, mib * 1024 * 1024)
    run('mkfs.ext4', '-q', image)
    mkdirSync(path)
    run('mount', '-o', 'loop', image, path)
  } catch (error) {
    return `no small disk can be mounted here (${error instanceof Error ? error.message.split('\n')[0] : error})`
  }
  return { path, remove: () => void run('umount', '-l', path) }
}
