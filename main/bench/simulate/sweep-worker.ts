import { parentPort } from 'node:worker_threads'
import { faultOf } from '../../contract/index.ts'
import { simulateExperiment } from './simulate-experiment.ts'
import type { SweepAnswer, SweepOutcome, SweepTask } from './sweep.ts'

/** One thread of a sweep: a specification in, its outcome out, until it is terminated. */

parentPort?.on('message', async ({ index, spec, selfCorpus }: SweepTask) => {
  let outcome: SweepOutcome
  try {
    outcome = { result: await simulateExperiment(spec, { selfCorpus }) }
  } catch (error) {
    outcome = { fault: faultOf(error) }
  }
  parentPort?.postMessage({ index, outcome } satisfies SweepAnswer)
})
