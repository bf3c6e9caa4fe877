import type { Generated } from 'kysely'

/**
 * The tables, as SQLite stores them. Times are ISO 8601 in UTC; columns named *_json hold one JSON document each; booleans
 * are 0 or 1. Changing anything here needs a new migration.
 */
export interface Tables {
  hosts: HostsTable
  experiments: ExperimentsTable
  runs: RunsTable
  trials: TrialsTable
  metrics: MetricsTable
  histograms: HistogramsTable
  time_series: TimeSeriesTable
  measuring: MeasuringTable
  baselines: BaselinesTable
  sweeps: SweepsTable
  sweep_points: SweepPointsTable
}

/** One row per host identity; the report is the latest reading. */
interface HostsTable {
  id: string
  report_json: string
  first_seen: string
  last_seen: string
}

/** One row per distinct specification; `hash` is the sha256 of its canonical JSON. */
interface ExperimentsTable {
  hash: string
  spec_json: string
  lanes_json: string
  created_at: string
}

/** `seq` is the order of arrival, and so the order of the queue and of the history. */
export interface RunsTable {
  seq: Generated<number>
  id: string
  experiment_hash: string
  host_id: string
  name: string
  status: string
  started_at: string
  ended_at: string | null
  duration_ms: number | null
  version: string
  swap_dir: string
  host_json: string
  warnings_json: string
  fault_json: string | null
  swapfile_json: string | null
  corpus_json: string | null
  observer_json: string | null
  trial_order_json: string
  lane_notes_json: string
  collection_json: string | null
  tags_json: string
  note: string
  headline: string | null
  trials_total: number
  trials_done: number
  owner_pid: number | null
  owner_start: string | null
  owner_boot: string | null
  cancel_requested: number
  imported_at: string | null
  deleted_at: string | null
}

interface TrialsTable {
  id: Generated<number>
  run_id: string
  lane: number
  position: number
  block: number
  status: string
  started_at: string
  duration_ms: number
  counters_json: string
  verified_pages: number
  mismatches: number
  fault_json: string | null
  facts_json: string
}

interface MetricsTable {
  trial_id: number
  name: string
  value: number
}

/** `packed_buckets` as histogram-blob.ts packs them. */
interface HistogramsTable {
  trial_id: number
  name: string
  packed_buckets: Uint8Array
  sum_ns: number
  min_ns: number
  max_ns: number
}

/** `columns_json` as series-json.ts writes it. */
interface TimeSeriesTable {
  trial_id: number
  columns_json: string
}

/** At most one run for each experiment and host. */
interface BaselinesTable {
  experiment_hash: string
  host_id: string
  run_id: string
  pinned_at: string
}

/** At most one row (id = 1): who measures on this host now. */
interface MeasuringTable {
  id: number
  what: string
  run_id: string | null
  owner_pid: number
  owner_start: string
  owner_boot: string
  since: string
}

/** `seq` is the order of arrival. The specification is the one before anything is varied. */
export interface SweepsTable {
  seq: Generated<number>
  id: string
  name: string
  status: string
  version: string
  spec_json: string
  lanes_json: string
  axes_json: string
  points_total: number
  points_done: number
  started_at: string
  ended_at: string | null
  fault_json: string | null
  owner_pid: number
  owner_start: string
  owner_boot: string
  cancel_requested: number
  deleted_at: string | null
}

/** One row per point with an outcome. */
export interface SweepPointsTable {
  sweep_id: string
  position: number
  lanes_json: string
  fault_json: string | null
}
