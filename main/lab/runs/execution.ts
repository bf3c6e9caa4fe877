import type { History } from '../../../db/index.ts'
import type { FromEngine } from '../../bench/index.ts'
import {
  type ExperimentSpec,
  faultOf,
  isKernelLane,
  type LabFault,
  laneLabel,
  type Progress,
  type RunStatus,
} from '../../contract/index.ts'
import type { HostEyes } from '../host/eyes.ts'
import type { Collecting } from './collect-more.ts'
import { CANCEL_GRACE_MS, deathOf, endWhenAsked, removeLeftOf } from './engine-end.ts'
import type { EngineProcess, EngineWishes } from './engine-process.ts'
import { selfContent, selfCorpusFile, withSelfCorpus } from './self-corpus.ts'
import { Silence } from './silence.ts'
import { Validity } from './validity.ts'

/** How long an engine that has said its last word may take to leave, ms. */
const EXIT_GRACE_MS = 5_000

export interface Execution {
  runId: string
  spec: ExperimentSpec
  swapDir: string
  dataDir: string
  /** The user has allowed what needs root: the kernel lanes. */
  privileged: boolean
  history: History
  /** Decides after the planned trials; null where they are all. */
  collecting: Collecting | null
  startEngine: (wishes?: EngineWishes) => EngineProcess
  captureSelf: HostEyes['captureSelf']
  publish: (progress: Progress) => void
  /** Aborted when somebody asks to cancel. */
  cancel: AbortSignal
  /** Aborted when the lab closes: the engine is killed at once. */
  close: AbortSignal
  cancelGraceMs?: number
}

export interface Ending {
  status: Extract<RunStatus, 'done' | 'failed' | 'cancelled' | 'interrupted' | 'invalid'>
  fault?: LabFault
  /** What it left behind, and what became of that, in sentences. Default: nothing. */
  left?: string[]
}

/** Carries out one run in an engine process of its own, writing each trial as it arrives. Every way it can end is a value. */
export async function execute(execution: Execution): Promise<Ending> {
  const { spec, runId, dataDir, captureSelf, cancel, close } = execution
  const content = selfContent(spec.workload.content)
  try {
    return await withSelfCorpus(selfCorpusFile(dataDir, runId), content, captureSelf, async (corpus) => {
      if (cancel.aborted) return { status: 'cancelled' }
      if (close.aborted) return { status: 'interrupted' }
      return new Drive(execution, corpus).ending()
    })
  } catch (error) {
    return { status: 'failed', fault: faultOf(error) }
  }
}

/** One engine process from its start to its end: what it says is kept and shown, and what it needs to know is answered. */
class Drive {
  private readonly execution: Execution
  private readonly selfCorpus: string | null
  private readonly engine: EngineProcess
  private readonly validity: Validity
  private readonly silence: Silence
  private readonly startedAt = performance.now()
  private shown: Progress | undefined
  /** Its nodes have answered; before, nothing was sent there. */
  private prepared = false
  /** Messages are dealt with one after the other: a trial is in the history before the next message is looked at. */
  private work: Promise<void> = Promise.resolve()
  private leaving: NodeJS.Timeout | undefined
  private lastWord: Ending | undefined
  /** Why the history cannot be written any more: measuring on would be for nothing. */
  private broken: LabFault | undefined
  private killedBecause: LabFault | undefined

  constructor(execution: Execution, selfCorpus: string | null) {
    const { spec, privileged, startEngine } = execution
    this.execution = execution
    this.selfCorpus = selfCorpus
    this.engine = startEngine({ terminal: privileged && spec.lanes.some(isKernelLane) })
    this.validity = new Validity(spec)
    this.silence = new Silence(this.engine, spec, {
      word: (silence) => this.shown && execution.publish({ ...this.shown, silence, elapsedMs: this.elapsedMs() }),
      limit: (fault) => {
        this.killedBecause = fault
        this.kill()
      },
    })
  }

