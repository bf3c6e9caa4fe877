import { LabError, type LaneComparison, type LaneReport, laterBlocks, type RunDocument } from '../../contract/index.ts'
import { evaluateGate, parseGate } from '../statistics/index.ts'
import { compareLanes } from './blocks.ts'
import { footing, questionsOf } from './questions.ts'

/**
 * Two lanes of one run, every metric, judged by block. Where none are named: those of the run's first question.
 * @throws LabError `bad_input`, fields base, new and gates
 */
export function laneComparison(
  document: RunDocument,
  labels: { base?: string; new?: string },
  gateTexts: readonly string[],
): LaneComparison {
  const { run, lanes } = document
  const gates = gateTexts.map(parseGate)
  const [question] = questionsOf(lanes)
  const [first, second] = question ? [question.base, question.next] : lanes
  if (!first || !second)
    throw new LabError({
      code: 'bad_input',
      field: 'id',
      message: `Run ${run.id} has ${lanes.length === 1 ? 'one lane' : 'no lanes'}: there are no two to compare.`,
      remedy: 'Compare it with another run, or put both lanes into one experiment.',
    })
  const base = named(lanes, 'base', labels.base) ?? first
  const next = named(lanes, 'new', labels.new) ?? (second === base ? first : second)
  if (base === next)
    throw new LabError({
      code: 'bad_input',
      field: 'new',
      message: `"${base.label}" was named twice.`,
      remedy: 'Name two lanes.',
    })
  const metrics = compareLanes(base, next)
  return {
    run: { id: run.id, name: run.name, mode: run.mode },
    lanes: lanes.map(({ label }) => label),
    base: base.label,
    new: next.label,
    warnings: [
      ...(footing(base.spec) === footing(next.spec)
        ? []
        : [
            `An access of "${base.label}" and one of "${next.label}" do not hold the same: the notes of the run say what each has in it.`,
          ]),
      ...(run.collection ? laterBlocks(run.collection) : []),
    ],
    metrics,
    gates: gates.flatMap((gate) =>
      evaluateGate(gate, metrics, 'lanes').map((result) => ({ ...result, newRun: run.id })),
    ),
  }
}

function named(lanes: readonly LaneReport[], field: 'base' | 'new', label: string | undefined): LaneReport | undefined {
  if (label === undefined) return undefined
  const lane = lanes.find((candidate) => candidate.label === label)
  if (lane) return lane
  throw new LabError({
    code: 'bad_input',
    field,
    message: `The run has no lane "${label}".`,
    remedy: `Its lanes: ${lanes.map((candidate) => `"${candidate.label}"`).join(', ')}.`,
  })
}
