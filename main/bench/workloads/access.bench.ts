import { execFileSync } from 'node:child_process'
import { createAccess, type MadeAccess } from './access.ts'

/** Accesses per CPU second of each pattern's generator, on this machine: `node main/bench/workloads/access.bench.ts`. */

const SPECS = [
  { pattern: 'sequential', writes: 0.3 },
  { pattern: 'uniform', writes: 0.3 },
  { pattern: 'zipf', theta: 0.9, writes: 0.3 },
  { pattern: 'phases', phases: 4, hot: 0.25, writes: 0.3 },
  { pattern: 'scan+hot', hot: 0.1, scan: 0.3, writes: 0.3 },
  { pattern: 'burst', size: 0.1, writes: 0.3 },
  { pattern: 'gc', hot: 0.2, theta: 0.9, sweeps: 0.3, writes: 0.3 },
  { pattern: 'tabs', tabs: 24, recency: 1, close: 0.1, writes: 0.3 },
  { pattern: 'build', jobs: 8, shared: 0.2, sharing: 0.5, writes: 0.3 },
  { pattern: 'inversion', hot: 0.4, theta: 0.6, writes: 0.3 },
] as const satisfies MadeAccess[]
const OPERATIONS = 20_000_000

function measure(spec: MadeAccess): void {
  const stream = createAccess<MadeAccess['pattern']>(spec, { pages: 65_536, operations: OPERATIONS, seed: 42 })
  for (let i = 0; i < 1_000_000; i++) stream.next()
  let sum = 0
  const start = process.cpuUsage()
  for (let i = 0; i < OPERATIONS; i++) {
    stream.next()
    sum += stream.vpn
  }
  const used = process.cpuUsage(start)
  const seconds = (used.user + used.system) / 1e6
  process.stdout.write(
    `${spec.pattern.padEnd(12)} ${(OPERATIONS / seconds / 1e6).toFixed(1)} M/s  (mean vpn ${Math.round(sum / OPERATIONS)})\n`,
  )
}

// A process for each: code compiled for one pattern is another's burden.
const [, self, only] = process.argv
for (const spec of SPECS) {
  if (only === undefined) execFileSync(process.execPath, [self, spec.pattern], { stdio: 'inherit' })
  else if (only === spec.pattern) measure(spec)
}
