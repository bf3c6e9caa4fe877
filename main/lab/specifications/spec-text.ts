import { type Document, isNode, LineCounter, parseDocument, stringify } from 'yaml'
import { checkLanes } from '../../bench/index.ts'
import { checkSpec, type ExperimentSpec, faultOf, LabError, specProblems } from '../../contract/index.ts'

/** What the parser did not expect stands in its message, and may be a whole file. */
const MAX_SYNTAX_ERROR = 160

const REMEDY = 'Correct the line and try again; "swaplab presets --json" prints complete specifications to start from.'

/**
 * Reads a specification from YAML or JSON (which is YAML).
 * @throws LabError `bad_input` with the line of the first error and the field it is about
 */
export function parseSpecText(text: string): ExperimentSpec {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const syntax = document.errors[0]
  if (syntax) {
    const { line, col } = lines.linePos(syntax.pos[0])
    if (syntax.code === 'MULTIPLE_DOCS')
      throw new LabError({
        code: 'bad_input',
        message: `Line ${line}: a second document begins here (---).`,
        remedy: 'Keep one specification in a file.',
      })
    const what = syntax.message.split(' at line ')[0].split('\n')[0].slice(0, MAX_SYNTAX_ERROR)
    throw new LabError({ code: 'bad_input', message: `Line ${line}, column ${col}: ${what}.`, remedy: REMEDY })
  }
  const input = valuesOf(document)
  if (input === null || input === undefined)
    throw new LabError({ code: 'bad_input', message: 'The specification is empty.', remedy: REMEDY })
  const lineOf = (path: PropertyKey[]): number | null => {
    // A key that is missing has no line of its own; its parent has.
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return null
  }
  const placed = ({ path, message }: { path: PropertyKey[]; message: string }): string => {
    const line = lineOf(path)
    return `${line === null ? '' : `line ${line}, `}${path.join('.') || 'specification'}: ${message}`
  }
  const result = checkSpec(input)
  if (result.success) {
    withPlace(() => checkLanes(result.data), placed)
    return result.data
  }
  const problems = specProblems(result.error)
  throw new LabError({
    code: 'bad_input',
    message: problems.map(placed).join('; '),
    field: problems[0].path.join('.'),
    remedy: REMEDY,
  })
}

/** @throws LabError of `check`, its message led by the place of its field */
function withPlace(check: () => void, placed: (problem: { path: PropertyKey[]; message: string }) => string): void {
  try {
    check()
  } catch (error) {
    const fault = faultOf(error)
    if (!(error instanceof LabError) || fault.field === undefined) throw error
    throw new LabError({ ...fault, message: placed({ path: fault.field.split('.'), message: fault.message }) })
  }
}

/** A few lines of nested aliases can stand for more values than any memory holds. */
const MAX_ALIASES = 100

function valuesOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    throw new LabError(
      {
        code: 'bad_input',
        message: `The aliases (*) cannot be followed: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Write the values out where the aliases stand.',
      },
      { cause: error },
    )
  }
}

export function specToYaml(spec: ExperimentSpec): string {
  return stringify(spec, { lineWidth: 120 })
}
