import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, rmdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HOST, type HostRoot, probeSwaps, type SwapArea } from '../../native-bench/host.ts'

/** The files by which the kernel is asked and told, under a root that tests replace by a folder of samples. */

export interface MemoryCgroups {
  version: 1 | 2
  /** Where groups are made: the root of the hierarchy. */
  root: string
}

export class KernelTree {
  readonly root: HostRoot

  constructor(root: HostRoot = HOST) {
    this.root = root
  }

  /** Text without white space around it; null where there is no such file, or it may not be read. */
  read(...path: string[]): string | null {
    try {
      return readFileSync(join(...path), 'utf8').trim()
    } catch {
      return null
    }
  }

  /** @throws Error the system's own, with `code` */
  write(value: string, ...path: string[]): void {
    // Write only, as some of them are; never created, so that a test's samples must be there too.
    const fd = openSync(join(...path), constants.O_WRONLY | constants.O_TRUNC)
    try {
      writeSync(fd, value)
    } finally {
      closeSync(fd)
    }
  }

  /** Why a file or directory that is there may not be written (EROFS, EACCES, EPERM); null where it may. */
  closed(path: string): string | null {
    try {
      accessSync(path, constants.W_OK)
      return null
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      return ['EROFS', 'EACCES', 'EPERM'].includes(code) ? code : null
    }
  }

  /** Active swap areas. @throws Error where the kernel does not say: unknown is not none */
  swaps(): SwapArea[] {
    readFileSync(join(this.root.proc, 'swaps'), 'utf8')
    return probeSwaps(this.root)
  }

  zswapFile(parameter: string): string {
    return join(this.root.sys, 'module/zswap/parameters', parameter)
  }

  zswap(parameter: string): string | null {
    return this.read(this.zswapFile(parameter))
  }

  get pageClusterFile(): string {
    return join(this.root.proc, 'sys/vm/page-cluster')
  }

  zramFile(device: string, name: string): string {
    return join(this.root.sys, 'block', device, name)
  }

  zramAlgorithms(device: string): { chosen: string; all: string[] } | null {
    const text = this.read(this.zramFile(device, 'comp_algorithm'))
    if (text === null) return null
    const all = text.split(/\s+/).map((word) => word.replace(/[[\]]/g, ''))
    return { chosen: /\[([^\]]+)\]/.exec(text)?.[1] ?? all[0], all }
  }

  /** The memory controller: version 1 where it is mounted so, else version 2 where its root hands it on; else null. */
  memoryCgroups(): MemoryCgroups | null {
    const v1 = join(this.root.sys, 'fs/cgroup/memory')
    if (this.read(v1, 'memory.limit_in_bytes') !== null) return { version: 1, root: v1 }
    const v2 = join(this.root.sys, 'fs/cgroup')
    if (/\bmemory\b/.test(this.read(v2, 'cgroup.subtree_control') ?? '')) return { version: 2, root: v2 }
    return null
  }

  /** KiB of a line of /proc/meminfo; null where there is none. */
  meminfo(name: string): number | null {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(this.read(this.root.proc, 'meminfo') ?? '')
    return match ? Number(match[1]) : null
  }

  /** Processes of a group that the kernel has ended because it could not free memory there in time. */
  oomKills(cgroup: string): number {
    const events = this.read(cgroup, 'memory.events') ?? this.read(cgroup, 'memory.oom_control') ?? ''
    return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0)
  }

  processesOf(cgroup: string): number[] {
    return (this.read(cgroup, 'cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number)
  }

  /** Names of the groups in a directory of them. */
  groups(root: string): string[] {
    return readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  }

  removeGroup(cgroup: string): void {
    rmdirSync(cgroup)
  }
}
