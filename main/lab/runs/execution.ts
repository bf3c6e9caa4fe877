import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { History } from '../../../db/index.ts'
import { type FromEngine, sweepLeftovers } from '../../bench/index.ts'
import {
  type ExperimentSpec,
  faultOf,
  isKernelLane,
  LabError,
  type LabFault,
  laneLabel,
  type Progress,
  type RunStatus,
} from '../../contract/index.ts'
import type { Collecting } from './collect-more.ts'
import type { EngineProcess, EngineWishes } from './engine-process.ts'
import { Silence } from './silence.ts'
import { Validity } from './validity.ts'

/** How long the engine may take to answer a cancel before it is killed, ms. */
export const CANCEL_GRACE_MS = 10_000

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
  /** Copies pages of this process into a corpus file. */
  captureSelf: (file: string, content: { pages: number; zeros: 'skip' | 'keep' }) => Promise<void>
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
}

export const selfCorpusFile = (dataDir: string, runId: string) => join(dataDir, `self-${runId}.corpus`)

/** Carries out one run in an engine process of its own, writing each trial as it arrives. Every way it can end is a value. */
export async function execute(execution: Execution): Promise<Ending> {
  const { spec, runId, dataDir } = execution
  const { content } = spec.workload
  const corpus = content.source === 'capture' && content.pid === 'self' ? selfCorpusFile(dataDir, runId) : null
  try {
    if (corpus && content.source === 'capture') await execution.captureSelf(corpus, content)
    if (execution.cancel.aborted) return { status: 'cancelled' }
    if (execution.close.aborted) return { status: 'interrupted' }
    return await drive(execution, corpus)
  } catch (error) {
    return { status: 'failed', fault: faultOf(error) }
  } finally {
    if (corpus) await rm(corpus, { force: true })
  }
}

function drive(execution: Execution, selfCorpus: string | null): Promise<Ending> {
  const { runId, spec, swapDir, dataDir, privileged, history, collecting, cancel, close } = execution
  const startedAt = performance.now()
  const engine = execution.startEngine({ terminal: privileged && spec.lanes.some(isKernelLane) })
  return new Promise((resolve) => {
    let lastWord: Ending | undefined
    let broken: LabFault | undefined
    let killedBecause: LabFault | undefined
    // Messages are dealt with one after the other: a trial is in the history before the next message is looked at.
    let work: Promise<void> = Promise.resolve()
    const validity = new Validity(spec)
    const timers = new Set<NodeJS.Timeout>()
    const later = (ms: number, act: () => void) => {
      const timer = setTimeout(act, ms)
      timers.add(timer)
      return timer
    }
    const kill = () => engine.kill('SIGKILL')

    let last: Progress | undefined
    const publish = (progress: Progress) => {
      last = progress
      execution.publish(progress)
    }
    const silence = new Silence(engine, spec, {
      word: (silence) => last && execution.publish({ ...last, silence, elapsedMs: performance.now() - startedAt }),
      limit: (fault) => {
        killedBecause = fault
        kill()
      },
    })
    const onCancel = () => {
      engine.send({ kind: 'cancel' })
      const graceMs = execution.cancelGraceMs ?? CANCEL_GRACE_MS
      later(graceMs, () => {
        const { reason, remedy } = silence.why()
        killedBecause = {
          code: 'cancelled',
          message: `The engine did not answer the cancel for ${graceMs / 1000} s and was ended: ${reason}.`,
          remedy,
        }
        kill()
      })
    }

    const deal = async (message: FromEngine): Promise<void> => {
      switch (message.kind) {
        case 'ready':
          engine.send({
            kind: 'run',
            runId,
            spec,
            swapDir,
            selfCorpus,
            kernel: { folder: dataDir, consent: privileged },
            growing: collecting !== null,
            after: collecting?.after ?? undefined,
          })
          return
        case 'prepared':
          if (collecting?.after) return collecting.prepared(message.corpus, new Date())
          return history.changeRun(runId, {
            corpus: message.corpus ?? undefined,
            swapfile: message.swapfile ?? undefined,
            trialOrder: message.trialOrder,
            laneNotes: message.notes,
            observer: message.observer ?? undefined,
          })
        case 'progress': {
          const { phase, message: text, lane, trial, trials, fraction, etaMs, sample } = message.progress
          publish({
            runId,
            status: 'running',
            phase,
            message: text,
            lane: lane === null ? null : laneLabel(spec.lanes[lane]),
            trial: { index: trial, total: trials },
            fraction: Math.min(1, Math.max(0, fraction)),
            elapsedMs: performance.now() - startedAt,
            etaMs,
            decision: collecting?.decision ?? null,
            sample,
          })
          return
        }
        case 'trial':
          validity.note(message.lane, message.report)
          return history.addTrial(runId, message)
        case 'waiting':
          engine.send((await collecting?.decide()) ?? { kind: 'enough' })
          return
        case 'step':
        case 'calibration':
        case 'point':
          return
        case 'end': {
          const invalid = message.status === 'done' ? validity.fault() : null
          lastWord = invalid ? { status: 'invalid', fault: invalid } : { status: message.status, fault: message.fault }
          later(EXIT_GRACE_MS, kill)
          return
        }
        default:
          message satisfies never
      }
    }
    engine.onMessage((message) => {
      silence.broken()
      work = work
        .then(() => (broken ? undefined : deal(message)))
        .catch((error) => {
          // The history cannot be written any more: measuring on would be for nothing.
          broken = faultOf(error)
          kill()
        })
    })
    engine.onExit(async (code, signal) => {
      cancel.removeEventListener('abort', onCancel)
      close.removeEventListener('abort', kill)
      await work
      for (const timer of timers) clearTimeout(timer)
      silence.stop()
      if (broken) resolve({ status: 'failed', fault: broken })
      else if (lastWord) resolve(lastWord)
      else if (cancel.aborted) resolve({ status: 'cancelled', fault: killedBecause })
      else if (close.aborted) resolve({ status: 'interrupted' })
      else resolve({ status: 'failed', fault: killedBecause ?? deathOf(engine, code, signal) })
      if (!lastWord) removeLeftovers(swapDir)
    })
    silence.broken()
    if (cancel.aborted) onCancel()
    else cancel.addEventListener('abort', onCancel, { once: true })
    close.addEventListener('abort', kill, { once: true })
  })
}

/** The swap file of an engine that could not remove it itself. What cannot be removed now is tried again before the next run there. */
export function removeLeftovers(swapDir: string): void {
  try {
    sweepLeftovers(swapDir)
  } catch {
    // The directory is gone or unreadable: the run has failed for its own reason already.
  }
}

/** What an engine that ended without a last word leaves to say. */
export function deathOf(engine: EngineProcess, code: number | null, signal: string | null): LabFault {
  const how = signal
    ? `was killed by ${signal}`
    : code === null
      ? 'could not be started'
      : `ended with exit code ${code}`
  const tail = engine.stderr?.().trim()
  return new LabError({
    code: 'engine_died',
    message: `The engine process ${how} without a last word; the trials it had finished are kept.${tail ? ` Its last words on stderr: ${tail}` : ''}`,
    remedy:
      signal === 'SIGKILL'
        ? 'Where nobody killed it, the kernel may have for lack of memory (dmesg): use a smaller specification.'
        : 'Run it again; if it happens again, report it with the words above.',
  }).toFault()
}
