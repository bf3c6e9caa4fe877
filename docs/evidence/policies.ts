import { parseArgs } from 'node:util'
import { sweep } from '../../main/bench/simulate/index.ts'
import {
  type AllocatorName,
  type ExperimentSpec,
  type NamedWorkload,
  parseSpec,
  workloadOf,
} from '../../main/contract/index.ts'
import { WORKLOADS } from '../../main/lab/specifications/workloads.ts'
import { POLICIES } from '../../main/zcache/index.ts'

/**
 * All policies on all workloads, simulated on the reference device: total fault time as a multiple of lru-frame's, MiB written, MiB read and the least that any
 * could read; then a few policies with other RAM, another allocator, longer runs and no warm-up, and the published ones with other parameters. Prints the tables
 * of policies.md: `node docs/evidence/policies.ts`. Default parameters but for HURRIED and OTHER_PARAMETERS.
 */

const BASE = 'lru-frame'
const BOUND = 'optimal'
/** What waits for minutes, made to act in a trial of seconds. */
const HURRIED: Record<string, Record<string, number>> = {
  'idle-drip': { quiet: 0.05, interval: 0.01 },
  'idle-age': { age: 0.5 },
  'cold-age': { interval: 0.1, youngest: 0.05, target: 2 },
  senpai: { tick: 0.05, target: 100 },
  'frontswap-shrink': { interval: 0.1, window: 0.5 },
}

/** What else the published policies may be set to: whether one of them would have done better than as it is in the main table. */
const OTHER_PARAMETERS: readonly (readonly [policy: string, parameters: Record<string, number>])[] = [
  ['lru-frame', { headroom: 0 }],
  ['lru-frame', { headroom: 0.0625 }],
  ['lru-frame', { headroom: 0.125 }],
  ['lru-frame', { headroom: 0.25 }],
  ['lru-zpage', { headroom: 0 }],
  ['lru-zpage', { headroom: 0.125 }],
  ['second-chance', { headroom: 0 }],
  ['second-chance', { headroom: 0.125 }],
  ['second-chance', { scan: 256 }],
  ['batch-at-limit', { batch: 1 }],
  ['batch-at-limit', { batch: 64 }],
  ['cost-benefit', { density: 0 }],
  ['cost-benefit', { scan: 16 }],
  ['incompressible-first', { scan: 16 }],
  ['incompressible-first', { scan: 256 }],
  ['protected-feedback', { protect: 0.5 }],
  ['cold-age', { interval: 0.1, youngest: 0.05, target: 20 }],
  ['cold-age', { interval: 0.1, youngest: 0.2, target: 2 }],
  ['senpai', { tick: 0.05, target: 300 }],
  ['senpai', { tick: 0.05, target: 1000 }],
  ['idle-age', { age: 0.2 }],
  ['idle-age', { age: 1 }],
  ['watermark', { accept: 0.97 }],
  ['watermark', { accept: 1 }],
  ['lru-balance', { ratio: 0.7 }],
  ['lru-balance', { ratio: 0.5 }],
]
const labelOf = (policy: string, parameters: Record<string, number>) =>
  [policy, ...Object.entries(parameters).map(([name, value]) => `${name} ${value}`)].join(' ')
const CHOICES = new Map(OTHER_PARAMETERS.map((choice) => [labelOf(...choice), choice]))

/** What a table varies. */
interface Setting {
  frames: number
  allocator: AllocatorName
  /** Accesses, as a multiple of what each workload has. */
  times: number
  warmup: number
}
const USUAL: Setting = { frames: 2048, allocator: 'zbud', times: 1, warmup: 0.2 }
const OTHERS: readonly (readonly [title: string, setting: Setting])[] = [
  ['half the RAM', { ...USUAL, frames: 1024 }],
  ['twice the RAM', { ...USUAL, frames: 4096 }],
  ['z3fold', { ...USUAL, allocator: 'z3fold' }],
  ['four times as long', { ...USUAL, times: 4 }],
  ['ten times as long', { ...USUAL, times: 10 }],
  ['no warm-up', { ...USUAL, warmup: 0 }],
]

const listed = (text: string) => text.split(',').filter((part) => part !== '')
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13,14,15,16' },
    policies: { type: 'string', default: Object.keys(POLICIES).join(',') },
    'other-seeds': { type: 'string', default: '11,12' },
    'other-policies': {
      type: 'string',
      default:
        'optimal,keep-clean,lru-zpage,lru-zpage headroom 0,incompressible-first,second-chance,batch-at-limit,cold-age',
    },
    'parameters-seeds': { type: 'string', default: '11,12' },
    workers: { type: 'string', default: '2' },
  },
})

