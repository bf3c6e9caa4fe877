import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkExperiment, type SweepOutcome, sweep } from '../bench/index.ts'
import { type ExperimentSpec, LabError, type LabFault, laneLabel, parseSpec } from '../contract/index.ts'
import { captureToFile } from './files/corpus-capture.ts'
import { median } from './statistics/index.ts'

/** One specification of a sweep, simulated. */
export interface Swept {
  /** Empty where it failed. */
  lanes: { label: string; trials: number; metrics: Record<string, number>; counters: Record<string, number> }[]
  fault: LabFault | null
}

export interface SweepProgress {
  signal?: AbortSignal
  onDone?(done: number, of: number): void
  /** Before anything is simulated: this one cannot be. */
  onRefused?(index: number, fault: LabFault): void
}

/**
 * Simulates specifications on all CPUs of this host, whatever their mode. Nothing is kept in the history, and nothing touches a disk but the contents of this process, captured
 * once for all that ask for them. Figures are medians over the trials of a lane. One that cannot be carried out is found before any is simulated, and stops nobody.
 * @param inputs as a person wrote them
 * @throws LabError `bad_input` where one is none, or why the first cannot be carried out where none can; `cancelled`
 */
export async function sweepSpecs(inputs: readonly object[], progress: SweepProgress = {}): Promise<Swept[]> {
  const specs = inputs.map((input) => parseSpec({ ...input, mode: 'simulate' }))
  const faults = new Map<number, LabError>()
  for (const [index, spec] of specs.entries()) {
    const fault = await faultOfExperiment(spec)
    if (fault) faults.set(index, fault)
  }
  const [first] = faults.values()
  if (first && faults.size === specs.length) throw first
  for (const [index, fault] of faults) progress.onRefused?.(index, fault)
  const all: Swept[] = []
  for (const [index, fault] of faults) all[index] = { lanes: [], fault: fault.toFault() }
  const sound = [...specs.keys()].filter((index) => !faults.has(index))
  const swept = await simulated(
    sound.map((index) => specs[index]),
    progress,
  )
  for (const [at, index] of sound.entries()) all[index] = swept[at]
  return all
}

async function faultOfExperiment(spec: ExperimentSpec): Promise<LabError | null> {
  try {
    await checkExperiment(spec)
    return null
  } catch (error) {
    if (error instanceof LabError) return error
    throw error
  }
}

async function simulated(specs: readonly ExperimentSpec[], { signal, onDone }: SweepProgress): Promise<Swept[]> {
  const folder = await mkdtemp(join(tmpdir(), 'swaplab-sweep-'))
  try {
    let done = 0
    const outcomes = await sweep(specs, {
      selfCorpus: capturedSelf(specs, join(folder, 'self.corpus')),
      ...(signal && { signal }),
      onOutcome: (_, outcome) => {
        slim(outcome)
        onDone?.(++done, specs.length)
      },
    })
    return specs.map((spec, index) => sweptOf(spec, outcomes[index]))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Thousands are kept until the last one has ended: of each, figures only. */
function slim(outcome: SweepOutcome): void {
  if ('fault' in outcome) return
  for (const trial of outcome.result.trials) {
    trial.histograms = {}
    trial.series = []
  }
}

/** The same pages for all. */
function capturedSelf(specs: readonly ExperimentSpec[], out: string): string | null {
  for (const { workload, simulate } of specs) {
    const { content } = workload
    if (simulate.sizes !== 'corpus' || content.source !== 'capture' || content.pid !== 'self') continue
    captureToFile({ from: { pid: process.pid }, pages: content.pages, zeros: content.zeros, out })
    return out
  }
  return null
}

function sweptOf({ lanes }: ExperimentSpec, outcome: SweepOutcome): Swept {
  if ('fault' in outcome) return { lanes: [], fault: outcome.fault }
  return {
    lanes: lanes.map((lane, index) => {
      const trials = outcome.result.trials.filter((trial) => trial.lane === index)
      return {
        label: laneLabel(lane),
        trials: trials.length,
        metrics: medians(trials.map(({ metrics }) => metrics)),
        counters: medians(trials.map(({ counters }) => counters)),
      }
    }),
    fault: null,
  }
}

/** Of what every trial has. */
function medians(trials: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(trials[0] ?? {}).filter((name) => trials.every((trial) => name in trial))
  return Object.fromEntries(names.map((name) => [name, median(trials.map((trial) => trial[name]))]))
}
