import type { Metric } from '../../contract/index.ts'

/** Unit of a counter, by the rules that its name follows, the kernel's or ours. */
export function counterUnit(name: string): Extract<Metric['unit'], 'bytes' | 'ns' | 'count'> {
  if (name.endsWith('_ns')) return 'ns'
  return /bytes(_max)?$|(data|total)_size$|^mem_(used|limit)|^zswap(ped)?$/.test(name) ? 'bytes' : 'count'
}