/** @param choice a policy, or a label of CHOICES */
function specOf(workload: NamedWorkload, choice: string, seed: number, setting: Setting): ExperimentSpec {
  const { frames, allocator, times, warmup } = setting
  const [policy, parameters] = CHOICES.get(choice) ?? [choice, HURRIED[choice] ?? {}]
  const spec = parseSpec({
    seed,
    mode: 'simulate',
    // The pool as the presets have it.
    memory: { frames, pool: (frames * 7) / 16 },
    workload: { content: { source: 'synthetic', pages: 2048 }, operations: 60_000 },
    lanes: [{ lane: 'zcache', allocator, writeback: 'on', policy, inflight: 32, parameters }],
    trials: 1,
    warmup,
  })
  const sized = workloadOf(workload, spec)
  return { ...spec, workload: { ...sized, operations: sized.operations * times } }
}

/** Of one policy on one workload. */
interface Cell {
  /** Geometric mean over the seeds. */
  faultNs: number
  /** Means over the seeds. */
  writtenMib: number
  readMib: number
  /** NaN but with the bound's policy. */
  leastMib: number
  /** By seed. */
  reads: number[]
}

class Results {
  readonly policies: readonly string[]
  private readonly cells = new Map<string, Cell>()

  private constructor(policies: readonly string[]) {
    this.policies = policies
  }

  static async of(asked: readonly string[], seeds: readonly number[], setting: Setting): Promise<Results> {
    const results = new Results([...new Set([BASE, ...asked])])
    const keys = results.policies.flatMap((policy) =>
      WORKLOADS.flatMap((workload) => seeds.map((seed) => ({ policy, workload, seed }))),
    )
    const outcomes = await sweep(
      keys.map(({ policy, workload, seed }) => specOf(workload, policy, seed, setting)),
      { workers: Number(values.workers) },
    )
    const mean = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length / 2 ** 20
    for (const policy of results.policies)
      for (const workload of WORKLOADS) {
        const trials = outcomes.flatMap((outcome, index) => {
          if (keys[index].policy !== policy || keys[index].workload !== workload) return []
          if ('fault' in outcome) throw new Error(`${policy}, ${workload.name}: ${outcome.fault.message}`)
          return outcome.result.trials
        })
        const metric = (name: string) => trials.map(({ metrics }) => metrics[name] ?? Number.NaN)
        results.cells.set(`${policy} ${workload.name}`, {
          // Where nothing faults all policies are the same.
          faultNs: geomean(trials.map(({ histograms }) => Math.max(1, histograms['fault.ns']?.sum ?? 1))),
          writtenMib: mean(metric('disk.bytes_written')),
          readMib: mean(metric('disk.bytes_read')),
          leastMib: mean(metric('disk.bytes_read.least')),
          reads: metric('disk.bytes_read'),
        })
      }
    return results
  }

  cell(policy: string, workload: NamedWorkload): Cell {
    const cell = this.cells.get(`${policy} ${workload.name}`)
    if (!cell) throw new Error(`no result for ${policy} on ${workload.name}`)
    return cell
  }

  times(policy: string): number[] {
    return WORKLOADS.map((workload) => this.cell(policy, workload).faultNs / this.cell(BASE, workload).faultNs)
  }

  column(policy: string, of: 'writtenMib' | 'readMib' | 'leastMib'): number[] {
    return WORKLOADS.map((workload) => this.cell(policy, workload)[of])
  }

  /** Sum over the workloads, as a multiple of the base's. */
  total(policy: string, of: 'writtenMib' | 'readMib'): number {
    return sum(this.column(policy, of)) / sum(this.column(BASE, of))
  }

  /** Geometric mean over the workloads on which the base writes. */
  evenly(policy: string): number {
    const base = this.column(BASE, 'writtenMib')
    return geomean(this.column(policy, 'writtenMib').flatMap((mib, i) => (base[i] > 0 ? [mib / base[i]] : [])))
  }

  /** The bounds first, then by fault time. */
  sorted(): string[] {
    return this.policies.toSorted(
      (a, b) => Number(b === BOUND) - Number(a === BOUND) || geomean(this.times(a)) - geomean(this.times(b)),
    )
  }

