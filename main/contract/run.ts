import { z } from 'zod'
import { Collection } from './collection.ts'
import { LabFault } from './errors.ts'
import { HostReport } from './host.ts'
import { Twin } from './kernel-twin.ts'
import { LaneSpec } from './lane.ts'
import { Observer } from './observer.ts'
import { Mode, RecordedSpec } from './spec.ts'
import { TrialFacts } from './trial-facts.ts'

/** What a run leaves behind, and what it says while it is under way. Times are ns unless the name says otherwise. */

export const RunStatus = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted', 'invalid'])
export type RunStatus = z.infer<typeof RunStatus>

export const TrialStatus = z.enum(['done', 'failed', 'cancelled', 'invalid'])
export type TrialStatus = z.infer<typeof TrialStatus>

/** A metric of a lane: the median of its trials with a bootstrap 95 % interval (null where n < 3). */
export const Metric = z.object({
  median: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  unit: z.enum(['ns', 'per_s', 'bytes', 'pages', 'ratio', 's', 'count', 'share']),
  n: z.int().describe('trials'),
  better: z.enum(['lower', 'higher']),
})
export type Metric = z.infer<typeof Metric>

export const TrialReport = TrialFacts.extend({
  order: z.int().describe('position among all trials of the run, as carried out'),
  block: z
    .int()
    .describe('trials of one block were carried out side by side: at most one of each lane, in random order'),
  status: TrialStatus,
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  metrics: z.record(z.string(), z.number()),
  counters: z.record(z.string(), z.number()),
  verified: z.object({ pages: z.int(), mismatches: z.int() }),
  fault: LabFault.optional(),
  flags: z
    .array(z.string())
    .optional()
    .describe('what of the host may have moved this trial, in sentences; it stays in every figure'),
})
export type TrialReport = z.infer<typeof TrialReport>

/** A trial whose value lies far from its lane's others (Tukey's fences). A question about it; it stays in every figure. */
export const Outlier = z.object({
  metric: z.string(),
  order: z.int().describe('of the trial'),
  mark: z.enum(['outside', 'far']).describe('beyond 1.5 or 3 interquartile ranges from the quartiles'),
})
export type Outlier = z.infer<typeof Outlier>

export const LaneReport = z.object({
  label: z.string(),
  spec: LaneSpec,
  trials: z.array(TrialReport),
  metrics: z.record(z.string(), Metric),
  counters: z.record(z.string(), z.number()).describe('median over the trials'),
  outliers: z.array(Outlier),
  notes: z.array(z.string()).describe('what this lane had to do otherwise, e.g. "psync: io_uring is disabled"'),
})
export type LaneReport = z.infer<typeof LaneReport>

/** Trials that a lane's figures rest on. */
export const validTrials = ({ trials }: Pick<LaneReport, 'trials'>): number =>
  trials.filter(({ status }) => status === 'done').length

/** How many trials the figures of each lane rest on: "6 trials a lane", or "the valid trials (5 of raw; 6 of zcache lz4, zram)". */
export function trialsBehind(lanes: readonly LaneReport[]): string {
  const alike = Map.groupBy(lanes, validTrials)
  if (alike.size === 1) return [...alike.keys()].map((n) => `${n} ${n === 1 ? 'trial' : 'trials'} a lane`).join()
  return `the valid trials (${[...alike].map(([n, same]) => `${n} of ${same.map(({ label }) => label).join(', ')}`).join('; ')})`
}

/** Answer to "is writeback worth it here", or to whichever question the lanes allow. */
export const Verdict = z.object({
  question: z.string(),
  answer: z.enum(['yes', 'no', 'same', 'unknown']),
  sentence: z.string().describe('one sentence with the figures it rests on'),
})
export type Verdict = z.infer<typeof Verdict>

export const CorpusFacts = z.object({
  source: z.string().describe('e.g. "capture of pid 4711 (node)", "synthetic"'),
  synthetic: z.boolean(),
  pages: z.int(),
  zeroPages: z.int().describe('all-zero pages among them'),
  skippedZeroPages: z.int(),
  sha256: z.string(),
})
export type CorpusFacts = z.infer<typeof CorpusFacts>

/** What was written to the swap file before the first trial, over the once that made it. */
export const PreconditionFacts = z.object({
  bytes: z.number(),
  passes: z.number().describe('of the whole swap file'),
  perS: z.array(z.number()).describe('pages per second of each round, four to a pass'),
  steady: z.boolean(),
  reason: z.string().describe('one sentence with the figures it rests on'),
})
export type PreconditionFacts = z.infer<typeof PreconditionFacts>

/** How the swap file was really driven: what was asked may differ from what the host allows. */
export const SwapfileFacts = z.object({
  directory: z.string(),
  bytes: z.number(),
  direct: z.boolean(),
  io: z.enum(['psync', 'uring']),
  ioReason: z.string().optional().describe('why psync stands in for uring'),
  ring: z
    .object({
      depth: z.int(),
      completion: z.enum(['blocking', 'polled']),
      registered: z
        .enum(['buffers and file', 'buffers', 'file', 'nothing'])
        .describe('less than asked for where ulimit -l forbids'),
    })
    .optional()
    .describe('of io_uring; absent with psync and in older runs'),
  syncVerb: z.enum(['none', 'fdatasync', 'O_DSYNC']),
  cpu: z.int().nullable().default(null).describe('the engine was pinned to; null: any'),
  precondition: PreconditionFacts.optional().describe('file-level, not SNIA PTS; absent: none was asked for'),
})
export type SwapfileFacts = z.infer<typeof SwapfileFacts>

