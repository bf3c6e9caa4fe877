import type { History, Owner, RunRow } from '../../../db/index.ts'
import type { Carried } from '../../bench/index.ts'
import { type AdaptiveSpec, faultOf, type LabError, type LabFault, type Progress } from '../../contract/index.ts'
import { ADAPTIVE_LIMIT } from '../statistics/index.ts'
import { Collecting, plannedTrials } from './collect-more.ts'
import { removeLeftOf } from './engine-end.ts'
import { type Ending, type Execution, execute } from './execution.ts'
import { isAlive } from './owner.ts'
import type { ProgressBoard } from './progress-board.ts'

/** The first thing that every report of a simulated run says. */
const SIMULATED =
  'Simulated on a virtual clock with models of disk and codecs: nothing here was measured on this host. The notes name the models.'

/** How often a waiting run looks whether it is its turn, and a running one whether another process cancelled it, ms. */
const POLL_MS = 500

export interface QueuedRun {
  id: string
  spec: Execution['spec']
  swapDir: string
  /** The user has allowed what needs root: the kernel lanes. */
  privileged: boolean
  trialsTotal: number
  /** A finished run that collects more, and what it has; null where it is carried out from the start. */
  after: Carried | null
}

export interface QueueParts {
  history: History
  board: ProgressBoard
  owner: Owner
  dataDir: string
  startEngine: Execution['startEngine']
  captureSelf: Execution['captureSelf']
  /** Readings right before the engine starts, as warnings of the run. */
  warningsNow: (swapDir: string) => Promise<string[]>
  /** One sentence about a finished run; null where its lanes allow none. */
  headline: (runId: string) => Promise<string | null>
  cancelGraceMs?: number
}

interface Job extends QueuedRun {
  cancel: AbortController
  over: Promise<void>
}

/**
 * Runs of this process, one at a time, and in turn with those of every other process on the same history: whoever has the
 * row in `measuring` measures, in the order in which the runs were asked for.
 */
export class RunQueue {
  private readonly parts: QueueParts
  private readonly jobs = new Map<string, Job>()
  private readonly closing = new AbortController()

  constructor(parts: QueueParts) {
    this.parts = parts
  }

  /** The run must be in the history as queued. Returns at once. */
  add(run: QueuedRun): void {
    const job: Job = { ...run, cancel: new AbortController(), over: Promise.resolve() }
    this.jobs.set(run.id, job)
    this.publish(job, { status: 'queued', phase: 'queued', message: 'waiting for its turn' })
    job.over = this.carry(job).finally(() => this.jobs.delete(job.id))
  }

  /** True where the run is of this process and was told to end. */
  cancel(id: string): boolean {
    const job = this.jobs.get(id)
    job?.cancel.abort()
    return job !== undefined
  }

