import { AccessSpec, type NamedWorkload } from '../../main/contract/index.ts'
import { WORKLOADS } from '../../main/lab/specifications/workloads.ts'
import { askedFor, type Lane, type Lanes, LanesInSituations } from './lanes-in-situations.ts'
import { geometricMean, summaryRows, table } from './tables.ts'

/**
 * Should the backend push old pages on to the disk, or the frontend pull them back into memory? The same pool with neither, with
 * writeback, and with frontswap_shrink in both orders. Prints the tables of pull-or-push.md:
 * `node docs/evidence/pull-or-push.ts --seeds 11,12,13,14,15`. Simulated on the reference device.
 */

/** What was pulled back and what became of it must be of the same part. */
const NO_WARMUP = 0
/** Xen and RAMster look every 5 s on machines that run for hours; a trial lasts about a second, so a thousandth of it. */
const SHRINK = { interval: 0.005, inertia: 3, share: 1 / 20 }
/** Within which a store means ping-pong, s: one interval, ten, and ever. It changes what is counted, nothing else. */
const WINDOWS = [0.005, 0.05, 3600] as const

const pool = { lane: 'zcache', inflight: 32, writeback: 'on' } as const
const pull = (byAge: 0 | 1, window: number): Lane => ({
  ...pool,
  policy: 'frontswap-shrink',
  parameters: { ...SHRINK, byAge, window },
})
const LANES: Lanes = {
  neither: { ...pool, policy: 'none' },
  push: { ...pool, policy: 'lru-frame' },
  'pull, slot order': pull(0, WINDOWS[0]),
  'pull, oldest first': pull(1, WINDOWS[0]),
}
const LANE_NAMES = Object.keys(LANES)
/** Only for what became of the pages. */
const PULLS: Lanes = Object.fromEntries(
  WINDOWS.flatMap((window) => [
    [`slot order ${window}`, pull(0, window)],
    [`oldest first ${window}`, pull(1, window)],
  ]),
)

/** A service whose buffer comes and goes: what frontswap_shrink was made for, memory that is free again. */
function buffer(name: string, size: number, pagesPerFrame: number): NamedWorkload {
  return {
    name,
    title: name,
    description: 'a service that allocates a buffer, uses it and frees it',
    source: 'pattern burst',
    pagesPerFrame,
    accessesPerPage: 40,
    access: AccessSpec.parse({ pattern: 'burst', size, writes: 0.3 }),
    content: null,
  }
}

const SITUATIONS: readonly NamedWorkload[] = [
  buffer('buffer, all fits compressed', 0.3, 1.2),
  buffer('buffer, pool full meanwhile', 0.5, 1.8),
  buffer('buffer, most of it to disk', 0.7, 2.6),
  ...WORKLOADS.filter(({ name }) =>
    ['slightly-over', 'cold-bulk', 'phases', 'kernel-build', 'browser-tabs'].includes(name),
  ),
]

const asked = askedFor({ seeds: '11,12,13,14,15', frames: 2048 })
const trials = await LanesInSituations.simulate(
  SITUATIONS,
  { ...LANES, ...PULLS },
  { ...asked, warmup: NO_WARMUP },
  asked,
)
const elapsed = (situation: NamedWorkload, lane: string) =>
  trials.multiples(situation, lane, 'neither', ({ elapsedNs }) => elapsedNs)
const MIB = 2 ** 20

let text = `Seeds ${asked.seeds.join(', ')}; ${asked.frames} frames.\n\nTime of the whole measured part, as a multiple of "neither":\n\n`
text += table(
  ['situation', ...LANE_NAMES],
  [
    ...SITUATIONS.map((situation) => [
      situation.name,
      ...LANE_NAMES.map((lane) => geometricMean(elapsed(situation, lane)).toFixed(2)),
    ]),
    ...summaryRows(LANE_NAMES, (lane) => SITUATIONS.map((situation) => elapsed(situation, lane))),
  ],
)
text += '\nMiB written to the swap file:\n\n'
text += table(
  ['situation', ...LANE_NAMES],
  SITUATIONS.map((situation) => [
    situation.name,
    ...LANE_NAMES.map((lane) =>
      (trials.average(situation, lane, ({ metrics }) => metrics['disk.bytes_written']) / MIB).toFixed(1),
    ),
  ]),
)
text += `\nWhat became of the pages that were pulled back; stored again, untouched, within ${WINDOWS[0] * 1e3} ms, ${WINDOWS[1] * 1e3} ms, or ever:\n\n`
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`)
text += table(
  [
    'situation',
    'order',
    'pulled back',
    'used',
    ...WINDOWS.slice(0, -1).map((window) => `≤ ${window * 1e3} ms`),
    'ever',
    'MiB wasted',
    'ms wasted',
  ],
  SITUATIONS.flatMap((situation) =>
    ['slot order', 'oldest first'].map((order) => {
      const of = (name: string, window: number) =>
        trials.average(situation, `${order} ${window}`, ({ counters }) => counters[name])
      const ever = WINDOWS[WINDOWS.length - 1]
      const pulled = of('repatriated_pages', ever)
      return [
        situation.name,
        order,
        pulled.toFixed(0),
        share(of('repatriated_used', ever), pulled),
        ...WINDOWS.map((window) => share(of('repatriated_stored_again', window), pulled)),
        (of('repatriated_wasted_bytes', ever) / MIB).toFixed(1),
        (of('repatriated_wasted_ns', ever) / 1e6).toFixed(1),
      ]
    }),
  ),
)
process.stdout.write(text)
