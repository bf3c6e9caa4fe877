import {
  type Calibration,
  type CorpusFacts,
  type ExperimentSpec,
  faultOf,
  type LabFault,
  type Observer,
  type SeriesSample,
  type SwapfileFacts,
  type TrialReport,
} from '../contract/index.ts'
import type { HistogramData } from './measure/histogram.ts'

/** The messages between the lab and the engine process. Structured clone on every carrier; one run per process. */

export type ToEngine =
  | {
      kind: 'run'
      runId: string
      spec: ExperimentSpec
      swapDir: string
      selfCorpus: string | null
      /** For kernel lanes: where their journal is kept, and whether sudo or pkexec may be used. Absent: none can run. */
      kernel?: { folder: string; consent: boolean }
      /** The lab decides after the planned trials whether more are needed. Absent: the planned ones are all. */
      growing?: boolean
      /** What an earlier process carried out of this run; then nothing is planned, and the lab says what is added. */
      after?: Carried
      /** For tests of the lab itself, which no door can reach: a lane is made slower by a known share. */
      burden?: Burden
    }
  /** In answer to `waiting`. */
  | { kind: 'more'; blocks: number; lanes: number[] }
  | { kind: 'enough' }
  | {
      kind: 'calibrate'
      swapDir: string
      selfCorpus: string | null
      codecs: boolean
      disk: boolean
      /** Fails where there is no fio. */
      needsFio: boolean
      /** As for a run; absent: the kernel is not compared with. */
      kernel?: { folder: string; consent: boolean }
    }
  /** Loads the policy files, and looks at the lanes that take them. */
  | { kind: 'check'; spec: ExperimentSpec }
  | {
      kind: 'sweep'
      points: { position: number; spec: ExperimentSpec }[]
      /** A corpus file for content "capture" of pid "self", the same for all points. */
      selfCorpus: string | null
    }
  | { kind: 'cancel' }

/** Trials that are there already. */
export interface Carried {
  /** Position of the next trial. */
  trials: number
  /** Trials in each block so far. */
  blocks: number[]
}

/** Time burnt in the measured part of every trial of a lane, as a share of the time its accesses take by themselves. */
interface Burden {
  lane: number
  share: number
}

export type EnginePhase = 'permission' | 'prepare' | 'populate' | 'warmup' | 'measure' | 'drain' | 'verify'

interface EngineProgress {
  phase: EnginePhase
  message: string
  /** Index into spec.lanes, null before the first trial. */
  lane: number | null
  /** Trials finished, of all lanes. */
  trial: number
  trials: number
  /** Of the whole run, 0..1. */
  fraction: number
  etaMs: number | null
  sample: SeriesSample | null
}

export type FromEngine =
  | { kind: 'ready' }
  | {
      kind: 'prepared'
      /** null: a simulation with sizes from a distribution. */
      corpus: CorpusFacts | null
      /** null: a simulation. */
      swapfile: SwapfileFacts | null
      /** Lane indices in the order they will be carried out: the planned trials of all lanes, shuffled in blocks by the seed. */
      trialOrder: number[]
      /** By lane index. */
      notes: string[][]
      /** null: a simulation, which looks at no clock. */
      observer: Observer | null
    }
  | { kind: 'progress'; progress: EngineProgress }
  | {
      kind: 'trial'
      lane: number
      report: TrialReport
      histograms: Record<string, HistogramData>
      series: SeriesSample[]
    }
  /** All that was asked for is carried out. The swap file and the contents are kept until the lab has answered. */
  | { kind: 'waiting' }
  /** What a calibration is at, for a person. */
  | { kind: 'step'; step: string }
  | { kind: 'calibration'; calibration: Omit<Calibration, 'host'> }
  /** A point of a sweep, simulated. */
  | { kind: 'point'; position: number; trials: { lane: number; metrics: Record<string, number> }[] }
  | { kind: 'point'; position: number; fault: LabFault }
  | { kind: 'end'; status: 'done' | 'failed' | 'cancelled'; fault?: LabFault }

/** Carries out what was asked for, and says how it ended: the last message, whatever happens. */
export async function endOf(work: () => Promise<void>): Promise<Extract<FromEngine, { kind: 'end' }>> {
  try {
    await work()
    return { kind: 'end', status: 'done' }
  } catch (error) {
    const fault = faultOf(error)
    return fault.code === 'cancelled' ? { kind: 'end', status: 'cancelled' } : { kind: 'end', status: 'failed', fault }
  }
}
