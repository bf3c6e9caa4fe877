import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createRouterClient } from '@orpc/server'
import { parseSpec, twinLanes, type Verdict } from '../contract/index.ts'
import { createLab, forkEngine } from './index.ts'
import { median } from './statistics/index.ts'
import { plantedEngine } from './testing/planted-engine.ts'

/**
 * How often the whole lab is right, on the real engine and this host's disk: a lane against itself, and against itself made
 * slower by a known share of time burnt in its measured part. Takes minutes to hours:
 *
 *     node main/lab/aa.bench.ts [--experiments 40] [--slowdowns 0,5,0.5] [--dir FOLDER] [--operations N]
 *
 * `--slowdowns` in percent of accesses.per_s; 0 is the A/A. Prints a Markdown table; the experiments stay in no history.
 */

const { values } = parseArgs({
  options: {
    experiments: { type: 'string', default: '40' },
    slowdowns: { type: 'string', default: '0,5,0.5' },
    dir: { type: 'string', default: '.' },
    operations: { type: 'string', default: '20000' },
    limit: { type: 'string', default: '120' },
  },
})

const experiments = Number(values.experiments)
const spec = parseSpec({
  memory: { frames: 1024, pool: 448 },
  workload: {
    content: { source: 'synthetic', pages: 256 },
    pages: 3072,
    operations: Number(values.operations),
  },
  lanes: [{ lane: 'zcache', codec: 'lz4', writeback: 'on' }],
  adaptive: { limit: 0 },
})

const folder = mkdtempSync(join(resolve(values.dir), 'swaplab-aa-'))
const load = () => loadavg()[0].toFixed(1)
console.log(`| slowdown | different | same | unknown | median shift | mean trials a lane | load |`)
console.log(`| --- | --- | --- | --- | --- | --- | --- |`)
try {
  for (const percent of values.slowdowns.split(',').map(Number)) await row(percent)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** One line of the table: as many experiments as asked, each with another order of trials. */
async function row(percent: number): Promise<void> {
  const lab = await createLab({
    dataDir: join(folder, String(percent)),
    door: 'cli',
    version: 'bench',
    startEngine: () => plantedEngine(forkEngine(), { lane: 1, slower: percent / 100 }),
  })
  const client = createRouterClient(lab.router)
  const answers: Record<Verdict['answer'], number> = { yes: 0, no: 0, same: 0, unknown: 0 }
  const shifts: number[] = []
  let trials = 0
  let metrics = 0
  let same = 0
  const before = load()
  try {
    for (let seed = 1; seed <= experiments; seed++) {
      const twins = twinLanes({ ...spec, seed })
      const adaptive = { ...twins.adaptive, limit: Number(values.limit) }
      const { id } = await client.runs.start({ spec: { ...twins, adaptive } })
      for await (const _ of await client.runs.watch({ id }));
      const { run, verdicts } = await client.runs.get({ id })
      if (run.status !== 'done') throw new Error(`experiment ${seed} is ${run.status}: ${run.fault?.message}`)
      const rows = (await client.runs.compareLanes({ id })).metrics
      const speed = rows.find(({ metric }) => metric === 'accesses.per_s')
      // The question of an A/A is about every metric; the requirement is about the one that was collected for.
      answers[speed?.verdict === 'different' ? 'no' : (speed?.verdict ?? 'unknown')]++
      shifts.push(speed?.shift ?? 0)
      metrics += rows.length
      same += rows.filter(({ verdict }) => verdict === 'same').length
      trials += run.trialsDone / 2
      process.stderr.write(`${percent} %, ${seed} of ${experiments}: ${verdicts[0].sentence}\n`)
    }
  } finally {
    await lab.close()
  }
  const share = (n: number) => `${((n / experiments) * 100).toFixed(1)} %`
  console.log(
    `| ${percent} % | ${share(answers.no)} | ${share(answers.same)} | ${share(answers.unknown)} | ${(median(shifts) * 100).toFixed(2)} % | ` +
      `${(trials / experiments).toFixed(0)} | ${before} … ${load()} |`,
  )
  if (percent === 0)
    console.log(`\nOver all metrics of the A/A: ${((same / metrics) * 100).toFixed(1)} % of ${metrics} are same.\n`)
}
