import type { Kysely, Transaction } from 'kysely'
import { type SeriesSample, TrialFacts, TrialStatus } from '../main/contract/index.ts'
import { packBuckets, type StoredHistogram, unpackBuckets } from './histogram-blob.ts'
import type { NewTrial, TrialRow } from './rows.ts'
import type { Tables } from './schema.ts'
import { seriesFromJson, seriesToJson } from './series-json.ts'

/** Writes one finished trial with everything it measured, whole or not at all. */
export async function addTrial(db: Kysely<Tables>, runId: string, trial: NewTrial): Promise<void> {
  await db.transaction().execute((tx) => insertTrial(tx, runId, trial))
}

/** As addTrial, inside a transaction of the caller. */
export async function insertTrial(tx: Transaction<Tables>, runId: string, trial: NewTrial): Promise<void> {
  const { report } = trial
  const { id } = await tx
    .insertInto('trials')
    .values({
      run_id: runId,
      lane: trial.lane,
      position: report.order,
      block: report.block,
      status: report.status,
      started_at: report.startedAt,
      duration_ms: report.durationMs,
      counters_json: JSON.stringify(report.counters),
      verified_pages: report.verified.pages,
      mismatches: report.verified.mismatches,
      fault_json: report.fault ? JSON.stringify(report.fault) : null,
      facts_json: JSON.stringify(TrialFacts.parse(report)),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const metrics = Object.entries(report.metrics).filter(([, value]) => Number.isFinite(value))
  if (metrics.length > 0)
    await tx
      .insertInto('metrics')
      .values(metrics.map(([name, value]) => ({ trial_id: id, name, value })))
      .execute()
  for (const [name, histogram] of Object.entries(trial.histograms))
    await tx
      .insertInto('histograms')
      .values({
        trial_id: id,
        name,
        packed_buckets: packBuckets(histogram),
        sum_ns: histogram.sum,
        min_ns: histogram.min,
        max_ns: histogram.max,
      })
      .execute()
  if (trial.series.length > 0)
    await tx
      .insertInto('time_series')
      .values({ trial_id: id, columns_json: seriesToJson(trial.series) })
      .execute()
  await tx
    .updateTable('runs')
    .set((row) => ({ trials_done: row('trials_done', '+', report.status === 'done' ? 1 : 0) }))
    .where('id', '=', runId)
    .execute()
}

/** The trials of a run in the order carried out, with their metrics and counters. */
export async function readTrials(db: Kysely<Tables>, runId: string): Promise<TrialRow[]> {
  const rows = await db.selectFrom('trials').selectAll().where('run_id', '=', runId).orderBy('position').execute()
  const metrics = await db
    .selectFrom('metrics')
    .innerJoin('trials', 'trials.id', 'metrics.trial_id')
    .select(['metrics.trial_id', 'metrics.name', 'metrics.value'])
    .where('trials.run_id', '=', runId)
    .execute()
  const byTrial = new Map<number, Record<string, number>>()
  for (const { trial_id, name, value } of metrics) {
    const named = byTrial.get(trial_id) ?? {}
    named[name] = value
    byTrial.set(trial_id, named)
  }
  return rows.map((row) => ({
    lane: row.lane,
    report: {
      order: row.position,
      block: row.block,
      status: TrialStatus.parse(row.status),
      startedAt: row.started_at,
      durationMs: row.duration_ms,
      metrics: byTrial.get(row.id) ?? {},
      counters: JSON.parse(row.counters_json),
      verified: { pages: row.verified_pages, mismatches: row.mismatches },
      ...(row.fault_json ? { fault: JSON.parse(row.fault_json) } : {}),
      ...JSON.parse(row.facts_json),
    },
  }))
}

/** Every histogram of a run; `name` narrows to one metric. */
export async function readHistograms(
  db: Kysely<Tables>,
  runId: string,
  name?: string,
): Promise<{ lane: number; position: number; name: string; histogram: StoredHistogram }[]> {
  let query = db
    .selectFrom('histograms')
    .innerJoin('trials', 'trials.id', 'histograms.trial_id')
    .select([
      'trials.lane',
      'trials.position',
      'histograms.name',
      'histograms.packed_buckets',
      'histograms.sum_ns',
      'histograms.min_ns',
      'histograms.max_ns',
    ])
    .where('trials.run_id', '=', runId)
    .orderBy('trials.position')
    .orderBy('histograms.name')
  if (name !== undefined) query = query.where('histograms.name', '=', name)
  const rows = await query.execute()
  return rows.map((row) => ({
    lane: row.lane,
    position: row.position,
    name: row.name,
    histogram: { ...unpackBuckets(row.packed_buckets), sum: row.sum_ns, min: row.min_ns, max: row.max_ns },
  }))
}

/** Of the trials at `places` in the order carried out; of all where none are named. */
export async function readSeries(
  db: Kysely<Tables>,
  runId: string,
  places?: readonly number[],
): Promise<{ lane: number; position: number; samples: SeriesSample[] }[]> {
  let query = db
    .selectFrom('time_series')
    .innerJoin('trials', 'trials.id', 'time_series.trial_id')
    .select(['trials.lane', 'trials.position', 'time_series.columns_json'])
    .where('trials.run_id', '=', runId)
    .orderBy('trials.position')
  if (places) query = query.where('trials.position', 'in', places)
  const rows = await query.execute()
  return rows.map((row) => ({
    lane: row.lane,
    position: row.position,
    samples: seriesFromJson(row.columns_json),
  }))
}
