import { type Command, Help, type Option } from 'commander'

/** Columns: what is narrower is read worse than a line of its own. */
const NARROWEST = 26
const INDENT = 2

/** commander's help that fits any terminal. */
export const HELP = {
  minWidthToWrap: 10,
  optionDescription,
  formatItem: (term: string, termWidth: number, description: string, helper: Help) =>
    beside(term, termWidth, description, helper.helpWidth ?? 80),
}

const wrapping = Object.assign(new Help(), { minWidthToWrap: HELP.minWidthToWrap })

/** A term and what it is, in two columns; one below the other where the second would be too narrow, or the term is too wide. */
function beside(term: string, termWidth: number, description: string, width: number): string {
  const column = INDENT + termWidth + INDENT
  const below = width - column < NARROWEST || term.length > termWidth
  const indent = below ? INDENT * 3 : column
  const wrapped = wrapping.boxWrap(description, width - indent).replaceAll('\n', `\n${' '.repeat(indent)}`)
  const gap = below ? `\n${' '.repeat(indent)}` : ' '.repeat(column - INDENT - term.length)
  return `${' '.repeat(INDENT)}${term}${description === '' ? '' : `${gap}${wrapped}`}`
}

/** A default is worth its words where it is something. */
function optionDescription(option: Option): string {
  const { defaultValue, description } = option
  const nothing =
    defaultValue === false || defaultValue === '' || (Array.isArray(defaultValue) && defaultValue.length === 0)
  return nothing ? description : new Help().optionDescription(option)
}

export interface HelpNotes {
  /** Sentences; each begins a line. */
  notes?: readonly string[]
  /** A command line, never broken, and what it is for. */
  examples?: readonly (readonly [line: string, meaning: string])[]
}

/** Beyond this a line's meaning stands below it, columns. */
const WIDEST_EXAMPLE = 48

/** Adds them below a command's help. */
export function addNotes(command: Command, { notes = [], examples = [] }: HelpNotes): Command {
  return command.addHelpText('after', () => {
    const width = command.configureOutput().getOutHelpWidth?.() ?? 80
    const widest = Math.max(...examples.map(([line]) => line.length).filter((length) => length <= WIDEST_EXAMPLE), 0)
    return [
      ...(examples.length > 0 ? ['', 'Examples:'] : []),
      ...examples.map(([line, meaning]) => beside(line, widest, meaning, width)),
      ...(notes.length > 0 ? [''] : []),
      ...notes.map((note) => wrapping.boxWrap(note, width)),
    ].join('\n')
  })
}
