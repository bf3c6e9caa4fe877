import type { FromEngine } from '../../bench/index.ts'
import {
  type ExperimentSpec,
  faultOf,
  LabError,
  type LabFault,
  laneLabel,
  type SweepPoint,
  type SweepStatus,
} from '../../contract/index.ts'
import type { HostEyes } from '../host/eyes.ts'
import { deathOf, endWhenAsked } from '../runs/engine-end.ts'
import type { EngineProcess } from '../runs/engine-process.ts'
import { selfContent, selfCorpusFile, withSelfCorpus } from '../runs/self-corpus.ts'
import { median } from '../statistics/index.ts'
import type { SweepPlan } from './plan.ts'

/** Outcomes are written down this often, ms: thousands come in a second. */
const WRITE_EVERY_MS = 500

export interface SweepExecution {
  id: string
  points: SweepPlan['points']
  dataDir: string
  startEngine: () => EngineProcess
  captureSelf: HostEyes['captureSelf']
  /** Writes outcomes down. */
  keep: (points: SweepPoint[]) => Promise<void>
  /** Aborted when somebody asks to cancel. */
  cancel: AbortSignal
  /** Aborted when the lab closes: the engine is killed at once. */
  close: AbortSignal
}

export const sweepCorpusFile = (dataDir: string, id: string) => selfCorpusFile(dataDir, `sweep-${id}`)

export interface SweepEnding {
  status: SweepStatus
  fault: LabFault | null
}

/** Has an engine process simulate the points, keeping each outcome. Every way it can end is a value. */
export async function executeSweep(execution: SweepExecution): Promise<SweepEnding> {
  const { id, points, dataDir, captureSelf } = execution
  const content = capturedSelf(points.map(({ spec }) => spec))
  try {
    return await withSelfCorpus(sweepCorpusFile(dataDir, id), content, captureSelf, (corpus) =>
      drive(execution, corpus),
    )
  } catch (error) {
    return { status: 'failed', fault: faultOf(error) }
  }
}

/** The contents of this process that the points ask for: those of the first, for all of them. */
function capturedSelf(specs: readonly ExperimentSpec[]) {
  const asking = specs.find(({ workload, simulate }) => simulate.sizes === 'corpus' && selfContent(workload.content))
  return asking ? selfContent(asking.workload.content) : null
}

function drive(execution: SweepExecution, selfCorpus: string | null): Promise<SweepEnding> {
  const { points, startEngine, keep, cancel, close } = execution
  const specs = new Map(points.map(({ position, spec }) => [position, spec]))
  let outcomes: SweepPoint[] = []
  let writing: Promise<void> = Promise.resolve()
  let broken: LabFault | null = null
  let lastWord: SweepEnding | null = null
  const engine = startEngine()
  const write = () => {
    const some = outcomes
    outcomes = []
    if (some.length === 0) return
    writing = writing
      .then(() => keep(some))
      .catch((error) => {
        // The history cannot be written any more: simulating on would be for nothing.
        broken ??= faultOf(error)
        engine.kill('SIGKILL')
      })
  }
  const writer = setInterval(write, WRITE_EVERY_MS)
  engine.onMessage((message) => {
    if (message.kind === 'ready') engine.send({ kind: 'sweep', points, selfCorpus })
    if (message.kind === 'point') outcomes.push(pointOf(message, specs.get(message.position)))
    if (message.kind === 'end') lastWord = { status: message.status, fault: message.fault ?? null }
  })
  const letGo = endWhenAsked(engine, { cancel, close })
  return new Promise((resolve) => {
    engine.onExit(async (code, signal) => {
      clearInterval(writer)
      letGo()
      write()
      await writing
      if (broken) resolve({ status: 'failed', fault: broken })
      else if (lastWord) resolve(lastWord)
      else if (cancel.aborted) resolve({ status: 'cancelled', fault: null })
      else if (close.aborted) resolve({ status: 'interrupted', fault: interruption() })
      else resolve({ status: 'failed', fault: deathOf(engine, code, signal) })
    })
  })
}

/** Figures are medians over the trials of a lane, of what every trial has. */
function pointOf(message: Extract<FromEngine, { kind: 'point' }>, spec: ExperimentSpec | undefined): SweepPoint {
  const { position } = message
  if ('fault' in message || !spec) return { position, lanes: [], fault: 'fault' in message ? message.fault : null }
  const lanes = spec.lanes.map((lane, index) => {
    const trials = message.trials.flatMap((trial) => (trial.lane === index ? [trial.metrics] : []))
    return { label: laneLabel(lane), trials: trials.length, metrics: medians(trials) }
  })
  return { position, lanes, fault: null }
}

function medians(trials: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(trials[0] ?? {}).filter((name) => trials.every((trial) => name in trial))
  return Object.fromEntries(names.map((name) => [name, median(trials.map((trial) => trial[name]))]))
}

/** Of a sweep whose lab went away. */
export const interruption = (): LabFault =>
  new LabError({
    code: 'engine_died',
    message: 'Swaplab ended during this sweep; the points it had finished are kept.',
    remedy: 'Start it again: the same specification and values give the same points.',
  }).toFault()
