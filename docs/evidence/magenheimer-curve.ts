import { parseArgs } from 'node:util'
import { type ExperimentInput, type ExperimentSpec, parseSpec } from '../../main/contract/index.ts'
import { geometricMean, mean, table } from './tables.ts'
import { type SimulatedTrial, simulateAll } from './trials.ts'

/**
 * The shape of Dan Magenheimer's figures of 21 March 2012 (a kernel build, make -jN, on 1 GB without, with zcache and with RAMster), and
 * what writeback does to its last part. Prints the tables of magenheimer-curve.md:
 * `node docs/evidence/magenheimer-curve.ts --seeds 11,12,13`. Simulated; his disk turned, so the reference device is also
 * taken a hundred times as slow.
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13' },
    frames: { type: 'string', default: '4096' },
    workers: { type: 'string', default: '2' },
  },
})
const seeds = values.seeds.split(',').map(Number)

const FRAMES = Number(values.frames)
/** As the presets have it. */
const POOL = (FRAMES * 7) / 16
/** The build grows with the RAM, and so does its time; what RAMster sends in a second does not. */
const scaled = (figure: number) => Math.round((figure * FRAMES) / 4096)
const JOBS = [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]
/** Pages that all processes share, and most pages of one process: chosen so that RAM is full at about N = 16, as his was. */
const SHARED = scaled(800)
const ROOM = scaled(400)
/** The same work whatever N is. */
const OPERATIONS = scaled(400_000)
/** Seconds of his table; at 40 the build without zcache was given up after 18000. */
const PUBLISHED: Readonly<Record<number, readonly [none: number, zcache: number, ramster: number]>> = {
  4: [879, 877, 887],
  8: [858, 856, 866],
  12: [858, 856, 875],
  16: [1009, 922, 949],
  20: [1316, 1154, 1162],
  24: [2164, 1714, 1788],
  28: [3293, 2500, 2177],
  32: [4286, 4282, 3599],
  36: [6516, 6602, 5394],
}

type Lane = NonNullable<ExperimentInput['lanes']>[number]
const zcache = { lane: 'zcache', codec: 'lzo', inflight: 32 } as const
const LANES: Readonly<Record<string, Lane>> = {
  none: { lane: 'raw' },
  zcache: { ...zcache, writeback: 'off' },
  'zcache, writeback': { ...zcache, writeback: 'on', policy: 'lru-frame' },
  'zcache, keep-clean': { ...zcache, writeback: 'on', policy: 'keep-clean' },
  // One more machine with as much memory, by gigabit Ethernet. RAMster sends 100 frames every second, of 262 144 in builds of a quarter of an hour and more:
  // a thousandth of the time, and of the frames as many as of 4096.
  RAMster: {
    ...zcache,
    lane: 'ramster',
    writeback: 'off',
    nodePages: FRAMES,
    interval: 0.001,
    frames: 2,
    model: { rtt: 200, bandwidth: 118 },
  },
}
const LANE_NAMES = Object.keys(LANES)
const DISKS = [1, 100]

function specOf(jobs: number, lane: Lane, slower: number, seed: number): ExperimentSpec {
  const pages = SHARED + jobs * ROOM
  return parseSpec({
    name: `-j${jobs}`,
    seed,
    mode: 'simulate',
    simulate: { sizes: 'magenheimer', slower },
    memory: { frames: FRAMES, pool: POOL },
    workload: {
      pages,
      operations: OPERATIONS,
      access: { pattern: 'build', jobs, shared: SHARED / pages, sharing: 0.5, writes: 0.3 },
    },
    lanes: [lane],
    trials: 1,
  })
}

const cells = DISKS.flatMap((slower) =>
  JOBS.flatMap((jobs) => LANE_NAMES.flatMap((name) => seeds.map((seed) => ({ slower, jobs, name, seed })))),
)
const trials = await simulateAll(
  cells.map(({ slower, jobs, name, seed }) => specOf(jobs, LANES[name], slower, seed)),
  Number(values.workers),
)
const trialsOf = (slower: number, jobs: number, name: string) =>
  trials.filter((_, i) => cells[i].slower === slower && cells[i].jobs === jobs && cells[i].name === name)
const seconds = (slower: number, jobs: number, name: string) =>
  geometricMean(trialsOf(slower, jobs, name).map(({ elapsedNs }) => elapsedNs)) / 1e9
const average = (slower: number, jobs: number, name: string, of: (trial: SimulatedTrial) => number) =>
  mean(trialsOf(slower, jobs, name).map(of))
/** How much longer it takes without. */
const gain = (without: number, withZcache: number) => `${Math.round(100 * (without / withZcache - 1))} %`

/**
 * A compiler computes, too. Its time in s, the same for every N and lane: so much that N = 24 without zcache takes as many times as long as N = 4 as
 * it did for him. One constant, fitted to one of his figures; none of those with zcache or RAMster is in it.
 */
function otherWork(slower: number): number {
  const longer = PUBLISHED[24][0] / PUBLISHED[4][0]
  return (seconds(slower, 24, 'none') - longer * seconds(slower, 4, 'none')) / (longer - 1)
}

let text = `Seeds ${seeds.join(', ')}; ${FRAMES} frames.\n`
for (const slower of DISKS) {
  text += `\nDisk ${slower === 1 ? 'as modelled' : `${slower} × as slow`}: time of the same work in s, and the gain over none:\n\n`
  text += table(
    ['N', ...LANE_NAMES, ...LANE_NAMES.slice(1).map((name) => `gain, ${name}`)],
    JOBS.map((jobs) => {
      const none = seconds(slower, jobs, 'none')
      return [
        String(jobs),
        ...LANE_NAMES.map((name) => seconds(slower, jobs, name).toPrecision(3)),
        ...LANE_NAMES.slice(1).map((name) => gain(none, seconds(slower, jobs, name))),
      ]
    }),
  )
  const work = otherWork(slower)
  text += `\nThe same with ${work.toPrecision(3)} s of other work, beside his:\n\n`
  text += table(
    ['N', ...LANE_NAMES.slice(1).map((name) => `gain, ${name}`), 'his, zcache', 'his, RAMster'],
    Object.entries(PUBLISHED).map(([jobs, [none, ...others]]) => [
      jobs,
      ...LANE_NAMES.slice(1).map((name) =>
        gain(seconds(slower, Number(jobs), 'none') + work, seconds(slower, Number(jobs), name) + work),
      ),
      ...others.map((time) => gain(none, time)),
    ]),
  )
}
text += '\nDisk as modelled: pages read from disk and MiB written, thousands and MiB:\n\n'
text += table(
  ['N', ...LANE_NAMES.map((name) => `read, ${name}`), ...LANE_NAMES.map((name) => `written, ${name}`)],
  JOBS.map((jobs) => [
    String(jobs),
    ...LANE_NAMES.map((name) => (average(DISKS[0], jobs, name, ({ counters }) => counters.pswpin) / 1e3).toFixed(1)),
    ...LANE_NAMES.map((name) =>
      (average(DISKS[0], jobs, name, ({ metrics }) => metrics['disk.bytes_written']) / 2 ** 20).toFixed(1),
    ),
  ]),
)
process.stdout.write(text)
