import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type ExperimentSpec, faultOf, LabError, type LabFault } from '../../contract/index.ts'
import type { SimulationResult } from './simulate-experiment.ts'

/** What became of one specification of a sweep. */
export type SweepOutcome = { result: SimulationResult } | { fault: LabFault }

/** The messages of a sweep's worker; see sweep-worker.ts. */
export interface SweepTask {
  index: number
  spec: ExperimentSpec
  selfCorpus: string | null
}
export interface SweepAnswer {
  index: number
  outcome: SweepOutcome
}

export interface SweepOptions {
  /** Threads; default: the CPUs this process may use. */
  workers?: number
  /** A corpus file for content "capture" of pid "self": without one each worker captures this process anew. */
  selfCorpus?: string | null
  signal?: AbortSignal
  /** As each ends, in whatever order. */
  onOutcome?: (index: number, outcome: SweepOutcome) => void
}

/**
 * Simulates many specifications on all CPUs. Outcomes are in the order of the specifications and do not depend on the number of
 * workers; a specification that fails has its fault and stops nobody.
 * @throws LabError `cancelled`; `internal` where a worker cannot be started or dies
 */
export async function sweep(specs: readonly ExperimentSpec[], options: SweepOptions = {}): Promise<SweepOutcome[]> {
  const outcomes: SweepOutcome[] = new Array(specs.length)
  const threads = Math.min(specs.length, Math.max(1, options.workers ?? availableParallelism()))
  let next = 0
  const workers: Worker[] = []
  const cancelled = () => new LabError({ code: 'cancelled', message: 'The sweep was cancelled.' })
  if (options.signal?.aborted) throw cancelled()
  const serve = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./sweep-worker.ts', import.meta.url))
      workers.push(worker)
      const hand = () => {
        if (next >= specs.length) return resolve()
        const index = next++
        const task: SweepTask = { index, spec: specs[index], selfCorpus: options.selfCorpus ?? null }
        worker.postMessage(task)
      }
      worker.on('message', ({ index, outcome }: SweepAnswer) => {
        outcomes[index] = outcome
        options.onOutcome?.(index, outcome)
        hand()
      })
      worker.on('error', (error) => reject(new LabError(faultOf(error), { cause: error })))
      worker.on('exit', (code) =>
        reject(new LabError({ code: 'internal', message: `A worker of the sweep ended with exit code ${code}.` })),
      )
      options.signal?.addEventListener('abort', () => reject(cancelled()), { once: true })
      hand()
    })
  try {
    await Promise.all(Array.from({ length: threads }, serve))
    return outcomes
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
