import type { History, Owner } from '../../../db/index.ts'
import { faultOf, type SweepField } from '../../contract/index.ts'
import type { HostEyes } from '../host/eyes.ts'
import { isPending } from '../records.ts'
import type { EngineProcess } from '../runs/engine-process.ts'
import { isAlive } from '../runs/owner.ts'
import { newRunId } from '../runs/run-control.ts'
import { planSweep, type SweepPlan } from './plan.ts'
import { executeSweep, interruption, type SweepEnding } from './sweep-execution.ts'
import { measuringName, type SweepRecords } from './sweep-records.ts'

/** How often a waiting sweep looks whether the host is free, and one under way whether another process cancelled it, ms. */
const POLL_MS = 500

interface Parts {
  history: History
  records: SweepRecords
  owner: Owner
  eyes: HostEyes
  startEngine: () => EngineProcess
  dataDir: string
  /** Of Swaplab. */
  version: string
  now: () => Date
}

interface Job {
  id: string
  points: SweepPlan['points']
  cancel: AbortController
  over: Promise<void>
}

/**
 * Sweeps of this process, one after the other. One takes all CPUs, so it has the right to measure as long as it lasts: nothing is measured beside it, and it
 * begins when nothing is.
 */
export class Sweeper {
  private readonly parts: Parts
  private readonly jobs = new Map<string, Job>()
  private readonly closing = new AbortController()
  private last: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** @throws LabError as planSweep: nothing is started that must fail */
  async start(asked: { spec?: unknown; vary: readonly SweepField[] }): Promise<{ id: string }> {
    const { history, owner, version, now } = this.parts
    const { points, impossible, ...sweep } = await planSweep({ spec: asked.spec, vary: asked.vary })
    const startedAt = now().toISOString()
    const id = newRunId(startedAt)
    const size = points.length + impossible.length
    await history.addSweep({ id, ...sweep, points: size, startedAt, version, owner }, impossible)
    const job: Job = { id, points, cancel: new AbortController(), over: Promise.resolve() }
    this.jobs.set(id, job)
    job.over = this.last.then(() => this.carry(job)).finally(() => this.jobs.delete(id))
    this.last = job.over
    return { id }
  }

  /** @throws LabError `not_found` */
  async cancel(id: string): Promise<{ cancelled: boolean }> {
    const { history, records } = this.parts
    const row = await records.find(id)
    if (!isPending(row)) return { cancelled: false }
    const job = this.jobs.get(row.id)
    if (job) job.cancel.abort()
    else await history.requestSweepCancel(row.id)
    return { cancelled: true }
  }

  /** Ends what is under way as interrupted, keeping its points, and waits for it. */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all([...this.jobs.values()].map(({ over }) => over))
  }

  private async carry(job: Job): Promise<void> {
    const { history, owner } = this.parts
    const held = { what: measuringName(job), runId: null, owner }
    const over = new AbortController()
    const listening = this.listen(job, over.signal)
    let ending: SweepEnding
    let turn = false
    try {
      turn = await this.waitForTurn(job, held)
      ending = turn ? await this.simulate(job) : this.unbegun(job)
    } catch (error) {
      ending = { status: 'failed', fault: faultOf(error) }
    }
    over.abort()
    await listening
    // What cannot be written down now is said on stderr; the next start finds the sweep interrupted.
    const complain = (error: unknown) => console.error(faultOf(error).message)
    await history.endSweep(job.id, { ...ending, endedAt: this.parts.now().toISOString() }).catch(complain)
    if (turn) await history.releaseMeasuring(held).catch(complain)
  }

  private async simulate({ id, points, cancel }: Job): Promise<SweepEnding> {
    const { history, eyes, startEngine, dataDir } = this.parts
    await history.beginSweep(id)
    return executeSweep({
      ...{ id, points, startEngine, dataDir },
      captureSelf: (file, content) => eyes.captureSelf(file, content),
      keep: (outcomes) => history.addSweepPoints(id, outcomes),
      cancel: cancel.signal,
      close: this.closing.signal,
    })
  }

  private unbegun({ cancel }: Job): SweepEnding {
    return cancel.signal.aborted
      ? { status: 'cancelled', fault: null }
      : { status: 'interrupted', fault: interruption() }
  }

  /** True when nothing measures on this host but us; false where it was cancelled or the lab closes before. */
  private async waitForTurn(job: Job, held: Parameters<History['releaseMeasuring']>[0]): Promise<boolean> {
    const { history } = this.parts
    while (!job.cancel.signal.aborted && !this.closing.signal.aborted) {
      const holder = await history.takeMeasuring({ ...held, since: this.parts.now().toISOString() }, isAlive)
      if (!holder) return true
      await this.pause(job.cancel.signal)
    }
    return false
  }

  /** To a cancel from another process, until the sweep is over. */
  private async listen(job: Job, over: AbortSignal): Promise<void> {
    const { history } = this.parts
    while (!over.aborted && !job.cancel.signal.aborted && !this.closing.signal.aborted) {
      await this.pause(over, job.cancel.signal)
      const [row] = await history.findSweeps(job.id, 1, 'kept').catch(() => [])
      if (row?.cancelRequested) job.cancel.abort()
    }
  }

  /** Until the next look, or sooner where one of these ends the wait. */
  private pause(...sooner: AbortSignal[]): Promise<void> {
    const end = AbortSignal.any([...sooner, this.closing.signal, AbortSignal.timeout(POLL_MS)])
    return new Promise((resolve) => {
      if (end.aborted) resolve()
      else end.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}