  /** Ends what is under way as interrupted, keeping what was measured, and waits for it. */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all([...this.jobs.values()].map((job) => job.over))
  }

  private publish(job: QueuedRun, progress: Pick<Progress, 'status' | 'phase' | 'message'> & Partial<Progress>): void {
    this.parts.board.publish({
      runId: job.id,
      lane: null,
      trial: { index: 0, total: job.trialsTotal },
      fraction: 0,
      elapsedMs: 0,
      etaMs: null,
      decision: null,
      sample: null,
      ...progress,
    })
  }

  private async carry(job: Job): Promise<void> {
    const { history, owner } = this.parts
    // A run lasts from its turn on; how long it waited says nothing about it.
    let begun = performance.now()
    let ending: Ending
    let turn = false
    const held = { what: `run ${job.id}`, runId: job.id, owner }
    try {
      turn = await this.waitForTurn(job)
      begun = performance.now()
      ending = turn ? await this.measure(job) : { status: job.cancel.signal.aborted ? 'cancelled' : 'interrupted' }
    } catch (error) {
      ending = { status: 'failed', fault: faultOf(error) }
    }
    try {
      if (turn && ending.status === 'done')
        this.publish(job, { status: 'running', phase: 'save', message: 'saving', fraction: 1 })
      await this.end(job, ending, begun)
    } catch (error) {
      // The history cannot take the last word; the watchers hear it, and the next start finds the run interrupted.
      ending = { status: 'failed', fault: faultOf(error) }
    }
    if (turn) await history.releaseMeasuring(held).catch((error: LabError) => console.error(error.message))
    const row = await history.findRun(job.id).catch(() => null)
    this.publish(job, {
      status: ending.status,
      phase: 'ended',
      message: endMessage(ending, row),
      trial: { index: row?.trialsDone ?? 0, total: row?.trialsTotal ?? job.trialsTotal },
      fraction: 1,
      elapsedMs: performance.now() - begun,
      fault: ending.fault,
    })
  }

  /** True when the right to measure is ours; false where the run was cancelled or the lab closes before. */
  private async waitForTurn(job: Job): Promise<boolean> {
    const { history, owner } = this.parts
    let told = ''
    for (;;) {
      if (job.cancel.signal.aborted || this.closing.signal.aborted) return false
      const first = await this.firstPending()
      if (!first || first.id === job.id) {
        const wanted = { what: `run ${job.id}`, runId: job.id, owner, since: new Date().toISOString() }
        const holder = await history.takeMeasuring(wanted, isAlive)
        if (!holder) return true
        told = this.tellWaiting(job, `waiting for ${holder.what}`, told)
      } else told = this.tellWaiting(job, `waiting for run ${first.id}`, told)
      await this.pause(job.cancel.signal)
      if ((await history.findRun(job.id))?.cancelRequested) job.cancel.abort()
    }
  }

  private tellWaiting(job: Job, message: string, told: string): string {
    if (message !== told) this.publish(job, { status: 'queued', phase: 'queued', message })
    return message
  }

  /** The oldest pending run whose owner lives; those of the dead are ended as interrupted on the way. */
  private async firstPending(): Promise<RunRow | undefined> {
    for (const run of await this.parts.history.pendingRuns()) {
      if (run.owner && isAlive(run.owner)) return run
      await interrupt(this.parts.history, run)
    }
    return undefined
  }

  /** Until the next look, or sooner where one of these ends the wait. */
  private pause(...sooner: AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const signals = [...sooner, this.closing.signal]
      const go = () => {
        clearTimeout(timer)
        for (const signal of signals) signal.removeEventListener('abort', go)
        resolve()
      }
      const timer = setTimeout(go, POLL_MS)
      for (const signal of signals) signal.addEventListener('abort', go)
    })
  }

  private async measure(job: Job): Promise<Ending> {
    const { history, board, dataDir, startEngine, captureSelf, warningsNow, cancelGraceMs } = this.parts
    await history.changeRun(job.id, {
      status: 'running',
      ...(job.after ? {} : { startedAt: new Date().toISOString() }),
    })
    this.publish(job, { status: 'running', phase: 'prepare', message: 'looking at the host' })
    // What spoils a measurement does nothing to a virtual clock.
    const warnings = job.spec.mode === 'simulate' ? [SIMULATED] : await warningsNow(job.swapDir)
    if (!job.after) await history.changeRun(job.id, { warnings })
    history.holdCheckpoints(true)
    const over = new AbortController()
    const listen = async () => {
      while (!over.signal.aborted && !job.cancel.signal.aborted && !this.closing.signal.aborted) {
        await this.pause(over.signal, job.cancel.signal)
        if (!over.signal.aborted && (await history.findRun(job.id))?.cancelRequested) job.cancel.abort()
      }
    }
    const listening = listen().catch((error) => console.error(`cancel cannot be heard: ${faultOf(error).message}`))
    try {
      return await execute({
        runId: job.id,
        spec: job.spec,
        swapDir: job.swapDir,
        privileged: job.privileged,
        dataDir,
        history,
        collecting: collectingOf(job, history, warnings),
        startEngine,
        captureSelf,
        publish: (progress) => board.publish(progress),
        cancel: job.cancel.signal,
        close: this.closing.signal,
        cancelGraceMs,
      })
    } finally {
      over.abort()
      await listening
      history.holdCheckpoints(false)
    }
  }

  private async end(job: Job, ending: Ending, begun: number): Promise<void> {
    const { history, headline } = this.parts
    if (job.after) {
      await history.changeRun(job.id, { headline: await headline(job.id) })
      return endAsBefore(history, job.id, ending, performance.now() - begun)
    }
    await addWarnings(history, job.id, ending.left)
    const row = ending.status === 'interrupted' ? await history.findRun(job.id) : null
    const fault = ending.fault ?? (row ? interruption(row) : undefined)
    await history.endRun(job.id, {
      status: ending.status,
      fault,
      headline: fault?.message ?? (await headline(job.id)),
      endedAt: new Date().toISOString(),
      durationMs: Math.round(performance.now() - begun),
    })
  }
}

