import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ExperimentSpec } from '../../contract/index.ts'
import { simulateExperiment } from '../simulate/index.ts'
import { writeTrace } from './trace-export.ts'

const folder = mkdtempSync(join(tmpdir(), 'swaplab-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('An experiment and the replay of its exported accesses count the same', async () => {
  const spec = ExperimentSpec.parse({
    mode: 'simulate',
    simulate: { sizes: 'magenheimer' },
    memory: { frames: 512, pool: 128 },
    workload: { pages: 1024, operations: 12_000, access: { pattern: 'build' } },
    trials: 1,
  })
  const path = join(folder, 'build.csv.zst')
  await writeTrace(spec, 'csv', path)
  const replay = ExperimentSpec.parse({
    ...spec,
    workload: { ...spec.workload, access: { pattern: 'trace', path, ids: 'pages' } },
  })
  const counters = async (of: ExperimentSpec) => (await simulateExperiment(of)).trials.map((trial) => trial.counters)
  const made = await counters(spec)
  expect(made).toHaveLength(spec.lanes.length)
  expect(await counters(replay)).toEqual(made)
})
