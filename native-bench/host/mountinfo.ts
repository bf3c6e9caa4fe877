import { decodeOctal } from './octal.ts'

/** One line of /proc/self/mountinfo (proc(5)). */
export interface Mount {
  major: number
  minor: number
  mountPoint: string
  /** Options of the mount and of the file system, each once. */
  options: string
  fileSystem: string
  source: string
}

/** Lines that do not have the form of proc(5) are left out. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    // A variable number of optional fields ends with a lone hyphen.
    const match = /^\d+ \d+ (\d+):(\d+) \S+ (\S+) (\S+)(?: \S+)*? - (\S+) (\S+)(?: (\S*))?$/.exec(line)
    if (!match) continue
    const [, major = '', minor = '', mountPoint = '', own = '', fileSystem = '', source = '', shared = ''] = match
    mounts.push({
      major: Number(major),
      minor: Number(minor),
      mountPoint: decodeOctal(mountPoint),
      options: [...new Set([...own.split(','), ...shared.split(',')])].filter(Boolean).join(','),
      fileSystem: decodeOctal(fileSystem),
      source: decodeOctal(source),
    })
  }
  return mounts
}

/** The mount a resolved, absolute path is on: the deepest mount point above it, the last mounted where several share it. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  let best: Mount | null = null
  for (const mount of mounts) {
    const prefix = mount.mountPoint === '/' ? '/' : `${mount.mountPoint}/`
    if (path !== mount.mountPoint && !path.startsWith(prefix)) continue
    if (best === null || mount.mountPoint.length >= best.mountPoint.length) best = mount
  }
  return best
}
