import { type KernelLane, PAGE_SIZE } from '../../contract/index.ts'
import type { KernelTree } from '../../kernel/index.ts'

/** What a kernel lane holds compressed. Ours alone: no other swap is active. */
export interface KernelPool {
  /** Pages of RAM it takes, rounded up. */
  frames: number
  /** Pages it holds / frames; null while it holds none. */
  ratio: number | null
  /** Pages it holds / compressed bytes; null where the kernel does not say. */
  trueRatio: number | null
  /** By the kernel's names; they go among the counters. */
  levels: Record<string, number>
}

/** As it stands: Zswap and Zswapped of /proc/meminfo, or mm_stat of /dev/zram0. */
export function poolOf(lane: KernelLane, tree: KernelTree): KernelPool {
  switch (lane.lane) {
    case 'kernel-swap':
      return { frames: 0, ratio: null, trueRatio: null, levels: {} }
    case 'kernel-zswap': {
      const pool = (tree.meminfo('Zswap') ?? 0) * 1024
      const stored = (tree.meminfo('Zswapped') ?? 0) * 1024
      return {
        frames: Math.ceil(pool / PAGE_SIZE),
        ratio: pool > 0 ? stored / pool : null,
        trueRatio: null,
        levels: { pool_total_size: pool, stored_pages: stored / PAGE_SIZE },
      }
    }
    case 'kernel-zram':
      return zram(tree)
  }
}

/** Columns of mm_stat (Documentation/admin-guide/blockdev/zram.rst); the first four are bytes, mem_used_max too. */
const MM_STAT = [
  'orig_data_size',
  'compr_data_size',
  'mem_used_total',
  'mem_limit',
  'mem_used_max',
  'same_pages',
  'pages_compacted',
  'huge_pages',
] as const

function zram(tree: KernelTree): KernelPool {
  const values = (tree.read(tree.zramFile('zram0', 'mm_stat')) ?? '').split(/\s+/).map(Number)
  const [original = 0, compressed = 0, used = 0] = values
  return {
    frames: Math.ceil(used / PAGE_SIZE),
    ratio: used > 0 ? original / used : null,
    trueRatio: compressed > 0 ? original / compressed : null,
    levels: Object.fromEntries(MM_STAT.map((name, column) => [name, values[column] ?? 0])),
  }
}
