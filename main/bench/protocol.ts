import type {
  Calibration,
  CorpusFacts,
  ExperimentSpec,
  LabFault,
  SeriesSample,
  SwapfileFacts,
  TrialReport,
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
    }
  | { kind: 'calibrate'; swapDir: string; selfCorpus: string | null; codecs: boolean; disk: boolean }
  | { kind: 'cancel' }

export type EnginePhase = 'prepare' | 'populate' | 'warmup' | 'measure' | 'drain' | 'verify'

export interface EngineProgress {
  phase: EnginePhase
  message: string
  /** Index into spec.lanes, null before the first trial. */
  lane: number | null
  /** Trials begun, of all lanes. */
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
      /** Lane indices in the order they will be carried out, all trials of all lanes, shuffled in blocks by the seed. */
      trialOrder: number[]
      /** By lane index. */
      notes: string[][]
      /** null: a simulation, which looks at no clock. */
      observer: { clockNs: number; nullFaultNs: number; nullStoreNs: number } | null
    }
  | { kind: 'progress'; progress: EngineProgress }
  | {
      kind: 'trial'
      lane: number
      report: TrialReport
      histograms: Record<string, HistogramData>
      series: SeriesSample[]
    }
  | { kind: 'calibration'; calibration: Omit<Calibration, 'host'> }
  | { kind: 'end'; status: 'done' | 'failed' | 'cancelled'; fault?: LabFault }
