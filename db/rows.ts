import type {
  Collection,
  CorpusFacts,
  ExperimentSpec,
  HostReport,
  LabFault,
  Mode,
  RunDocument,
  RunStatus,
  SeriesSample,
  SwapfileFacts,
  SweepDocument,
  SweepSummary,
  TrialReport,
} from '../main/contract/index.ts'
import type { StoredHistogram } from './histogram-blob.ts'

/** The process that answers for a run: a pid alone may be reused, so its start time and the boot tell it apart. */
export interface Owner {
  pid: number
  /** Field 22 of /proc/PID/stat, clock ticks since boot. */
  start: string
  /** /proc/sys/kernel/random/boot_id */
  boot: string
}

export interface NewRun {
  id: string
  experimentHash: string
  name: string
  startedAt: string
  version: string
  swapDir: string
  host: HostReport
  warnings: string[]
  trialsTotal: number
  owner: Owner
}

/** What a run learns after it was queued; each field given is written. */
export interface RunChanges {
  status?: RunStatus
  startedAt?: string
  endedAt?: string
  durationMs?: number
  warnings?: string[]
  fault?: LabFault
  swapfile?: SwapfileFacts
  corpus?: CorpusFacts
  observer?: NonNullable<RunDocument['observer']>
  trialOrder?: number[]
  laneNotes?: string[][]
  tags?: string[]
  note?: string
  headline?: string | null
  trialsTotal?: number
  collection?: Collection
}

export interface RunRow {
  id: string
  experimentHash: string
  hostId: string
  name: string
  mode: Mode
  status: RunStatus
  startedAt: string
  endedAt: string | null
  durationMs: number | null
  /** Labels of the lanes, in the order of the specification. */
  lanes: string[]
  trialsDone: number
  trialsTotal: number
  tags: string[]
  note: string
  headline: string | null
  owner: Owner | null
  cancelRequested: boolean
  deletedAt: string | null
  /** It is the baseline of its experiment on its host. */
  baseline: boolean
}

export interface FullRunRow extends RunRow {
  spec: ExperimentSpec
  version: string
  swapDir: string
  /** null: measured here. */
  importedAt: string | null
  host: HostReport
  warnings: string[]
  fault: LabFault | null
  swapfile: SwapfileFacts | null
  corpus: CorpusFacts | null
  observer: RunDocument['observer']
  /** Lane indices in the order carried out. */
  trialOrder: number[]
  laneNotes: string[][]
  collection: Collection | null
}

export interface TrialRow {
  /** Index into spec.lanes. */
  lane: number
  report: TrialReport
}

export interface NewTrial extends TrialRow {
  histograms: Record<string, StoredHistogram>
  series: SeriesSample[]
}

export type NewSweep = Omit<SweepSummary, 'status' | 'done' | 'endedAt' | 'fault'> & {
  spec: SweepDocument['spec']
  /** Of Swaplab. */
  version: string
  owner: Owner
}

export interface SweepRow extends SweepSummary {
  spec: SweepDocument['spec']
  version: string
  owner: Owner
  cancelRequested: boolean
}
