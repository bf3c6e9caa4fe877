import { z } from 'zod'
import type { FullRunRow, NewTrial } from '../../../db/index.ts'
import {
  Collection,
  CorpusFacts,
  HostReport,
  LabError,
  LabFault,
  Observer,
  RecordedSpec,
  RunStatus,
  SeriesSample,
  SwapfileFacts,
  TrialReport,
} from '../../contract/index.ts'

/** A run, whole, as one JSON file: what export writes and import reads. */
const BUNDLE_FORMAT = 'swaplab-bundle'
const BUNDLE_VERSION = 1

/** No figure of a trial comes near; larger ones would overflow the statistics of every run beside this one. */
const MOST = Number.MAX_SAFE_INTEGER

const count = z.number().min(0).max(MOST)
const Histogram = z
  .strictObject({
    bucket: z.array(z.int().min(0).max(65_535)).max(65_536),
    count: z.array(z.int().min(0)).max(65_536),
    // Of as many events as are counted, each up to `max`.
    sum: z
      .number()
      .min(0)
      .max(MOST ** 2),
    min: count,
    max: count,
  })
  .refine((h) => h.bucket.length === h.count.length, { message: 'bucket and count differ in length' })
  .refine((h) => h.bucket.every((bucket, i) => i === 0 || bucket > h.bucket[i - 1]), {
    message: 'buckets do not ascend',
  })

/** What every object has ("constructor") would be taken for a figure of every trial. */
const Name = z
  .string()
  .max(100)
  .refine((name) => !(name in {}), { message: 'is no name of a figure' })
const Figures = z.record(Name, z.number().min(-MOST).max(MOST))

const StoredReport = TrialReport.extend({
  // Absent in bundles made before trials named their block: every block held every lane once.
  block: z.int().min(0).optional(),
  metrics: Figures,
  counters: Figures,
})

const Bundle = z
  .strictObject({
    format: z.literal(BUNDLE_FORMAT),
    formatVersion: z.literal(BUNDLE_VERSION),
    exportedAt: z.iso.datetime(),
    run: z.strictObject({
      id: z.string().regex(/^[\w-]{1,64}$/),
      name: z.string().min(1).max(120),
      status: RunStatus.exclude(['queued', 'running']),
      startedAt: z.iso.datetime(),
      endedAt: z.iso.datetime().nullable(),
      durationMs: count.nullable(),
      version: z.string().max(40),
      warnings: z.array(z.string()),
      fault: LabFault.nullable(),
      swapfile: SwapfileFacts.nullable(),
      corpus: CorpusFacts.nullable(),
      observer: Observer.nullable(),
      trialOrder: z.array(z.int().min(0)),
      laneNotes: z.array(z.array(z.string())),
      tags: z.array(z.string().max(40)).max(20),
      note: z.string().max(10_000),
      trialsTotal: z.int().min(0),
      // Absent in bundles made before more could be collected.
      collection: Collection.nullable().default(null),
    }),
    host: HostReport,
    spec: RecordedSpec,
    trials: z.array(
      z.strictObject({
        lane: z.int().min(0),
        report: StoredReport,
        histograms: z.record(Name, Histogram),
        series: z.array(SeriesSample),
      }),
    ),
  })
  .superRefine((bundle, context) => {
    const inRange = (lane: number) => lane < bundle.spec.lanes.length
    if (!bundle.trials.every((trial) => inRange(trial.lane)) || !bundle.run.trialOrder.every(inRange))
      context.addIssue({ code: 'custom', path: ['trials'], message: 'names a lane that the specification lacks' })
    if (new Set(bundle.trials.map((trial) => trial.report.order)).size !== bundle.trials.length)
      context.addIssue({ code: 'custom', path: ['trials'], message: 'has two trials at one position' })
  })
  .transform((bundle) => ({
    ...bundle,
    trials: bundle.trials.map((trial) => ({
      ...trial,
      report: {
        ...trial.report,
        block: trial.report.block ?? Math.floor(trial.report.order / bundle.spec.lanes.length),
      },
    })),
  }))
export type Bundle = z.infer<typeof Bundle>

/** @throws LabError `busy` before the run's end */
export function makeBundle(row: FullRunRow, trials: readonly NewTrial[], exportedAt: string): Bundle {
  return {
    format: BUNDLE_FORMAT,
    formatVersion: BUNDLE_VERSION,
    exportedAt,
    run: {
      id: row.id,
      name: row.name,
      status: endedStatus(row),
      startedAt: row.startedAt,
      endedAt: row.endedAt,
      durationMs: row.durationMs,
      version: row.version,
      warnings: row.warnings,
      fault: row.fault,
      swapfile: row.swapfile,
      corpus: row.corpus,
      observer: row.observer,
      trialOrder: row.trialOrder,
      laneNotes: row.laneNotes,
      tags: row.tags,
      note: row.note,
      trialsTotal: row.trialsTotal,
      collection: row.collection,
    },
    host: row.host,
    spec: row.spec,
    trials: [...trials],
  }
}

function endedStatus(row: FullRunRow): Bundle['run']['status'] {
  if (row.status === 'queued' || row.status === 'running')
    throw new LabError({
      code: 'busy',
      message: `Run ${row.id} is still ${row.status}: a bundle is made of a run that has ended.`,
      remedy: 'Wait for its end, or cancel it.',
    })
  return row.status
}

/**
 * Reads a bundle made by export.
 * @throws LabError `bad_input` for anything else, `unavailable` for one of a newer Swaplab, or that may be
 */
export function readBundle(text: string): Bundle {
  const refuse = (message: string) =>
    new LabError({
      code: 'bad_input',
      field: 'text',
      message,
      remedy: 'Import takes a bundle: Export on the page of a run, or "swaplab export RUN --format bundle".',
    })
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch (error) {
    // Where it is damaged, it says at which line and column.
    throw refuse(`The file is not JSON, so not a bundle: ${error instanceof Error ? error.message : error}.`)
  }
  const head = z.looseObject({ format: z.literal(BUNDLE_FORMAT), formatVersion: z.int() }).safeParse(input)
  if (!head.success) throw refuse('The file is not a Swaplab bundle.')
  if (head.data.formatVersion > BUNDLE_VERSION)
    throw newer(
      `The bundle was made by a newer Swaplab (format ${head.data.formatVersion}; this one reads up to ${BUNDLE_VERSION}).`,
    )
  const result = Bundle.safeParse(input)
  if (result.success) return result.data
  const { issues } = result.error
  const said = ({ path, message }: z.core.$ZodIssue) => `${path.join('.') || 'bundle'}: ${message}.`
  const damage = issues.find((issue) => !mayBeNewer(issue))
  if (damage) throw refuse(`The bundle is damaged: ${said(damage)}`)
  throw newer(
    `The bundle has something that this Swaplab does not know; perhaps it is of a newer version of Swaplab: ${said(issues[0])}`,
  )
}

const newer = (message: string) =>
  new LabError({ code: 'unavailable', field: 'text', message, remedy: 'Update Swaplab and import it again.' })

/** Options come without a new format: a field that is unknown, and in the specification a word or a lane. */
const mayBeNewer = ({ code, path }: z.core.$ZodIssue): boolean =>
  code === 'unrecognized_keys' || (path[0] === 'spec' && (code === 'invalid_value' || code === 'invalid_union'))
