import { clearLine, cursorTo } from 'node:readline'
import { Presets, SingleBar } from 'cli-progress'
import type { Progress } from '../../contract/index.ts'

/** Lines at most this often where nobody looks at a terminal, ms. */
const LINE_EVERY_MS = 5000

export interface ProgressView {
  show(progress: Progress): void
  stop(): void
}

const BAR_STEPS = 1000

export function duration(ms: number): string {
  const s = Math.round(ms / 1000)
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`
}

/** What is under way. */
export function whereabouts(progress: Progress): string {
  if (progress.phase === 'queued' || progress.phase === 'permission') return progress.message
  if (progress.silence !== undefined) return progress.silence
  const { index, total } = progress.trial
  const where = progress.lane ? `${progress.lane}, trial ${index + 1} of ${total}, ` : ''
  return `${where}${progress.phase}`
}

/**
 * Progress on stderr: a bar where it is a terminal, else a line every five seconds.
 * @param asks a password may be asked for in that terminal, which a bar would write over
 */
export function openProgress(stream: NodeJS.WriteStream, asks = false): ProgressView {
  if (!stream.isTTY) return lines(stream)
  return asks ? afterPermission(bar(stream)) : bar(stream)
}

/** Shows nothing before the permission was given, or the first trial has begun without. */
function afterPermission(view: ProgressView): ProgressView {
  let asked = false
  let begun = false
  return {
    show(progress) {
      const { phase } = progress
      asked ||= phase === 'permission'
      begun ||= asked ? phase !== 'permission' : phase !== 'queued' && phase !== 'prepare'
      if (begun) view.show(progress)
    },
    stop: () => {
      if (begun) view.stop()
    },
  }
}

function bar(stream: NodeJS.WriteStream): ProgressView {
  const view = new SingleBar(
    { stream, format: '{bar} {percentage} %  {eta_text}  {what}', hideCursor: true, clearOnComplete: true, fps: 2 },
    Presets.shades_classic,
  )
  const payload = (progress: Progress) => ({
    what: whereabouts(progress),
    eta_text: progress.etaMs === null ? '' : `${duration(progress.etaMs)} left`,
  })
  let started = false
  return {
    show(progress) {
      const done = Math.round(progress.fraction * BAR_STEPS)
      if (started) view.update(done, payload(progress))
      else view.start(BAR_STEPS, done, payload(progress))
      started = true
    },
    stop: () => view.stop(),
  }
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  let last = Number.NEGATIVE_INFINITY
  return {
    show(progress) {
      const now = performance.now()
      if (now - last < LINE_EVERY_MS) return
      last = now
      const left = progress.etaMs === null ? '' : `, ${duration(progress.etaMs)} left`
      stream.write(`${Math.round(progress.fraction * 100)} %${left}: ${whereabouts(progress)}\n`)
    },
    stop() {},
  }
}

/**
 * Work that names its steps and knows no share of the whole: one line that is written over, on a terminal only.
 * @param asks a password may be asked for there: a line for each step then
 */
export function openSteps(
  stream: NodeJS.WriteStream,
  asks = false,
): { show(step: string, elapsedMs: number): void; stop(): void } {
  if (!stream.isTTY) return { show() {}, stop() {} }
  let last = ''
  if (asks)
    return {
      show(step) {
        if (step !== last) stream.write(`${step}\n`)
        last = step
      },
      stop() {},
    }
  const clear = () => {
    cursorTo(stream, 0)
    clearLine(stream, 0)
  }
  return {
    show(step, elapsedMs) {
      clear()
      stream.write(`${duration(elapsedMs)}  ${step}`.slice(0, (stream.columns || 80) - 1))
    },
    stop: clear,
  }
}