/** "uring, depth 64, blocking completion, registered buffers and file", or why psync stands in for it. */
export function ioWords({ io, ioReason, ring }: SwapfileFacts): string {
  if (ioReason) return `${io} (${ioReason})`
  if (!ring) return io
  return `${io}, depth ${ring.depth}, ${ring.completion} completion, ${ring.registered} registered`
}

export const RunSummary = z.object({
  id: z.string(),
  name: z.string(),
  mode: Mode,
  status: RunStatus,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  experimentHash: z.string(),
  hostId: z.string(),
  lanes: z.array(z.string()),
  trialsDone: z.int(),
  trialsTotal: z.int(),
  tags: z.array(z.string()),
  note: z.string(),
  headline: z.string().nullable().describe('the verdict in one sentence; of a run that failed, what went wrong'),
  baseline: z.boolean().describe('what later runs of this experiment on this host are compared with'),
})
export type RunSummary = z.infer<typeof RunSummary>

export const RunDocument = z.object({
  run: RunSummary.omit({ lanes: true }).extend({
    host: HostReport,
    warnings: z.array(z.string()),
    fault: LabFault.optional(),
    swapDir: z.string().nullable().describe('that was asked for, or the usual one; null: of another history'),
    swapfile: SwapfileFacts.nullable(),
    corpus: CorpusFacts.nullable(),
    version: z.string().describe('of Swaplab'),
    baselineId: z.string().nullable().describe('the baseline of this experiment on this host, which may be this run'),
    collection: Collection.nullable().describe('null where no more was ever to be collected than planned'),
  }),
  spec: RecordedSpec,
  trialOrder: z.array(z.string()).describe('lane labels in the order carried out'),
  lanes: z.array(LaneReport),
  verdicts: z.array(Verdict),
  twin: z.array(Twin).describe('empty where no kernel-zswap lane has a zswap lane with its codec'),
  verified: z.object({ pages: z.int(), mismatches: z.int() }),
  observer: Observer.nullable().describe('null where nothing was measured'),
})
export type RunDocument = z.infer<typeof RunDocument>

/** Merged over the trials of a lane: value (ns) at each quantile, made for a CDF with a log axis. */
export const Distribution = z.object({
  metric: z.string(),
  count: z.int(),
  sumNs: z.number(),
  points: z.array(z.object({ ns: z.number(), quantile: z.number().min(0).max(1) })),
})
export type Distribution = z.infer<typeof Distribution>

/** One sample of a time series; counters are per interval, gauges are at its end. `t` is ms since the trial's start. */
export const SeriesSample = z.object({
  t: z.number(),
  warmup: z.boolean(),
  accesses: z.int(),
  faultsPool: z.int(),
  faultsRemote: z.int().default(0).describe('from the memory of another machine'),
  faultsDisk: z.int(),
  faultsSwapcache: z.int(),
  faultsZero: z.int(),
  faultsZeromap: z.int().default(0),
  faultsFile: z.int().default(0).describe('from the mapped file'),
  faultsCleancache: z.int().default(0),
  poolFrames: z.int(),
  freeFrames: z.int(),
  inflight: z.int(),
  writtenBack: z.int().describe('pages'),
  bytesWritten: z.number(),
  bytesRead: z.number(),
})
export type SeriesSample = z.infer<typeof SeriesSample>

export const RunCharts = z.object({
  lanes: z.array(
    z.object({
      label: z.string(),
      distributions: z.array(Distribution),
      faultTime: z
        .array(z.object({ path: z.string(), ns: z.number(), count: z.int() }))
        .describe('sums per trial, median over trials'),
    }),
  ),
})
export type RunCharts = z.infer<typeof RunCharts>

/** How the trials of one block went over time. By block, because all trials of a long run are too much for one answer. */
export const RunSeries = z.object({
  lanes: z.array(
    z.object({
      label: z.string(),
      trial: z
        .int()
        .nullable()
        .describe('its place in the order carried out, 0-based; null: the lane has none in this block'),
      samples: z.array(SeriesSample),
    }),
  ),
})
export type RunSeries = z.infer<typeof RunSeries>

export const Progress = z.object({
  runId: z.string(),
  status: RunStatus,
  phase: z.enum([
    'queued',
    'permission',
    'prepare',
    'populate',
    'warmup',
    'measure',
    'drain',
    'verify',
    'save',
    'ended',
  ]),
  message: z.string(),
  lane: z.string().nullable(),
  trial: z.object({ index: z.int().describe('finished'), total: z.int() }),
  fraction: z.number().min(0).max(1).describe('of the whole run'),
  elapsedMs: z.number(),
  etaMs: z.number().nullable(),
  silence: z.string().optional().describe('of an engine that should have spoken: for how long, and what it is at'),
  decision: z.string().nullable().describe('of the lab, where it collects trials until the verdicts stand'),
  sample: SeriesSample.nullable().describe('since the last message'),
  fault: LabFault.optional(),
})
export type Progress = z.infer<typeof Progress>

export const RunEstimate = z.object({
  seconds: z.number().nullable().describe('null until this host was measured once'),
  diskBytes: z.number().describe('size of the swap file'),
  preparationBytes: z
    .number()
    .describe('most that is written before the first trial: writing through, preconditioning'),
  diskFreeBytes: z.number().describe('what a swap file may take: free space without the margin that stays free'),
  memoryBytes: z.number().describe('of the engine process'),
  basis: z.string().describe('what the time rests on'),
})
export type RunEstimate = z.infer<typeof RunEstimate>
