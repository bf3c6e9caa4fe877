import type { FromEngine, ToEngine } from './protocol.ts'
import { sweep } from './simulate/index.ts'

/**
 * Simulates the points of a sweep on all CPUs and tells of each as it ends, in whatever order: figures only, for thousands of them are kept.
 * @throws LabError `cancelled`; `internal` where a thread cannot be started or dies
 */
export async function carryOutSweep(
  { points, selfCorpus }: Extract<ToEngine, { kind: 'sweep' }>,
  { signal, send, worker }: { signal: AbortSignal; send: (message: FromEngine) => void; worker: URL },
): Promise<void> {
  await sweep(
    points.map(({ spec }) => spec),
    {
      selfCorpus,
      signal,
      worker,
      onOutcome: (index, outcome) => {
        const { position } = points[index]
        if ('fault' in outcome) send({ kind: 'point', position, fault: outcome.fault })
        else {
          send({
            kind: 'point',
            position,
            trials: outcome.result.trials.map(({ lane, metrics }) => ({ lane, metrics })),
          })
          outcome.result.trials = []
        }
      },
    },
  )
}
