import { parseArgs } from 'node:util'
import {
  type ExperimentInput,
  type ExperimentSpec,
  type NamedWorkload,
  parseSpec,
  workloadOf,
} from '../../main/contract/index.ts'
import { WORKLOADS } from '../../main/lab/specifications/workloads.ts'
import { geometricMean, mean, table } from './tables.ts'
import { type SimulatedTrial, simulateAll } from './trials.ts'

/**
 * How often a younger page goes to disk because older ones fill the pool: zswap as it is today against the order of ages, over the
 * same pool. Prints the tables of age-inversion.md: `node docs/evidence/age-inversion.ts --seeds 11,12,13`. Simulated on the
 * reference device.
 */

const FRAMES = 4096
/** As the presets have it. */
const POOL = (FRAMES * 7) / 16

type Lane = NonNullable<ExperimentInput['lanes']>[number]
/** What else is the same: codec, allocator, pages kept raw. */
const pool = { lane: 'zswap', inflight: 32, writeback: 'on' } as const
const LANES: Readonly<Record<string, Lane>> = {
  'zswap today': { ...pool, policy: 'watermark' },
  'no writeback': { ...pool, policy: 'reject' },
  LRU: { ...pool, policy: 'lru-zpage' },
  'LRU, stores wait': { ...pool, policy: 'lru-zpage', full: 'wait' },
  'second chance': { ...pool, policy: 'second-chance' },
}
const LANE_NAMES = Object.keys(LANES)
const BASE = 'LRU, stores wait'

const SITUATIONS = WORKLOADS.filter(({ name }) =>
  [
    'slightly-over',
    'full-pool',
    'cold-bulk',
    'scan-over-hot',
    'phases',
    'kernel-build',
    'browser-tabs',
    'key-value',
  ].includes(name),
)

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    workers: { type: 'string', default: '2' },
  },
})
const seeds = values.seeds.split(',').map(Number)

function specOf(situation: NamedWorkload, lane: Lane, seed: number): ExperimentSpec {
  const spec = parseSpec({
    name: situation.name,
    seed,
    mode: 'simulate',
    memory: { frames: FRAMES, pool: POOL },
    workload: { content: { source: 'synthetic', pages: 2048 }, operations: 100_000 },
    lanes: [lane],
    trials: 1,
  })
  return { ...spec, workload: workloadOf(situation, spec) }
}

const cells = SITUATIONS.flatMap((situation) =>
  LANE_NAMES.flatMap((name) => seeds.map((seed) => ({ situation, name, seed }))),
)
const trials = await simulateAll(
  cells.map(({ situation, name, seed }) => specOf(situation, LANES[name], seed)),
  Number(values.workers),
)
const trialsOf = (situation: NamedWorkload, name: string) =>
  trials.filter((_, index) => cells[index].situation === situation && cells[index].name === name)
const average = (situation: NamedWorkload, name: string, of: (trial: SimulatedTrial) => number) =>
  mean(trialsOf(situation, name).map(of))

/** Stores refused because the pool was full, or because the worker was draining a pool that had been full. */
const inversions = ({ counters }: SimulatedTrial) => counters.pool_limit_hit + counters.policy_rejects
const stores = ({ counters }: SimulatedTrial) => counters.frontswap_succ_stores + counters.frontswap_failed_stores
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`)

const against = (situation: NamedWorkload, name: string) => {
  const base = trialsOf(situation, BASE)
  return geometricMean(
    trialsOf(situation, name).map(({ faultNs }, index) => Math.max(1, faultNs) / Math.max(1, base[index].faultNs)),
  )
}
const rows = (cell: (situation: NamedWorkload, name: string) => string) =>
  SITUATIONS.map((situation) => [situation.name, ...LANE_NAMES.map((name) => cell(situation, name))])
const head = ['workload', ...LANE_NAMES]

let text = `Seeds ${seeds.join(', ')}. Age inversions: stores refused while older pages stayed in the pool, as a share of all stores:\n\n`
text += table(
  head,
  rows((situation, name) => percent(average(situation, name, inversions), average(situation, name, stores))),
)
text += '\nFaults read from disk, thousands:\n\n'
text += table(
  head,
  rows((situation, name) => (average(situation, name, ({ counters }) => counters.faults_disk) / 1e3).toFixed(1)),
)
text += `\nTotal fault time, as a multiple of "${BASE}":\n\n`
text += table(head, [
  ...rows((situation, name) => against(situation, name).toFixed(2)),
  [
    'geometric mean',
    ...LANE_NAMES.map(
      (name) => `**${geometricMean(SITUATIONS.map((situation) => against(situation, name))).toFixed(3)}**`,
    ),
  ],
])
text += '\nMiB written to the swap file:\n\n'
text += table(
  head,
  rows((situation, name) =>
    (average(situation, name, ({ metrics }) => metrics['disk.bytes_written']) / 2 ** 20).toFixed(1),
  ),
)
process.stdout.write(text)
