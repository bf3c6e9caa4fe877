import { parentPort } from 'node:worker_threads'
import { type ExperimentSpec, faultOf, type LabFault } from '../../contract/index.ts'
import { type HookCall, hookCall, loadPolicies } from '../../zcache/index.ts'
import { type SimulationResult, simulateExperiment } from './simulate-experiment.ts'

/** One thread of sweeps: a specification in, its outcome out, until it is terminated. */

/** What became of one specification of a sweep. */
export type SweepOutcome = { result: SimulationResult } | { fault: LabFault }

export interface SweepTask {
  spec: ExperimentSpec
  selfCorpus: string | null
}
export type SweepAnswer =
  | { outcome: SweepOutcome }
  /** Before a task with policies of a user's own: where to see whether one of their hooks returns, and the names of all. */
  | { hooks: { words: HookCall['words']; names: string[] } }

parentPort?.on('message', async ({ spec, selfCorpus }: SweepTask) => {
  let outcome: SweepOutcome
  try {
    await loadPolicies(spec.lanes)
    const names = hookCall.names()
    if (names.length > 0) parentPort?.postMessage({ hooks: { words: hookCall.words, names } } satisfies SweepAnswer)
    outcome = { result: await simulateExperiment(spec, { selfCorpus }) }
  } catch (error) {
    outcome = { fault: faultOf(error) }
  }
  parentPort?.postMessage({ outcome } satisfies SweepAnswer)
})
