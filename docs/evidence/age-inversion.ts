import type { NamedWorkload } from '../../main/contract/index.ts'
import { WORKLOADS } from '../../main/lab/specifications/workloads.ts'
import { askedFor, type Lanes, LanesInSituations } from './lanes-in-situations.ts'
import { geometricMean, summaryRows, table } from './tables.ts'
import type { SimulatedTrial } from './trials.ts'

/**
 * How often a younger page goes to disk because older ones fill the pool: zswap as it is today against the order of ages, over the
 * same pool. Prints the tables of age-inversion.md: `node docs/evidence/age-inversion.ts --seeds 11,12,13`. Simulated on the
 * reference device.
 */

/** What else is the same: codec, allocator, pages kept raw. */
const pool = { lane: 'zswap', inflight: 32, writeback: 'on' } as const
const LANES: Lanes = {
  'zswap today': { ...pool, policy: 'watermark' },
  'and its shrinker': { ...pool, policy: 'watermark', shrinker: 'on' },
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

const asked = askedFor({ seeds: '11,12,13', frames: 4096 })
const trials = await LanesInSituations.simulate(SITUATIONS, LANES, asked, asked)

/** Stores refused because the pool was full, or because the worker was draining a pool that had been full. */
const inversions = ({ counters }: SimulatedTrial) => counters.pool_limit_hit + counters.policy_rejects
const stores = ({ counters }: SimulatedTrial) => counters.frontswap_succ_stores + counters.frontswap_failed_stores
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`)

const against = (situation: NamedWorkload, name: string) =>
  trials.multiples(situation, name, BASE, ({ faultNs }) => Math.max(1, faultNs))
const rows = (cell: (situation: NamedWorkload, name: string) => string) =>
  SITUATIONS.map((situation) => [situation.name, ...LANE_NAMES.map((name) => cell(situation, name))])
const head = ['workload', ...LANE_NAMES]

let text = `Seeds ${asked.seeds.join(', ')}; ${asked.frames} frames.\n\nAge inversions: stores refused while older pages stayed in the pool, as a share of all stores:\n\n`
text += table(
  head,
  rows((situation, name) =>
    percent(trials.average(situation, name, inversions), trials.average(situation, name, stores)),
  ),
)
text += '\nFaults read from disk, thousands:\n\n'
text += table(
  head,
  rows((situation, name) => (trials.average(situation, name, ({ counters }) => counters.faults_disk) / 1e3).toFixed(1)),
)
text += `\nTotal fault time, as a multiple of "${BASE}":\n\n`
text += table(head, [
  ...rows((situation, name) => geometricMean(against(situation, name)).toFixed(2)),
  ...summaryRows(LANE_NAMES, (name) => SITUATIONS.map((situation) => against(situation, name))),
])
text += '\nMiB written to the swap file:\n\n'
text += table(
  head,
  rows((situation, name) =>
    (trials.average(situation, name, ({ metrics }) => metrics['disk.bytes_written']) / 2 ** 20).toFixed(1),
  ),
)
process.stdout.write(text)
