import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createRouterClient } from '@orpc/server'
import { type ComparedMetric, parseSpec, twinLanes } from '../contract/index.ts'
import { createLab, forkEngine } from './index.ts'
import { median } from './statistics/index.ts'
import { plantedEngine } from './testing/planted-engine.ts'

/**
 * How often the whole lab is right, on the real engine and this host's disk: a lane against itself, and against itself made
 * slower by a known share of time burnt in its measured part. Takes minutes to hours; Ctrl-C ends it with what there is:
 *
 *     node main/lab/aa.bench.ts [--experiments 40] [--slowdowns 0,5,0.5] [--operations 20000] [--limit 120] [--seed 1] [--dir FOLDER]
 *
 * `--seed` is the first experiment's; each has the next. `--slowdowns` are percent of accesses.per_s, in turns; 0 is the A/A.
 * Prints a Markdown table with the load of the host beside it; the experiments stay in no history.
 */

const { values } = parseArgs({
  options: {
    experiments: { type: 'string', default: '40' },
    slowdowns: { type: 'string', default: '0,5,0.5' },
    operations: { type: 'string', default: '20000' },
    limit: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    dir: { type: 'string', default: '.' },
  },
})

const spec = parseSpec({
  memory: { frames: 1024, pool: 448 },
  workload: { content: { source: 'synthetic', pages: 256 }, pages: 3072, operations: Number(values.operations) },
  lanes: [{ lane: 'zcache', codec: 'lz4', writeback: 'on' }],
})

interface Tally {
  percent: number
  verdicts: Record<ComparedMetric['verdict'], number>
  shifts: number[]
  trials: number[]
  loads: number[]
  /** Verdicts of all metrics. */
  all: Record<ComparedMetric['verdict'], number>
}

const nothing = () => ({ same: 0, different: 0, unknown: 0 })
const folder = mkdtempSync(join(resolve(values.dir), 'swaplab-aa-'))
let stopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped = true
  })

const tallies = values.slowdowns.split(',').map(
  (text): Tally => ({
    percent: Number(text),
    verdicts: nothing(),
    shifts: [],
    trials: [],
    loads: [],
    all: nothing(),
  }),
)
try {
  for (let count = 0; count < Number(values.experiments) && !stopped; count++)
    for (const tally of tallies) if (!stopped) await experiment(tally, Number(values.seed) + count)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(
  '| slowdown | experiments | different | same | unknown | median shift | mean trials a lane | load, least … most |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const tally of tallies) if (tally.shifts.length > 0) console.log(row(tally))
const aa = tallies.find(({ percent }) => percent === 0)?.all
if (aa) console.log(`\nAll metrics of the A/A: ${aa.same} same, ${aa.different} different, ${aa.unknown} unknown.`)

/** One experiment, with another order of trials for each seed. */
async function experiment(tally: Tally, seed: number): Promise<void> {
  const lab = await createLab({
    dataDir: join(folder, String(tally.percent)),
    door: 'cli',
    version: 'bench',
    startEngine: () => plantedEngine(forkEngine(), { lane: 1, slower: tally.percent / 100 }),
  })
  const client = createRouterClient(lab.router)
  try {
    const twins = twinLanes({ ...spec, seed })
    const adaptive = { ...twins.adaptive, limit: Number(values.limit) }
    const { id } = await client.runs.start({ spec: { ...twins, adaptive } })
    for await (const _ of await client.runs.watch({ id }));
    const { run } = await client.runs.get({ id })
    if (run.status !== 'done') throw new Error(`experiment ${seed} is ${run.status}: ${run.fault?.message}`)
    const { metrics } = await client.runs.compareLanes({ id })
    for (const { verdict } of metrics) tally.all[verdict]++
    // The requirement is about the metric that was collected for.
    const speed = metrics.find(({ metric }) => metric === 'accesses.per_s')
    if (!speed) throw new Error(`experiment ${seed} measured no accesses.per_s`)
    tally.verdicts[speed.verdict]++
    tally.shifts.push(speed.shift ?? 0)
    tally.trials.push(speed.n.new)
    tally.loads.push(loadavg()[0])
    const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`)
    console.error(
      `${tally.percent} %, experiment ${seed}: ${speed.verdict}, ${percent(speed.shift)} (${percent(speed.low)} … ${percent(speed.high)}), ` +
        `${speed.n.new} trials a lane, load ${loadavg()[0].toFixed(1)}`,
    )
  } finally {
    await lab.close()
  }
}

function row({ percent, verdicts, shifts, trials, loads }: Tally): string {
  const count = shifts.length
  const share = (n: number) => `${n} (${((n / count) * 100).toFixed(0)} %)`
  const mean = trials.reduce((sum, n) => sum + n, 0) / count
  return (
    `| ${percent} % | ${count} | ${share(verdicts.different)} | ${share(verdicts.same)} | ${share(verdicts.unknown)} | ` +
    `${(median(shifts) * 100).toFixed(2)} % | ${mean.toFixed(0)} | ${Math.min(...loads).toFixed(1)} … ${Math.max(...loads).toFixed(1)} |`
  )
}