  /** Where a policy read less than the one that knows the future, in one trial. */
  beaten(): string[] {
    if (!this.policies.includes(BOUND)) return []
    return this.policies.flatMap((policy) =>
      WORKLOADS.flatMap((workload) => {
        const bound = this.cell(BOUND, workload).reads
        return this.cell(policy, workload).reads.some((bytes, i) => bytes < bound[i])
          ? [`${policy} on ${workload.name}`]
          : []
      }),
    )
  }
}

function sum(all: readonly number[]): number {
  return all.reduce((a, b) => a + b, 0)
}

function geomean(all: readonly number[]): number {
  return Math.exp(sum(all.map(Math.log)) / all.length)
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
const rule = (columns: number) => row(Array.from({ length: columns }, (_, i) => (i === 0 ? '---' : '---:')))
const names = WORKLOADS.map(({ name }) => name)
const bold = (value: number) => `**${value.toFixed(3)}**`

function tables(results: Results): string {
  const sorted = results.sorted()
  let text = `Total fault time, as a multiple of ${BASE}'s:\n\n`
  text += row(['policy', ...names, 'geometric mean']) + rule(names.length + 2)
  for (const policy of sorted)
    text += row([policy, ...results.times(policy).map((x) => x.toFixed(2)), bold(geomean(results.times(policy)))])
  text += '\nMiB written:\n\n'
  text += row(['policy', ...names, `sum ÷ ${BASE}`, 'geometric mean']) + rule(names.length + 3)
  for (const policy of sorted)
    text += row([
      policy,
      ...results.column(policy, 'writtenMib').map((x) => x.toFixed(1)),
      bold(results.total(policy, 'writtenMib')),
      results.evenly(policy).toFixed(3),
    ])
  text += '\nMiB read; *least*: what no policy can go below:\n\n'
  text += row(['policy', ...names, `sum ÷ ${BASE}`]) + rule(names.length + 2)
  if (sorted.includes(BOUND)) {
    const least = results.column(BOUND, 'leastMib')
    const share = sum(least) / sum(results.column(BASE, 'readMib'))
    text += row(['*least*', ...least.map((x) => x.toFixed(1)), bold(share)])
  }
  for (const policy of sorted)
    text += row([
      policy,
      ...results.column(policy, 'readMib').map((x) => x.toFixed(1)),
      bold(results.total(policy, 'readMib')),
    ])
  return `${text}\n${beatenSentence(results)}\n`
}

function beatenSentence(results: Results): string {
  const beaten = results.beaten()
  return beaten.length === 0
    ? `No policy read less than ${BOUND} in any trial.`
    : `Read less than ${BOUND} in a trial: ${beaten.join(', ')}.`
}

const seeds = listed(values.seeds).map(Number)
process.stdout.write(`Seeds ${seeds.join(', ')}.\n\n`)
process.stdout.write(tables(await Results.of(listed(values.policies), seeds, USUAL)))

const otherSeeds = listed(values['other-seeds']).map(Number)
if (otherSeeds.length > 0) {
  const others = listed(values['other-policies'])
  process.stdout.write(
    `\nOther settings, seeds ${otherSeeds.join(', ')}, as multiples of ${BASE}'s: fault time (geometric mean), bytes written (sum):\n\n`,
  )
  process.stdout.write(row(['setting', ...others]) + rule(others.length + 1))
  const sentences: string[] = []
  for (const [title, setting] of OTHERS) {
    const results = await Results.of(others, otherSeeds, setting)
    const cells = others.map(
      (policy) => `${geomean(results.times(policy)).toFixed(3)}, ${results.total(policy, 'writtenMib').toFixed(3)}`,
    )
    process.stdout.write(row([title, ...cells]))
    sentences.push(`${title}: ${beatenSentence(results)}`)
  }
  process.stdout.write(`\n${sentences.join(' ')}\n`)
}

const parametersSeeds = listed(values['parameters-seeds']).map(Number)
if (parametersSeeds.length > 0) {
  const asked = ['keep-clean', ...CHOICES.keys()]
  const results = await Results.of(asked, parametersSeeds, USUAL)
  process.stdout.write(`\nOther parameters, seeds ${parametersSeeds.join(', ')}, as multiples of ${BASE}'s:\n\n`)
  process.stdout.write(row(['policy, parameters', 'fault time', 'bytes written']) + rule(3))
  for (const choice of results.sorted())
    process.stdout.write(
      row([choice, geomean(results.times(choice)).toFixed(3), results.total(choice, 'writtenMib').toFixed(3)]),
    )
}
