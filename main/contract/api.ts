import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { Comparison, LaneComparison, MOST_NEW_RUNS } from './compare.ts'
import { LabFault } from './errors.ts'
import { ExperimentSpec } from './experiment.ts'
import { Calibration, CalibrationPeer, CalibrationState, CodecFacts, HostCheck, HostReport } from './host.ts'
import { KernelConsent } from './kernel-consent.ts'
import { AllocatorName } from './lane.ts'
import { PolicyParameter } from './policy-parameters.ts'
import { Progress, RunCharts, RunDocument, RunEstimate, RunSeries, RunStatus, RunSummary } from './run.ts'
import { specProblem } from './spec-problem.ts'
import { SweepDocument, SweepRequest, SweepState, SweepSummary } from './sweep.ts'
import { Trend } from './trend.ts'
import { NamedWorkload } from './workload.ts'

/**
 * What the lab can be asked. One oRPC contract, carried by every door: MessagePort (Electron), WebSocket (browser),
 * in-process (command line). A refusal is the one defined error `LAB`, whose data is a LabFault.
 */
const lab = oc.errors({ LAB: { status: 422, data: LabFault } })

// What is wrong with any input is said in the words that a specification's fields have.
z.config({ customError: specProblem })

const runId = z.object({ id: z.string().min(1).max(64) })
const sweepId = runId

export const Preset = z.object({
  name: z.enum(['quick', 'standard', 'thorough', 'remote', 'twin']),
  title: z.string(),
  description: z.string(),
  spec: ExperimentSpec,
})
export type Preset = z.infer<typeof Preset>

export const LaneFacts = z.object({
  lane: z.string(),
  title: z.string(),
  description: z.string(),
  needs: z.array(z.string()),
  available: z.boolean(),
  reason: z.string().nullable(),
})
export type LaneFacts = z.infer<typeof LaneFacts>

export const PolicyFacts = z.object({
  policy: z.string(),
  title: z.string(),
  rule: z.string(),
  source: z.string(),
  needs: z.array(z.string()).describe('what no kernel could give it, in words; empty for all but bounds'),
  parameters: z.array(PolicyParameter),
  lanes: z.array(z.string()),
})
export type PolicyFacts = z.infer<typeof PolicyFacts>

export const AllocatorFacts = z.object({
  allocator: AllocatorName,
  title: z.string(),
  description: z.string(),
  source: z.string(),
  maxZpageBytes: z.int().describe('larger zpages are refused'),
  zpagesPerFrame: z
    .int()
    .nullable()
    .describe('most a frame holds, and so the highest effective ratio; null: as many as fit'),
  frameOnDemand: z
    .boolean()
    .describe('whether it gives a frame back when asked, for the zpages in it: policies by frame need that'),
})
export type AllocatorFacts = z.infer<typeof AllocatorFacts>

/** The user's consent to sudo or pkexec, for what needs root. Never needed where the lab itself runs as root. */
const privileged = z.boolean().default(false)

/** A specification as typed by a person; the lab validates it and answers with a LabFault that names the field. */
const looseSpec = z.unknown()
const swapDir = z.string().optional().describe('directory for the swap file; default: beside the history')

