import { parentPort } from 'node:worker_threads'
import { type ExperimentSpec, faultOf, type LabFault } from '../../contract/index.ts'
import { type SimulationResult, simulateExperiment } from './simulate-experiment.ts'

/** One thread of sweeps: a specification in, its outcome out, until it is terminated. */

/** What became of one specification of a sweep. */
export type SweepOutcome = { result: SimulationResult } | { fault: LabFault }

export interface SweepTask {
  spec: ExperimentSpec
  selfCorpus: string | null
}
export interface SweepAnswer {
  outcome: SweepOutcome
}

parentPort?.on('message', async ({ spec, selfCorpus }: SweepTask) => {
  let outcome: SweepOutcome
  try {
    outcome = { result: await simulateExperiment(spec, { selfCorpus }) }
  } catch (error) {
    outcome = { fault: faultOf(error) }
  }
  parentPort?.postMessage({ outcome } satisfies SweepAnswer)
})
