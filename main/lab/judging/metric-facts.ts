import type { Metric } from '../../contract/index.ts'

export type MetricFacts = Pick<Metric, 'unit' | 'better'>

/** Unit of a counter, by the rules that its name follows, the kernel's or ours. */
export function counterUnit(name: string): Extract<Metric['unit'], 'bytes' | 'ns' | 'count'> {
  if (name.endsWith('_ns')) return 'ns'
  return /bytes(_max)?$|(data|total)_size$|^mem_(used|limit)|^zswap(ped)?$/.test(name) ? 'bytes' : 'count'
}

/** Unit and better direction of a metric, by the rules its name follows (docs: names of metrics). */
export function metricFacts(name: string): MetricFacts {
  // The older what goes to disk, and the longer it is not wanted there, the better was the choice.
  if (name.startsWith('refault.') || name.startsWith('writeback.age.'))
    return { unit: /\.ns(\.|$)/.test(name) ? 'ns' : 'count', better: 'higher' }
  if (/\.ns(\.|$)/.test(name)) return { unit: 'ns', better: 'lower' }
  if (name.endsWith('per_s')) return { unit: 'per_s', better: 'higher' }
  if (name === 'log.write_amplification') return { unit: 'ratio', better: 'lower' }
  if (name === 'writeback.frames_per_page') return { unit: 'ratio', better: 'higher' }
  if (name.includes('.ratio')) return { unit: 'ratio', better: 'higher' }
  if (name.endsWith('.share') || name === 'pool.fragmentation') return { unit: 'share', better: 'lower' }
  if (name.includes('bytes')) return { unit: 'bytes', better: 'lower' }
  if (/^(cpu|codec)\./.test(name)) return { unit: 's', better: 'lower' }
  if (name.includes('.frames') || name.includes('.pages')) return { unit: 'pages', better: 'lower' }
  return { unit: 'count', better: 'lower' }
}