  ending(): Promise<Ending> {
    const { cancel, close, cancelGraceMs: graceMs = CANCEL_GRACE_MS, runId: id, spec, swapDir } = this.execution
    this.engine.onMessage((message) => {
      this.silence.broken()
      this.work = this.work
        .then(() => (this.broken ? undefined : this.deal(message)))
        .catch((error) => {
          this.broken = faultOf(error)
          this.kill()
        })
    })
    const ending = new Promise<Ending>((resolve) => {
      this.engine.onExit(async (code, signal) => {
        letGo()
        await this.work
        clearTimeout(this.leaving)
        this.silence.stop()
        const ending = this.endingOf(code, signal)
        resolve(
          ending.status === 'done'
            ? ending
            : { ...ending, left: await removeLeftOf({ id, spec, swapDir }, this.prepared) },
        )
      })
    })
    this.silence.broken()
    const unanswered = () => {
      this.killedBecause = this.unanswered(graceMs)
    }
    const letGo = endWhenAsked(this.engine, { cancel, close, graceMs, unanswered })
    return ending
  }

  private endingOf(code: number | null, signal: string | null): Ending {
    const { cancel, close } = this.execution
    if (this.broken) return { status: 'failed', fault: this.broken }
    if (this.lastWord) return this.lastWord
    if (cancel.aborted) return { status: 'cancelled', fault: this.killedBecause }
    if (close.aborted) return { status: 'interrupted' }
    return { status: 'failed', fault: this.killedBecause ?? deathOf(this.engine, code, signal) }
  }

  private async deal(message: FromEngine): Promise<void> {
    const { runId, history, collecting } = this.execution
    switch (message.kind) {
      case 'ready':
        return this.sendRun()
      case 'prepared':
        this.prepared = true
        if (collecting?.after) return collecting.prepared(message.corpus, new Date())
        return history.changeRun(runId, {
          corpus: message.corpus ?? undefined,
          swapfile: message.swapfile ?? undefined,
          trialOrder: message.trialOrder,
          laneNotes: message.notes,
          observer: message.observer ?? undefined,
        })
      case 'progress':
        return this.show(message.progress)
      case 'trial':
        this.validity.note(message.lane, message.report)
        return history.addTrial(runId, message)
      case 'waiting':
        this.engine.send((await collecting?.decide()) ?? { kind: 'enough' })
        return
      case 'step':
      case 'calibration':
      case 'point':
        return
      case 'end': {
        const invalid = message.status === 'done' ? this.validity.fault() : null
        this.lastWord = invalid
          ? { status: 'invalid', fault: invalid }
          : { status: message.status, fault: message.fault }
        this.leaving = setTimeout(() => this.kill(), EXIT_GRACE_MS)
        return
      }
      default:
        message satisfies never
    }
  }

  private sendRun(): void {
    const { runId, spec, swapDir, dataDir, privileged, collecting } = this.execution
    this.engine.send({
      kind: 'run',
      runId,
      spec,
      swapDir,
      selfCorpus: this.selfCorpus,
      kernel: { folder: dataDir, consent: privileged },
      growing: collecting !== null,
      after: collecting?.after ?? undefined,
    })
  }

  private show(progress: Extract<FromEngine, { kind: 'progress' }>['progress']): void {
    const { runId, spec, collecting, publish } = this.execution
    const { phase, message, lane, trial, trials, fraction, etaMs, sample } = progress
    this.shown = {
      runId,
      status: 'running',
      phase,
      message,
      lane: lane === null ? null : laneLabel(spec.lanes[lane]),
      trial: { index: trial, total: trials },
      fraction: Math.min(1, Math.max(0, fraction)),
      elapsedMs: this.elapsedMs(),
      etaMs,
      decision: collecting?.decision ?? null,
      sample,
    }
    publish(this.shown)
  }

  private unanswered(graceMs: number): LabFault {
    const { reason, remedy } = this.silence.why()
    return {
      code: 'cancelled',
      message: `The engine did not answer the cancel for ${graceMs / 1000} s and was ended: ${reason}.`,
      remedy,
    }
  }

  private elapsedMs(): number {
    return performance.now() - this.startedAt
  }

  private kill(): void {
    this.engine.kill('SIGKILL')
  }
}
