import { availableParallelism } from 'node:os'
import { type ExperimentSpec, LabError } from '../../contract/index.ts'
import { SweepThread } from './sweep-threads.ts'
import type { SweepOutcome } from './sweep-worker.ts'

/** What a hook of a user's policy may take before its point is given up, ms. */
const HOOK_LIMIT_MS = 20_000

interface SweepOptions {
  /** Threads; default: the CPUs this process may use. */
  workers?: number
  /** A corpus file for content "capture" of pid "self": without one each thread captures this process anew. */
  selfCorpus?: string | null
  signal?: AbortSignal
  /** What its threads run, where it is not the source beside this one. */
  worker?: URL
  /** Default: HOOK_LIMIT_MS. */
  hookLimitMs?: number
  /** As each ends, in whatever order. */
  onOutcome?: (index: number, outcome: SweepOutcome) => void
}

/**
 * Simulates many specifications on all CPUs. Outcomes are in the order of the specifications and do not depend on the number of
 * threads; a specification that fails has its fault and stops nobody.
 * @throws LabError `cancelled`; `internal` where a thread cannot be started or dies
 */
export async function sweep(specs: readonly ExperimentSpec[], options: SweepOptions = {}): Promise<SweepOutcome[]> {
  const { signal, selfCorpus = null, hookLimitMs = HOOK_LIMIT_MS } = options
  const outcomes: SweepOutcome[] = new Array(specs.length)
  if (signal?.aborted) throw cancelled()
  const count = Math.min(specs.length, Math.max(1, options.workers ?? availableParallelism()))
  const threads = Array.from({ length: count }, () => SweepThread.take(options.worker))
  let next = 0
  const serve = async (_: SweepThread, at: number) => {
    while (next < specs.length) {
      const index = next++
      if (!threads[at].lives) threads[at] = SweepThread.take(options.worker)
      outcomes[index] = await threads[at].run({ spec: specs[index], selfCorpus }, hookLimitMs)
      options.onOutcome?.(index, outcomes[index])
    }
  }
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(cancelled())
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([Promise.all(threads.map(serve)), aborted.promise])
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.terminate()))
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  for (const thread of threads) thread.release()
  return outcomes
}

function cancelled(): LabError {
  return new LabError({ code: 'cancelled', message: 'The sweep was cancelled.' })
}
