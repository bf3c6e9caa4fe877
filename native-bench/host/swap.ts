import type { HostReport } from '../../main/contract/index.ts'
import { decodeOctal } from './octal.ts'
import { HOST, type HostRoot, readInteger, readNames, readText } from './reading.ts'

/** zswap's parameters by name; null where the kernel has no zswap. */
export function probeZswap(root: HostRoot = HOST): Record<string, string> | null {
  const folder = `${root.sys}/module/zswap/parameters`
  const entries = readNames(folder)
    .map((name) => [name, readText(folder, name)] as const)
    .filter((entry): entry is readonly [string, string] => entry[1] !== null)
  return entries.length > 0 ? Object.fromEntries(entries) : null
}

/** The chosen word of zram's comp_algorithm: 'lzo-rle' of 'lzo [lzo-rle] lz4'. */
export function parseAlgorithm(text: string): string {
  return /\[([^\]]+)\]/.exec(text)?.[1] ?? text
}

/** Every zram device, also those not set up. */
export function probeZram(root: HostRoot = HOST): HostReport['zram'] {
  return readNames(root.sys, 'block')
    .filter((name) => /^zram\d+$/.test(name))
    .map((name) => ({
      name,
      initialised: readInteger(root.sys, 'block', name, 'initstate') === 1,
      algorithm: parseAlgorithm(readText(root.sys, 'block', name, 'comp_algorithm') ?? 'unknown'),
    }))
}

export interface SwapArea {
  path: string
  /** 'partition' or 'file' */
  type: string
  bytes: number
  usedBytes: number
  priority: number
}

/** Lines of /proc/swaps; sizes there are in KiB, and white space in names is octal. */
export function parseSwaps(text: string): SwapArea[] {
  return [...text.matchAll(/^(\S+)\s+(partition|file)\s+(\d+)\s+(\d+)\s+(-?\d+)$/gm)].map(
    ([, path = '', type = '', size = '', used = '', priority = '']) => ({
      path: decodeOctal(path),
      type,
      bytes: Number(size) * 1024,
      usedBytes: Number(used) * 1024,
      priority: Number(priority),
    }),
  )
}

/** Active swap areas of /proc/swaps; none where it cannot be read. */
export function probeSwaps(root: HostRoot = HOST): SwapArea[] {
  return parseSwaps(readText(root.proc, 'swaps') ?? '')
}
