import { setTimeout as pause } from 'node:timers/promises'
import { LOCKED, sweepLeftovers, sweepNodes } from '../../bench/index.ts'
import { type ExperimentSpec, LabError, type LabFault } from '../../contract/index.ts'
import type { EngineProcess } from './engine-process.ts'

/** How long the engine may take to answer a cancel before it is killed, ms. */
export const CANCEL_GRACE_MS = 10_000

export interface EndSignals {
  /** Aborted when somebody asks to cancel: the engine is told. */
  cancel: AbortSignal
  /** Aborted when the lab closes: the engine is killed at once. */
  close: AbortSignal
  graceMs?: number
  /** It has not answered the cancel, and is killed now. */
  unanswered?: () => void
}

/** Ends an engine process when it is asked for, or was before. The returned function lets go of the signals. */
export function endWhenAsked(engine: EngineProcess, signals: EndSignals): () => void {
  const { cancel, close, graceMs = CANCEL_GRACE_MS, unanswered } = signals
  let grace: NodeJS.Timeout | undefined
  const onClose = () => engine.kill('SIGKILL')
  const onCancel = () => {
    engine.send({ kind: 'cancel' })
    grace = setTimeout(() => {
      unanswered?.()
      engine.kill('SIGKILL')
    }, graceMs)
  }
  if (cancel.aborted) onCancel()
  else cancel.addEventListener('abort', onCancel)
  if (close.aborted) onClose()
  else close.addEventListener('abort', onClose)
  return () => {
    clearTimeout(grace)
    cancel.removeEventListener('abort', onCancel)
    close.removeEventListener('abort', onClose)
  }
}

/** The swap file of an engine that could not remove it itself. What cannot be removed now is tried again before the next run there. */
export function removeLeftovers(swapDir: string): void {
  try {
    sweepLeftovers(swapDir)
  } catch {
    // The directory is gone or unreadable: the run has failed for its own reason already.
  }
}

/** How often, and how long at most, the lock of a dead engine is waited for, ms. */
const LOCK_MS = { look: 20, most: 2000 }

/** The same of an engine that has just died. */
export async function removeLeftByDead(swapDir: string, ms = LOCK_MS): Promise<void> {
  try {
    const until = performance.now() + ms.most
    while (sweepLeftovers(swapDir).kept.some(({ reason }) => reason === LOCKED) && performance.now() < until)
      await pause(ms.look)
  } catch {
    // As above.
  }
}

/**
 * The same of a run, and its pages at nodes where it may have `sent` any.
 * @returns what became of those, in sentences for its warnings
 */
export async function removeLeftOf(
  run: { id: string; spec: ExperimentSpec; swapDir: string },
  sent: boolean,
): Promise<string[]> {
  await removeLeftByDead(run.swapDir)
  return sent ? sweepNodes(run.spec, run.id) : []
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
