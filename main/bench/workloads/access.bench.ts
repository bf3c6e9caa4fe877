import type { AccessSpec } from '../../contract/index.ts'
import { createAccess } from './access.ts'

/** Accesses per second of each pattern's generator, on this machine: `node main/bench/workloads/access.bench.ts`. */

const SPECS = [
  { pattern: 'sequential', writes: 0.3 },
  { pattern: 'uniform', writes: 0.3 },
  { pattern: 'zipf', theta: 0.9, writes: 0.3 },
  { pattern: 'phases', phases: 4, hot: 0.25, writes: 0.3 },
  { pattern: 'scan+hot', hot: 0.1, scan: 0.3, writes: 0.3 },
  { pattern: 'burst', size: 0.1, writes: 0.3 },
] as const satisfies AccessSpec[]
const OPERATIONS = 20_000_000

for (const spec of SPECS) {
  const stream = createAccess<AccessSpec['pattern']>(spec, { pages: 65_536, operations: OPERATIONS, seed: 42 })
  for (let i = 0; i < 1_000_000; i++) stream.next()
  let sum = 0
  const start = process.hrtime.bigint()
  for (let i = 0; i < OPERATIONS; i++) {
    stream.next()
    sum += stream.vpn
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  process.stdout.write(
    `${spec.pattern.padEnd(12)} ${(OPERATIONS / seconds / 1e6).toFixed(1)} M/s  (mean vpn ${Math.round(sum / OPERATIONS)})\n`,
  )
}
