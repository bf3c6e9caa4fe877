import { sweep } from '../../main/bench/simulate/index.ts'
import type { ExperimentSpec, TrialReport } from '../../main/contract/index.ts'

/** Simulated trials for the programs of this folder: many specifications of one lane and one trial, carried out on all CPUs. */

export interface SimulatedTrial {
  metrics: TrialReport['metrics']
  counters: Record<string, number>
  /** Sum of the times of all faults of the measured part, ns. */
  faultNs: number
  /** Virtual time of the measured part, ns: every access, fault and background step. */
  elapsedNs: number
}

/** In the order of the specifications. @throws Error naming the first that failed */
export async function simulateAll(specs: readonly ExperimentSpec[], workers: number): Promise<SimulatedTrial[]> {
  const outcomes = await sweep(specs, { workers })
  return outcomes.map((outcome, index) => {
    const spec = specs[index]
    if ('fault' in outcome) throw new Error(`${spec.name}, seed ${spec.seed}: ${outcome.fault.message}`)
    const [trial] = outcome.result.trials
    const measured = spec.workload.operations - Math.floor(spec.workload.operations * spec.warmup)
    return {
      metrics: trial.metrics,
      counters: trial.counters,
      faultNs: trial.histograms['fault.ns']?.sum ?? 0,
      elapsedNs: (measured / trial.metrics['accesses.per_s']) * 1e9,
    }
  })
}
