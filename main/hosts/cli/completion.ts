import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Argument, Command, Option } from 'commander'
import { z } from 'zod'
import { ExperimentSpec, Preset } from '../../contract/index.ts'
import { defaultDataDir } from '../data-dir.ts'
import { type Client, labDoor, openClient } from './open-client.ts'
import { USUAL_METRICS } from './sweep-text.ts'

export interface Candidate {
  value: string
  /** A few words. */
  about?: string
}

/** What stands before the word that is being typed. */
interface Place {
  command: Command
  /** Of its arguments, in order. */
  given: string[]
  dataDir: string
}

/**
 * What may stand in place of the last word; empty where any text or file may.
 * @param words behind the program's name, at least one
 */
export async function candidates(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const before = words.slice(0, -1)
  const typed = words[words.length - 1]
  const found = (await allAt(program, before, typed)).filter(({ value }) => value.startsWith(typed))
  return [...new Map(found.map((candidate) => [candidate.value, candidate])).values()]
}

async function allAt(program: Command, before: readonly string[], typed: string): Promise<Candidate[]> {
  const command = program
    .createHelp()
    .visibleCommands(program)
    .find((known) => known.name() === before[0])
  if (command === undefined)
    return before.length > 0 ? [] : typed.startsWith('-') ? optionsOf(program) : commandsOf(program)
  const { given, awaiting, dataDir } = readWords(command, before.slice(1))
  const place = { command, given, dataDir }
  if (awaiting && !(awaiting.variadic && typed.startsWith('-'))) return valuesOf(awaiting, typed, place)
  const [flag, begun] = flagAndValue(typed)
  const named = begun === undefined ? undefined : optionNamed(command, flag)
  if (named !== undefined && begun !== undefined) {
    const values = await valuesOf(named, begun, place)
    return values.map(({ value, about }) => ({ value: `${flag}=${value}`, about }))
  }
  if (typed.startsWith('-')) return optionsOf(command)
  const { registeredArguments } = command
  const argument = registeredArguments[given.length] ?? registeredArguments.findLast(({ variadic }) => variadic)
  return argument === undefined ? [] : valuesOf(argument, typed, place, program)
}

/** Arguments and options as commander takes them; `awaiting` is the option whose value comes next. */
function readWords(command: Command, words: readonly string[]) {
  const given: string[] = []
  let awaiting: Option | undefined
  let dataDir = defaultDataDir()
  for (const word of words) {
    if (awaiting && !(awaiting.variadic && word.startsWith('-'))) {
      // As the shell will, which has not yet.
      if (awaiting.long === '--data') dataDir = resolve(word.replace(/^~(?=\/|$)/, homedir()))
      if (!awaiting.variadic) awaiting = undefined
    } else if (word.startsWith('-') && word !== '-') {
      const [flag, value] = flagAndValue(word)
      const option = optionNamed(command, flag)
      if (value === undefined) awaiting = option?.required || option?.optional ? option : undefined
      else if (option?.long === '--data') dataDir = resolve(value)
    } else given.push(word)
  }
  return { given, awaiting, dataDir }
}

/** --flag=value in its parts. */
function flagAndValue(word: string): [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

const optionNamed = (command: Command, flag: string) =>
  command.options.find(({ short, long }) => short === flag || long === flag)

function optionsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command)
  return options.map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description }))
}

function commandsOf(program: Command): Candidate[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({ value: command.name(), about: command.description() }))
}

async function valuesOf(what: Option | Argument, typed: string, place: Place, program?: Command): Promise<Candidate[]> {
  if (what.argChoices) return what.argChoices.map((value) => ({ value }))
  switch (what.name()) {
    case 'preset':
      return Preset.shape.name.options.map((value) => ({ value }))
    case 'workload':
      return (await labDoor()).WORKLOADS.map(({ name, title }) => ({ value: name, about: title }))
    case 'set':
    case 'vary':
      return assignments(typed)
    case 'run':
    case 'new':
      return inHistory(place, async (client) =>
        (await client.runs.list({})).runs.map(({ id, status, name }) => ({ value: id, about: `${status}: ${name}` })),
      )
    case 'sweep':
      return inHistory(place, async (client) =>
        (await client.sweeps.list({})).sweeps.map(({ id, status, name }) => ({
          value: id,
          about: `${status}: ${name}`,
        })),
      )
    case 'tags':
      return inHistory(place, async (client) =>
        (await client.runs.list({ limit: 1000 })).runs.flatMap(({ tags }) => tags.map((value) => ({ value }))),
      )
    case 'metric':
    case 'gate':
      return metrics(place)
    case 'lane':
      return inHistory(place, async (client) =>
        (await client.runs.get({ id: place.given[0] })).lanes.map(({ label }) => ({ value: label })),
      )
    case 'command':
      return program === undefined ? [] : commandsOf(program)
    default:
      return []
  }
}

