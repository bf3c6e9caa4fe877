import { resolve } from 'node:path'
import {
  type ComparedMetric,
  LabError,
  laneLabel,
  type Mode,
  parseSpec,
  twinLanes,
  type Verdict,
} from '../../contract/index.ts'
import { EXIT } from './exit-code.ts'
import { followRun } from './follow-run.ts'
import { SIMULATED } from './listings.ts'
import type { Client } from './open-client.ts'
import type { Output } from './output.ts'
import { readSpec, type SpecInput } from './spec-input.ts'
import { table } from './table.ts'

export interface AaOptions extends SpecInput {
  swapDir?: string
  /** Label of the lane; absent: the first. */
  lane?: string
  repeat: number
  /** The user allows sudo or pkexec, for the kernel lanes. */
  privileged: boolean
}

/** What `aa --json` prints: an interface. */
interface AaReport {
  lane: string
  mode: Mode
  runs: { id: string; answer: Verdict['answer']; sentence: string; trials: number }[]
  /** How often each metric got each verdict. */
  metrics: { metric: string; same: number; different: number; unknown: number }[]
}

/**
 * The same lane twice in one run, as often as asked, each time with another seed and so another order of trials.
 * @throws LabError bad_input, field lane; why a run has not come to its end
 */
export async function aaCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: AaOptions,
  out: Output,
): Promise<number> {
  const spec = parseSpec(await readSpec(client, options))
  const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
  const { privileged } = options
  const { laneIndex, lane } = laneOf(spec, options.lane)
  const report: AaReport = { lane, mode: spec.mode, runs: [], metrics: [] }
  const verdicts = new Map<string, AaReport['metrics'][number]>()
  for (let turn = 0; turn < options.repeat; turn++) {
    const twin = { ...twinLanes(spec, laneIndex), seed: (spec.seed + turn) % 2 ** 32 }
    const { id } = await client.runs.start({ spec: twin, swapDir, privileged })
    await followRun(client, closeLab, { id, privileged }, out)
    const { run, verdicts: found } = await client.runs.get({ id })
    if (run.status !== 'done')
      throw new LabError({
        code: run.status === 'invalid' ? 'invalid' : 'cancelled',
        ...run.fault,
        message: `Run ${id} is ${run.status}${run.fault ? `: ${run.fault.message}` : '.'}`,
      })
    const [{ answer, sentence }] = found
    report.runs.push({ id, answer, sentence, trials: run.trialsDone / twin.lanes.length })
    if (options.repeat > 1) out.say(`${turn + 1} of ${options.repeat}: ${sentence}`)
    count(verdicts, (await client.runs.compareLanes({ id })).metrics)
  }
  report.metrics = [...verdicts.values()]
  out.product(report, () => aaText(report))
  return EXIT.done
}

function laneOf(spec: ReturnType<typeof parseSpec>, label: string | undefined) {
  const labels = spec.lanes.map(laneLabel)
  const laneIndex = label === undefined ? 0 : labels.indexOf(label)
  if (laneIndex >= 0) return { laneIndex, lane: labels[laneIndex] }
  throw new LabError({
    code: 'bad_input',
    field: 'lane',
    message: `There is no lane "${label}".`,
    remedy: `Lanes: ${labels.map((name) => `"${name}"`).join(', ')}.`,
  })
}

function count(into: Map<string, AaReport['metrics'][number]>, metrics: readonly ComparedMetric[]): void {
  for (const { metric, verdict } of metrics) {
    const counted = into.get(metric) ?? { metric, same: 0, different: 0, unknown: 0 }
    counted[verdict]++
    into.set(metric, counted)
  }
}

function aaText({ lane, mode, runs, metrics }: AaReport): string {
  const percent = (part: number, whole: number) => `${((part / whole) * 100).toFixed(0)} %`
  const all = metrics.reduce((sum, { same, different, unknown }) => sum + same + different + unknown, 0)
  const same = metrics.reduce((sum, row) => sum + row.same, 0)
  const rows = metrics.map((row) => [row.metric, String(row.same), String(row.different), String(row.unknown)])
  const head = `"${lane}" against itself, ${runs.length === 1 ? 'once' : `${runs.length} times`}: ${percent(same, all)} of ${all} verdicts are "same".`
  return [
    runs.length === 1 ? runs[0].sentence : '',
    head,
    table(['metric', 'same', 'different', 'unknown'], rows, [1, 2, 3]),
    ...runs.map(({ id, answer, trials }) => `${id}  ${answer}, ${trials} trials a lane`),
    ...(mode === 'simulate' ? [SIMULATED] : []),
  ]
    .filter((part) => part !== '')
    .join('\n')
}
