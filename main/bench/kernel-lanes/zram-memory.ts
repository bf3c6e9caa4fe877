import type { KernelTree } from '../../kernel/index.ts'

/** Names of the columns of mm_stat (Documentation/admin-guide/blockdev/zram.rst); the first four are bytes, mem_used_max too. */
const COLUMNS = [
  'orig_data_size',
  'compr_data_size',
  'mem_used_total',
  'mem_limit',
  'mem_used_max',
  'same_pages',
  'pages_compacted',
  'huge_pages',
] as const

/** What /dev/zram0 holds, bytes; `levels` by the kernel's names. */
export function zramMemory(tree: KernelTree): {
  original: number
  compressed: number
  used: number
  levels: Record<string, number>
} {
  const values = (tree.read(tree.zramFile('zram0', 'mm_stat')) ?? '').split(/\s+/).map(Number)
  const [original = 0, compressed = 0, used = 0] = values
  const levels = Object.fromEntries(COLUMNS.map((name, column) => [name, values[column] ?? 0]))
  return { original, compressed, used, levels }
}
