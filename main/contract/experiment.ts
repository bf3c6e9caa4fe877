import type { z } from 'zod'
import { LabError } from './errors.ts'
import { laneLabel } from './lane.ts'
import { laneProblems } from './lane-problems.ts'
import { metricProblem } from './metrics.ts'
import { RecordedSpec, RING_FIELDS } from './spec.ts'
import { specProblem } from './spec-problem.ts'

/** A specification that may be carried out: its fields, and the rules between them. */
export const ExperimentSpec = RecordedSpec.superRefine((spec, context) => {
  // What rests on a field that is wrong by itself would be said of a wrong number.
  if (context.issues.length > 0) return
  for (const problem of experimentProblems(spec)) context.addIssue({ code: 'custom', ...problem })
})
export type ExperimentSpec = z.infer<typeof ExperimentSpec>
/** What a person may write: every default may be left out. */
export type ExperimentInput = z.input<typeof ExperimentSpec>

interface Problem {
  path: (string | number)[]
  message: string
}

function experimentProblems(spec: RecordedSpec): Problem[] {
  return [
    ...memoryProblems(spec),
    ...spec.lanes.flatMap((lane, index) =>
      laneProblems(lane, spec).map(({ message, ...at }) => ({
        path: 'lane' in at ? ['lanes', index, ...at.lane.split('.')] : at.spec.split('.'),
        message,
      })),
    ),
    ...adaptiveProblems(spec),
    ...swapfileProblems(spec),
    ...modelProblems(spec),
    ...labelProblems(spec),
  ]
}

function memoryProblems({ memory }: RecordedSpec): Problem[] {
  const most = Math.floor(memory.frames * 0.9)
  if (memory.pool <= most) return []
  return [{ path: ['memory', 'pool'], message: `must be at most 90 % of memory.frames (${most})` }]
}

function adaptiveProblems({ adaptive, lanes }: RecordedSpec): Problem[] {
  const problems = adaptive.metrics.flatMap((metric, index): Problem[] => {
    const message = metricProblem(metric)
    return message === null ? [] : [{ path: ['adaptive', 'metrics', index], message }]
  })
  if (adaptive.limit > 0 && lanes.length < 2)
    problems.push({
      path: ['adaptive', 'limit'],
      message: 'needs two lanes: with one there is nothing to settle',
    })
  return problems
}

function swapfileProblems({ mode, swapfile }: RecordedSpec): Problem[] {
  const problems: Problem[] = []
  if (mode === 'simulate' && swapfile.precondition > 0)
    problems.push({
      path: ['swapfile', 'precondition'],
      message: 'a model has no flash to bring to rest: 0 in a simulation',
    })
  for (const [field, usual] of RING_FIELDS) {
    const path = ['swapfile', field]
    if (swapfile[field] === usual) continue
    if (mode === 'simulate')
      problems.push({ path, message: `a model has no ring: leave it at ${usual} in a simulation` })
    else if (swapfile.io !== 'uring')
      problems.push({ path, message: `is of io_uring: set swapfile.io "uring", or leave it at ${usual}` })
  }
  return problems
}

function modelProblems({ mode, simulate }: RecordedSpec): Problem[] {
  if (mode !== 'simulate' || simulate.device !== 'host' || simulate.calibration !== undefined) return []
  return [
    {
      path: ['simulate', 'calibration'],
      message: 'device "host" needs the file that "swaplab calibrate --json" wrote',
    },
  ]
}

function labelProblems({ lanes }: RecordedSpec): Problem[] {
  const labels = lanes.map(laneLabel)
  return labels.flatMap((text, index): Problem[] =>
    labels.indexOf(text) === index
      ? []
      : [
          {
            path: ['lanes', index, 'label'],
            message: `"${text}" names two lanes: give one of them another label`,
          },
        ],
  )
}

/** ExperimentSpec.safeParse with sentences that say what is allowed. */
export function checkSpec(input: unknown): z.ZodSafeParseResult<ExperimentSpec> {
  return ExperimentSpec.safeParse(input, { error: specProblem })
}

/** Each problem of a specification once, by its field; a field that is unknown is its own. */
export function specProblems(error: z.ZodError): { path: PropertyKey[]; message: string }[] {
  const problems = error.issues.map((issue) => ({
    path: issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path,
    message: issue.message,
  }))
  const texts = problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return problems.filter((_, index) => texts.indexOf(texts[index]) === index)
}

/**
 * Validates what a person wrote and fills in the defaults.
 * @throws LabError `bad_input` naming the first field at fault, with every problem in the message.
 */
export function parseSpec(input: unknown): ExperimentSpec {
  return parsedOr(checkSpec(input))
}

/** The same by its fields alone, as RecordedSpec. @throws LabError as parseSpec */
export function parseRecorded(input: unknown): ExperimentSpec {
  return parsedOr(RecordedSpec.safeParse(input, { error: specProblem }))
}

function parsedOr(result: z.ZodSafeParseResult<ExperimentSpec>): ExperimentSpec {
  if (result.success) return result.data
  const problems = specProblems(result.error)
  throw new LabError({
    code: 'bad_input',
    message: problems.map(({ path, message }) => `${path.join('.') || 'specification'}: ${message}`).join('; '),
    field: problems[0].path.join('.'),
    remedy: 'Correct the field and try again; "swaplab presets --json" prints complete specifications to start from.',
  })
}
