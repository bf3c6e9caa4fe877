import { parseArgs } from 'node:util'
import { sweep } from '../../main/bench/simulate/index.ts'
import { type ExperimentSpec, type NamedWorkload, parseSpec, workloadOf } from '../../main/contract/index.ts'
import { WORKLOADS } from '../../main/lab/workloads.ts'
import { POLICIES } from '../../main/zcache/index.ts'

/**
 * All policies on all workloads, simulated on the reference device: total fault time as a multiple of lru-frame's, and MiB written.
 * Prints the tables of policies.md: `node docs/evidence/policies.ts --seeds 11,12,13`. Default parameters but for HURRIED.
 */

const FRAMES = 2048
/** As the presets have it. */
const POOL = (FRAMES * 7) / 16
const BASE = 'lru-frame'
/** What waits for minutes, made to act in a trial of seconds. */
const HURRIED: Record<string, Record<string, number>> = {
  'idle-drip': { quiet: 0.05, interval: 0.01 },
  'idle-age': { age: 0.5 },
  'cold-age': { interval: 0.1, youngest: 0.05, target: 2 },
  senpai: { tick: 0.05, target: 100 },
  'frontswap-shrink': { interval: 0.1, window: 0.5 },
}

function specOf(workload: NamedWorkload, policy: string, seed: number): ExperimentSpec {
  const spec = parseSpec({
    seed,
    mode: 'simulate',
    memory: { frames: FRAMES, pool: POOL },
    workload: { content: { source: 'synthetic', pages: 2048 }, operations: 60_000 },
    lanes: [{ lane: 'zcache', writeback: 'on', policy, inflight: 32, parameters: HURRIED[policy] ?? {} }],
    trials: 1,
  })
  return { ...spec, workload: workloadOf(workload, spec) }
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    policies: { type: 'string', default: Object.keys(POLICIES).join(',') },
    workers: { type: 'string', default: '2' },
  },
})
const seeds = values.seeds.split(',').map(Number)
const policies = [...new Set([BASE, ...values.policies.split(',')])]
const cells = policies.flatMap((policy) =>
  WORKLOADS.flatMap((workload) => seeds.map((seed) => ({ policy, workload, seed }))),
)
const outcomes = await sweep(
  cells.map(({ policy, workload, seed }) => specOf(workload, policy, seed)),
  { workers: Number(values.workers) },
)

interface Cell {
  /** Geometric mean over the seeds. */
  faultNs: number
  /** Mean over the seeds. */
  writtenMib: number
}
const results = new Map<string, Cell>()
for (const policy of policies)
  for (const workload of WORKLOADS) {
    let logs = 0
    let bytes = 0
    for (const [index, cell] of cells.entries()) {
      if (cell.policy !== policy || cell.workload !== workload) continue
      const outcome = outcomes[index]
      if ('fault' in outcome) throw new Error(`${policy}, ${workload.name}: ${outcome.fault.message}`)
      const [trial] = outcome.result.trials
      // Where nothing faults all policies are the same.
      logs += Math.log(Math.max(1, trial.histograms['fault.ns']?.sum ?? 1))
      bytes += trial.metrics['disk.bytes_written']
    }
    results.set(`${policy} ${workload.name}`, {
      faultNs: Math.exp(logs / seeds.length),
      writtenMib: bytes / seeds.length / 2 ** 20,
    })
  }

function cellOf(policy: string, workload: NamedWorkload): Cell {
  const cell = results.get(`${policy} ${workload.name}`)
  if (!cell) throw new Error(`no result for ${policy} on ${workload.name}`)
  return cell
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
const rule = (columns: number) => row(Array.from({ length: columns }, (_, i) => (i === 0 ? '---' : '---:')))
const names = WORKLOADS.map(({ name }) => name)
const timeOf = (policy: string) =>
  WORKLOADS.map((workload) => cellOf(policy, workload).faultNs / cellOf(BASE, workload).faultNs)
const geomean = (values: readonly number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
const writtenOf = (policy: string) => WORKLOADS.map((workload) => cellOf(policy, workload).writtenMib)
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const sorted = policies.toSorted((a, b) => geomean(timeOf(a)) - geomean(timeOf(b)))

let text = `Seeds ${seeds.join(', ')}. Total fault time, as a multiple of ${BASE}'s:\n\n`
text += row(['policy', ...names, 'geometric mean']) + rule(names.length + 2)
for (const policy of sorted)
  text += row([policy, ...timeOf(policy).map((value) => value.toFixed(2)), `**${geomean(timeOf(policy)).toFixed(3)}**`])
text += '\nMiB written:\n\n'
text += row(['policy', ...names, `sum ÷ ${BASE}`]) + rule(names.length + 2)
for (const policy of sorted)
  text += row([
    policy,
    ...writtenOf(policy).map((value) => value.toFixed(1)),
    `**${(sum(writtenOf(policy)) / sum(writtenOf(BASE))).toFixed(3)}**`,
  ])
process.stdout.write(text)