function collectingOf({ id, spec, after }: QueuedRun, history: History, warnings: string[]): Collecting | null {
  if (spec.adaptive.limit === 0 && !after) return null
  return new Collecting({
    history,
    runId: id,
    after,
    warnings,
    adaptive: after ? collectingFurther(spec.adaptive) : spec.adaptive,
  })
}

/** Asked to collect more, a run whose own limit is lower, or none, gets as many as the statistics were made for. */
export const collectingFurther = (adaptive: AdaptiveSpec): AdaptiveSpec => ({
  ...adaptive,
  limit: Math.max(adaptive.limit, ADAPTIVE_LIMIT),
})

/** A finished run that was collecting more stays finished however that ended; what went wrong is a warning. All at once: another process may end it too. */
async function endAsBefore(history: History, id: string, ending: Ending, ms: number): Promise<void> {
  const row = await history.readRun(id)
  if (!row) return
  const early = ending.status === 'done' ? null : ending.status
  const why =
    early === null
      ? []
      : [
          `Collecting more ended early (${early})${ending.fault ? `: ${ending.fault.message}` : '.'}`,
          ...(ending.left ?? []),
        ]
  const { length: trials } = await history.readTrials(id)
  await history.endRun(id, {
    status: 'done',
    endedAt: new Date().toISOString(),
    durationMs: Math.round((row.durationMs ?? 0) + ms),
    warnings: [...row.warnings, ...why],
    trialsTotal: trials,
    ...(row.collection && {
      collection: {
        ...row.collection,
        added: trials - plannedTrials(row.spec),
        ...(early !== null && { decision: `Ended early (${early}), before the next look.` }),
      },
    }),
  })
}

async function addWarnings(history: History, id: string, sentences: readonly string[] = []): Promise<void> {
  const row = sentences.length > 0 ? await history.readRun(id) : null
  if (row) await history.changeRun(id, { warnings: [...row.warnings, ...sentences] })
}

/** By run: whoever looks at the queue or watches it meets the same run while it is being ended, which may wait for a node. */
const beingEnded = new Map<string, Promise<void>>()

/** Ends a run whose owner is gone; its finished trials stay, its swap file does not (an engine that still lives removes its own). */
export function interrupt(history: History, run: RunRow): Promise<void> {
  const key = `${history.file} ${run.id}`
  const ending = beingEnded.get(key) ?? endOrphan(history, run).finally(() => beingEnded.delete(key))
  beingEnded.set(key, ending)
  return ending
}

/** Other processes may be at it too: the first to end it has the last word, warnings included. */
async function endOrphan(history: History, run: RunRow): Promise<void> {
  const row = await history.readRun(run.id)
  if (!row) return
  // One that was queued never had an engine, whose lock would be waited for.
  const left = run.status === 'running' ? await removeLeftOf(row, true) : []
  // It has an end already: it was finished, and collected more.
  if (run.endedAt !== null) return endAsBefore(history, run.id, { status: 'interrupted', left }, 0)
  const fault = interruption(run)
  await history.endRun(run.id, {
    status: 'interrupted',
    endedAt: new Date().toISOString(),
    fault,
    headline: fault.message,
    warnings: [...row.warnings, ...left],
  })
}

const interruption = ({ trialsDone, trialsTotal }: RunRow): LabFault => ({
  code: 'engine_died',
  message: `Swaplab ended during this run; the ${trialsDone} of ${trialsTotal} trials it had finished are kept.`,
  remedy: 'Run it again; the specification is in the report.',
})

function endMessage(ending: Ending, row: RunRow | null): string {
  const kept = row ? `${row.trialsDone} of ${row.trialsTotal} trials are kept` : ''
  switch (ending.status) {
    case 'done':
      return 'done'
    case 'failed':
    case 'invalid':
      return ending.fault?.message ?? ending.status
    case 'cancelled':
      return `cancelled; ${kept}`
    case 'interrupted':
      return `interrupted; ${kept}`
  }
}
