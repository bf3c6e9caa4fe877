import { execFileSync } from 'node:child_process'
import { createAccess } from './access.ts'
import type { MadeAccess } from './access-pattern.ts'
import { PATTERNS } from './fixture-patterns.ts'

/** Accesses per CPU second of each pattern's generator, on this machine: `node main/bench/workloads/access.bench.ts`. */

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
for (const spec of Object.values(PATTERNS)) {
  if (only === undefined) execFileSync(process.execPath, [self, spec.pattern], { stdio: 'inherit' })
  else if (only === spec.pattern) measure(spec)
}
