import type { FullRunRow, History, TrialRow } from '../../../db/index.ts'
import type { Carried, ToEngine } from '../../bench/index.ts'
import {
  type AdaptiveSpec,
  type Collection,
  type CorpusFacts,
  type ExperimentSpec,
  type LaneReport,
  metricFacts,
} from '../../contract/index.ts'
import { commonMetrics, pairedBlocks } from '../judging/blocks.ts'
import { questionsOf } from '../judging/questions.ts'
import { laneReports } from '../report/report.ts'
import { type AdaptivePlan, adaptivePlan, judgeBlockedAll } from '../statistics/index.ts'

/** Blocks added to a run until the verdicts of its questions stand. */

/** What to add next: the comparisons are the questions of the run, in each metric that has to be settled. */
export function planMore(lanes: readonly LaneReport[], { limit, metrics }: AdaptiveSpec): AdaptivePlan {
  const asked = questionsOf(lanes).flatMap((question) =>
    (metrics.length > 0 ? metrics : [question.measure.metric]).map((metric) => ({ ...question, metric })),
  )
  const open = asked.filter(({ base, next, metric }) => commonMetrics(base, next).includes(metric))
  const lacking = [...new Set(asked.filter((one) => !open.includes(one)).map(({ metric }) => metric))]
  const unmeasured =
    lacking.length === 0 ? '' : ` ${lacking.join(', ')}: not measured in every trial, so never settled.`
  const judged = judgeBlockedAll(
    open.map(({ base, next, metric }) => ({
      lane: next.label,
      metric,
      ...metricFacts(metric),
      ...pairedBlocks(base, next, metric),
    })),
  )
  const comparisons = open.map(({ base, next, metric }, index) => ({
    lanes: [base.label, next.label] as const,
    metric,
    judged: judged[index],
  }))
  const plan = adaptivePlan({ comparisons, limit })
  // A block counts for every lane in it, also for one whose partner has no trial there.
  const most = Math.max(0, ...lanes.filter(({ label }) => plan.lanes.includes(label)).map((lane) => lane.trials.length))
  const blocks = Math.min(plan.blocks, Math.max(0, limit - most))
  const reason =
    blocks === 0 && plan.blocks > 0
      ? `Still open, but trials were lost and a lane has the limit of ${limit} already.`
      : plan.reason
  return { ...plan, blocks, reason: `${reason}${unmeasured}` }
}

/** Trials of the lanes of a run, without what their histograms would add. */
export const lanesOf = (row: FullRunRow, trials: readonly TrialRow[]): LaneReport[] => laneReports(row, trials, [])

/** What is there of a run that another engine process is to continue. */
export function carriedOf(trials: readonly TrialRow[]): Carried {
  const blocks: number[] = []
  for (const { report } of trials) blocks[report.block] = (blocks[report.block] ?? 0) + 1
  return {
    trials: Math.max(-1, ...trials.map(({ report }) => report.order)) + 1,
    blocks: Array.from(blocks, (count) => count ?? 0),
  }
}

export const plannedTrials = (spec: ExperimentSpec): number => spec.trials * spec.lanes.length

/** Answers an engine that waits, and keeps the run's account of what was collected and why. */
export class Collecting {
  /** The last decision, in a sentence; null before the first. */
  decision: string | null = null
  /** What there was before this engine process; null where it carries out the plan. */
  readonly after: Carried | null
  private readonly history: History
  private readonly runId: string
  private readonly adaptive: AdaptiveSpec
  private readonly warnings: string[]

  /** `warnings`: of the host, as it is before this engine process. */
  constructor(parts: {
    history: History
    runId: string
    adaptive: AdaptiveSpec
    after: Carried | null
    warnings: string[]
  }) {
    this.history = parts.history
    this.runId = parts.runId
    this.adaptive = parts.adaptive
    this.after = parts.after
    this.warnings = parts.warnings
  }

  /** Blocks made at another time are said to be. */
  async prepared(corpus: CorpusFacts | null, now: Date): Promise<void> {
    const { after, history, runId, warnings } = this
    const row = await history.readRun(runId)
    if (!after || !row) return
    await this.keep(row, {
      later: [
        ...(row.collection?.later ?? []),
        {
          startedAt: now.toISOString(),
          firstBlock: after.blocks.length,
          otherContents: corpus?.sha256 !== row.corpus?.sha256,
          warnings,
        },
      ],
    })
  }

  /** Looks at the trials there are. */
  async decide(): Promise<Extract<ToEngine, { kind: 'more' | 'enough' }>> {
    const { history, runId, adaptive } = this
    const row = await history.readRun(runId)
    if (!row) return { kind: 'enough' }
    const trials = await history.readTrials(runId)
    const lanes = lanesOf(row, trials)
    const plan = planMore(lanes, adaptive)
    this.decision = plan.reason
    const added = plan.blocks * plan.lanes.length
    await this.keep(row, { added: trials.length + added - plannedTrials(row.spec), decision: plan.reason })
    await history.changeRun(runId, { trialsTotal: trials.length + added })
    if (plan.blocks === 0) return { kind: 'enough' }
    return {
      kind: 'more',
      blocks: plan.blocks,
      lanes: row.spec.lanes.flatMap((_, lane) => (plan.lanes.includes(lanes[lane].label) ? [lane] : [])),
    }
  }

  private async keep(row: FullRunRow, changes: Partial<Collection>): Promise<void> {
    const before = row.collection ?? { planned: plannedTrials(row.spec), added: 0, decision: '', later: [] }
    await this.history.changeRun(this.runId, { collection: { ...before, ...changes } })
  }
}
