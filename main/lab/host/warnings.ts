import type { HostCheck } from '../../contract/index.ts'

/** What a run keeps of a check before it: whoever starts it all the same has that written into it. */
export function warningsOfCheck({ rows }: HostCheck): string[] {
  const red = rows.filter((row) => row.level === 'red').map((row) => row.name)
  return [
    ...(red.length > 0 ? [`Check of the host: the run was started although it was red (${red.join(', ')})`] : []),
    ...rows.filter((row) => row.level !== 'green').map((row) => `${row.name}: ${row.reason} (${row.evidence})`),
  ]
}

/** The sentence of a row, and what it rests on. */
const OF_CHECK = /^([^:()]+: [^()]+) \((.*)\)$/

/** Each warning once, where more was collected after further checks (`firstBlock` 0-based): "Load: … (load 2.10; from block 7 on: load 1.80)". */
export function saidOnce(checks: readonly { firstBlock: number; warnings: readonly string[] }[]): string[] {
  const evidence = new Map<string, Map<string, string>>()
  for (const { firstBlock, warnings } of checks)
    for (const warning of warnings) {
      const [, sentence, reading] = OF_CHECK.exec(warning) ?? [null, warning, null]
      const readings = evidence.get(sentence) ?? new Map<string, string>()
      evidence.set(sentence, readings)
      if (reading !== null && !readings.has(reading))
        readings.set(reading, firstBlock === 0 ? reading : `from block ${firstBlock + 1} on: ${reading}`)
    }
  return [...evidence].map(([sentence, readings]) =>
    readings.size === 0 ? sentence : `${sentence} (${[...readings.values()].join('; ')})`,
  )
}