/** From a history that is there, and of this version: a key pressed makes and changes nothing. */
async function inHistory({ dataDir }: Place, ask: (client: Client) => Promise<Candidate[]>): Promise<Candidate[]> {
  if (!existsSync(join(dataDir, 'history.sqlite'))) return []
  const { client, close } = await openClient(dataDir, { lookOnly: true })
  try {
    return await ask(client)
  } finally {
    await close()
  }
}

/** Those of the run that is named, or of the newest; where there is none, what one looks at first. */
async function metrics(place: Place): Promise<Candidate[]> {
  const known = await inHistory(place, async (client) => {
    const [newest] = (await client.runs.list({ limit: 1 })).runs
    const id = place.command.registeredArguments[0]?.name() === 'run' ? (place.given[0] ?? newest?.id) : newest?.id
    if (id === undefined) return []
    const { lanes } = await client.runs.get({ id })
    return lanes.flatMap((lane) => Object.entries(lane.metrics).map(([value, { unit }]) => ({ value, about: unit })))
  })
  return known.length > 0 ? known : USUAL_METRICS.map((value) => ({ value }))
}

/** The specification as JSON schema: one form, whatever stands at a place. */
type Node = z.core.JSONSchema.BaseSchema

/** KEY=VALUE of a specification, part by part: the fields of the group that is typed, then the values the field has names for. */
function assignments(typed: string): Candidate[] {
  const equals = typed.indexOf('=')
  const key = equals < 0 ? typed : typed.slice(0, equals)
  const parts = key.split('.')
  const schema = z.toJSONSchema(ExperimentSpec, { io: 'input', unrepresentable: 'any' })
  if (equals < 0) {
    const group = parts.slice(0, -1)
    return childrenOf(within(schema, group)).map(([name, kinds]) => ({
      value: `${[...group, name].join('.')}${kinds.some((kind) => kind.properties || kind.items) ? '.' : '='}`,
      about: kinds.find(({ title }) => title)?.title,
    }))
  }
  const named = within(schema, parts).flatMap((kind) => [
    ...(kind.enum ?? []),
    ...(kind.const === undefined ? [] : [kind.const]),
    ...(kind.type === 'boolean' ? [true, false] : []),
  ])
  // Behind a comma comes the next value of --vary.
  const kept = typed.slice(0, Math.max(equals, typed.lastIndexOf(',')) + 1)
  return named.map((value) => ({ value: `${kept}${value}` }))
}

/** Every kind of thing that may stand there. */
function kindsOf(node: z.core.JSONSchema._JSONSchema): Node[] {
  if (typeof node === 'boolean') return []
  return [node, ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(kindsOf)]
}

function childrenOf(kinds: readonly Node[]): [string, Node[]][] {
  const children = new Map<string, Node[]>()
  const add = (name: string, node: z.core.JSONSchema._JSONSchema) =>
    children.set(name, [...(children.get(name) ?? []), ...kindsOf(node)])
  for (const { properties, items, maxItems = 0 } of kinds) {
    for (const [name, node] of Object.entries(properties ?? {})) add(name, node)
    if (items !== undefined && !Array.isArray(items)) for (let at = 0; at < maxItems; at++) add(String(at), items)
  }
  return [...children]
}

function within(schema: Node, path: readonly string[]): Node[] {
  return path.reduce<Node[]>(
    (kinds, name) => childrenOf(kinds).find(([child]) => child === name)?.[1] ?? [],
    kindsOf(schema),
  )
}
