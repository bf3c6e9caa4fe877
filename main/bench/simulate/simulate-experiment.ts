import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type ExperimentSpec, LabError } from '../../contract/index.ts'
import { loadPolicies } from '../../zcache/index.ts'
import { checkLanes } from '../lanes/index.ts'
import { placesFor, slotsFor, trialOrder } from '../plan.ts'
import { runTrial, type TrialResult } from '../trial/index.ts'
import { prepareSimulation } from './prepare.ts'

/** All of a simulated experiment. Nothing in it depends on the host's clock: same specification, same result, bit for bit. */
export interface SimulationResult {
  /** By lane index: what each rests on. */
  notes: string[][]
  /** In the order carried out. */
  trials: (TrialResult & { lane: number; order: number })[]
}

/**
 * Carries out the planned trials of a specification in this thread, whatever its mode says, with nothing on disk.
 * @param options.selfCorpus a corpus file for content "capture" of pid "self"; null captures this process
 * @throws LabError of loadPolicies, checkLanes, prepareSimulation and runTrial; cancelled
 */
export async function simulateExperiment(
  spec: ExperimentSpec,
  options: { selfCorpus?: string | null; signal?: AbortSignal } = {},
): Promise<SimulationResult> {
  await loadPolicies(spec.lanes)
  checkLanes(spec)
  const slots = slotsFor(spec)
  const worlds = prepareSimulation(spec, { slots: placesFor(spec), selfCorpus: options.selfCorpus ?? null })
  try {
    const trials: SimulationResult['trials'] = []
    const blocks = spec.lanes.map(() => 0)
    for (const [order, lane] of trialOrder(spec.lanes.length, spec.trials, spec.seed).entries()) {
      const openWorld = worlds.open(spec.lanes[lane], blocks[lane]++)
      const result = await runTrial(
        { spec, lane: spec.lanes[lane], slots, openWorld },
        {
          tick: async () => {
            await setImmediate() // a cancel comes in as a message
            if (options.signal?.aborted)
              throw new LabError({ code: 'cancelled', message: 'The simulation was cancelled.' })
          },
        },
      )
      trials.push({ lane, order, ...result })
    }
    return { notes: spec.lanes.map((lane) => worlds.notes(lane)), trials }
  } finally {
    worlds.close()
  }
}

/** sha256 of a result: equal for equal specifications on any machine. */
export function resultHash(result: SimulationResult): string {
  return createHash('sha256').update(JSON.stringify(result)).digest('hex')
}