export const contract = {
  presets: lab.output(z.array(Preset)),
  workloads: lab.output(z.array(NamedWorkload)),
  lanes: lab.output(z.array(LaneFacts)),
  policies: lab.output(z.array(PolicyFacts)),
  allocators: lab.output(z.array(AllocatorFacts)),
  codecs: lab.output(z.array(CodecFacts)),
  host: {
    get: lab.input(z.object({ swapDir })).output(HostReport),
    check: lab
      .input(z.object({ swapDir }))
      .output(HostCheck)
      .route({ description: 'takes about 2 s: background I/O is sampled' }),
    calibrate: lab
      .input(
        z.object({
          swapDir,
          codecs: z.boolean().default(true),
          disk: z.boolean().default(true),
          against: CalibrationPeer.nullable()
            .default(null)
            .describe("fio: it must be there; kernel: this host's own zswap, in turns"),
          privileged,
        }),
      )
      .output(Calibration),
    calibration: lab.output(CalibrationState),
    cancelCalibration: lab
      .output(z.object({ cancelled: z.boolean() }))
      .route({ description: 'the one of this lab, where there is one; its caller is answered with "cancelled"' }),
    consent: lab
      .input(z.object({ spec: looseSpec.optional().describe('absent: a calibration against the kernel'), swapDir }))
      .output(KernelConsent)
      .route({ description: 'what a run would change on this host, and who has to be asked' }),
    restore: lab
      .input(z.object({ privileged }))
      .output(z.object({ done: z.array(z.string()), left: z.array(z.string()) }))
      .route({ description: 'puts back the swap settings that a kernel lane which was killed left changed' }),
  },
  spec: {
    validate: lab
      .input(z.object({ spec: looseSpec }))
      .output(z.object({ spec: ExperimentSpec, hash: z.string() }))
      .route({
        description:
          'refuses what start would refuse, but for the swap directory, consent, and what stands in a policy file',
      }),
    write: lab
      .input(z.object({ spec: looseSpec }))
      .output(z.object({ yaml: z.string() }))
      .route({ description: 'as text, whether or not it can be carried out here' }),
    parse: lab
      .input(z.object({ text: z.string().max(1_000_000) }))
      .output(ExperimentSpec)
      .route({ description: 'YAML or JSON text' }),
    estimate: lab.input(z.object({ spec: looseSpec, swapDir })).output(RunEstimate),
  },
  runs: {
    check: lab
      .input(z.object({ spec: looseSpec, swapDir, privileged }))
      .output(z.object({ spec: ExperimentSpec, hash: z.string() }))
      .route({ description: 'refuses what start would refuse, policy files loaded; starts nothing' }),
    start: lab.input(z.object({ spec: looseSpec, swapDir, privileged })).output(runId),
    more: lab
      .input(runId.extend({ privileged }))
      .output(runId)
      .route({ description: 'adds blocks to a finished run until its verdicts stand' }),
    cancel: lab.input(runId).output(z.object({ cancelled: z.boolean() })),
    watch: lab
      .input(runId)
      .output(eventIterator(Progress))
      .route({ description: 'last state first; ends with the run' }),
    active: lab.output(z.array(Progress)),
    list: lab
      .input(
        z.object({
          limit: z.int().min(1).max(1000).default(200),
          offset: z.int().min(0).default(0),
          search: z.string().max(200).default(''),
          statuses: z.array(RunStatus).default([]).describe('any of these; none: every status'),
        }),
      )
      .output(z.object({ runs: z.array(RunSummary), total: z.int() })),
    get: lab.input(runId).output(RunDocument),
    charts: lab.input(runId).output(RunCharts),
    series: lab.input(runId.extend({ block: z.int().min(0).describe('0-based') })).output(RunSeries),
    delete: lab.input(runId).output(z.object({ undoUntil: z.iso.datetime() })),
    undelete: lab.input(runId).output(RunSummary),
    tag: lab.input(runId.extend({ tags: z.array(z.string().trim().min(1).max(40)).max(20) })).output(RunSummary),
    note: lab.input(runId.extend({ note: z.string().max(10_000) })).output(RunSummary),
    compare: lab
      .input(
        z.object({
          base: z
            .string()
            .optional()
            .describe('default: the baseline of the experiment of the first new run, on its host'),
          new: z.array(z.string()).min(1).max(MOST_NEW_RUNS),
          gates: z.array(z.string()).default([]),
        }),
      )
      .output(Comparison),
    compareLanes: lab
      .input(
        runId.extend({
          base: z.string().optional(),
          new: z.string().optional(),
          gates: z.array(z.string()).default([]),
        }),
      )
      .output(LaneComparison)
      .route({ description: 'two lanes of one run, by label; default: those of its first verdict' }),
    pin: lab
      .input(runId)
      .output(RunSummary)
      .route({ description: 'makes it the baseline of its experiment on its host' }),
    unpin: lab.input(runId).output(RunSummary),
    trend: lab
      .input(runId.extend({ lane: z.string().optional(), metric: z.string().default('accesses.per_s') }))
      .output(Trend)
      .route({ description: 'the runs of the same experiment on the same host' }),
    export: lab
      .input(runId.extend({ format: z.enum(['json', 'csv', 'html', 'bundle']) }))
      .output(z.object({ filename: z.string(), mime: z.string(), text: z.string() })),
    import: lab
      .input(z.object({ text: z.string() }))
      .output(RunSummary)
      .route({ description: 'a bundle made by export' }),
  },
  sweeps: {
    check: lab
      .input(SweepRequest)
      .output(z.object({ points: z.int() }))
      .route({ description: 'every value by itself; which combinations are possible is found at the start' }),
    start: lab.input(SweepRequest).output(sweepId).route({
      description:
        'combinations that are not possible become points with a fault, as long as every value is possible in one',
    }),
    cancel: lab
      .input(sweepId)
      .output(z.object({ cancelled: z.boolean() }))
      .route({ description: 'keeps the points there are' }),
    list: lab
      .input(z.object({ limit: z.int().min(1).max(1000).default(200), offset: z.int().min(0).default(0) }))
      .output(z.object({ sweeps: z.array(SweepSummary), total: z.int() }))
      .route({ description: 'the latest first' }),
    state: lab.input(sweepId).output(SweepState),
    get: lab.input(sweepId).output(SweepDocument),
    delete: lab.input(sweepId).output(z.object({ undoUntil: z.iso.datetime() })),
    undelete: lab.input(sweepId).output(SweepSummary),
  },
  about: lab.output(z.object({ version: z.string(), dataDir: z.string(), door: z.enum(['electron', 'web', 'cli']) })),
}
export type LabContract = typeof contract
