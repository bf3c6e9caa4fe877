import { closeSync, openSync, readSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { isPolicyPath, LabError, parseSpec, withField, workloadOf } from '../../contract/index.ts'
import { type Client, unwrap } from './open-client.ts'

/** The contract counts characters: at most a million. */
const MOST_SPEC_BYTES = 4 * 2 ** 20

export interface SpecInput {
  file: string | undefined
  preset?: string
  /** A workload of the set, in place of the specification's own. */
  workload?: string
  /** KEY=VALUE, in the order given. */
  set: readonly string[]
}

const bad = (message: string, remedy: string, field?: string) =>
  new LabError({ code: 'bad_input', message, remedy, field })

/**
 * The specification a command line asks for: a file, or a preset, with fields replaced by --set.
 * @throws LabError `bad_input`
 */
export async function readSpec(client: Client, input: SpecInput): Promise<unknown> {
  if (input.file !== undefined && input.preset !== undefined)
    throw bad('A specification file and --preset were both given.', 'Give one of them.')
  let spec: unknown
  if (input.file !== undefined) {
    const text = readText(input.file, 'SPEC', MOST_SPEC_BYTES)
    spec = wholePaths(
      await inFile(input.file, client.spec.parse({ text })),
      input.file === '-' ? '.' : dirname(input.file),
    )
  } else {
    const presets = await client.presets()
    const name = input.preset ?? 'standard'
    const preset = presets.find((candidate) => candidate.name === name)
    if (!preset)
      throw bad(
        `There is no preset "${name}".`,
        `Presets: ${presets.map((candidate) => candidate.name).join(', ')}.`,
        'preset',
      )
    spec = preset.spec
  }
  if (input.workload !== undefined) spec = await withWorkload(client, spec, input.workload, input.set)
  return wholePaths(withFields(spec, input.set), '.')
}

/** What the lab makes of a file's text; its refusal names the file. */
export async function inFile<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const refused = unwrap(error)
    if (!(refused instanceof LabError)) throw error
    const name = file === '-' ? 'stdin' : file
    throw new LabError({ ...refused.toFault(), message: `${name}: ${refused.message}` }, { cause: error })
  }
}

/** The named workload is sized for the RAM that --set may have changed; what else --set says comes after it. */
async function withWorkload(client: Client, spec: unknown, name: string, set: readonly string[]): Promise<unknown> {
  const workloads = await client.workloads()
  const workload = workloads.find((candidate) => candidate.name === name)
  if (!workload)
    throw bad(
      `There is no workload "${name}".`,
      `Workloads: ${workloads.map((candidate) => candidate.name).join(', ')}.`,
      'workload',
    )
  const ofMemory = set.filter((assignment) => /^\s*memory\b/.test(assignment))
  const whole = parseSpec(withFields(spec, ofMemory))
  return { ...whole, workload: workloadOf(workload, whole) }
}

/**
 * The specification with its paths (policies, page contents, traces, calibration) made absolute: those of a file start at its folder,
 * those of --set at this one. So a run that is repeated elsewhere finds the same files.
 */
export function wholePaths(spec: unknown, folder: string): unknown {
  if (!isObject(spec)) return spec
  const whole = (path: unknown) => (typeof path === 'string' && path !== '' ? resolve(folder, path) : path)
  const { lanes, workload, simulate } = spec
  return {
    ...spec,
    ...(Array.isArray(lanes) && {
      lanes: lanes.map((lane: unknown) =>
        isObject(lane) && typeof lane.policy === 'string' && isPolicyPath(lane.policy)
          ? { ...lane, policy: whole(lane.policy) }
          : lane,
      ),
    }),
    ...(isObject(workload) && {
      workload: Object.fromEntries(
        Object.entries(workload).map(([key, part]) => [
          key,
          isObject(part) && 'path' in part ? { ...part, path: whole(part.path) } : part,
        ]),
      ),
    }),
    ...(isObject(simulate) &&
      'calibration' in simulate && { simulate: { ...simulate, calibration: whole(simulate.calibration) } }),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const MIB = 2 ** 20
const CHUNK = MIB

/**
 * A file as text; `-` is stdin.
 * @param most bytes: a device gives them without end
 * @throws LabError `not_found`, `no_permission`, `bad_input`
 */
export function readText(file: string, field: string, most: number): string {
  const refuse = (why: string, remedy: string) => bad(`${file} ${why}.`, remedy, field)
  let bytes: Buffer
  try {
    bytes = readMost(file, most + 1)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw new LabError(
      {
        code: code === 'ENOENT' ? 'not_found' : code === 'EACCES' ? 'no_permission' : 'bad_input',
        field,
        message: `${file || '""'} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Give the path of an existing file, or - for stdin.',
      },
      { cause: error },
    )
  }
  if (bytes.length > most)
    throw refuse(`holds more than ${most / MIB} MiB, the most that is taken`, 'Check that it is the file you mean.')
  try {
    if (!bytes.includes(0)) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Said below.
  }
  throw refuse('is no text in UTF-8', 'Check that it is the file you mean, and save it as UTF-8.')
}

function readMost(file: string, most: number): Buffer {
  const fd = file === '-' ? 0 : openSync(file, 'r')
  const chunks: Buffer[] = []
  try {
    for (let left = most; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(CHUNK, left))
      const got = readSync(fd, chunk)
      if (got === 0) break
      chunks.push(chunk.subarray(0, got))
      left -= got
    }
  } finally {
    if (file !== '-') closeSync(fd)
  }
  return Buffer.concat(chunks)
}

/** A copy with the fields that --set names. @throws LabError `bad_input` as setField */
function withFields(spec: unknown, assignments: readonly string[]): unknown {
  return assignments.reduce(setField, spec)
}

/**
 * Replaces one field, named by its dotted path: `workload.pages=20000`, `lanes.1.codec=zstd`. The value is YAML, so whole objects
 * can be given too. Returns a new specification; whether it is valid is the contract's to say.
 * @throws LabError `bad_input` for a path that leads nowhere
 */
export function setField(spec: unknown, assignment: string): unknown {
  const wrong = (what: string, remedy: string, field = 'set') => bad(`--set "${assignment}"${what}.`, remedy, field)
  const equals = assignment.indexOf('=')
  const field = assignment.slice(0, equals).trim()
  if (equals < 1 || field === '') throw wrong(' is not KEY=VALUE', 'Write e.g. --set workload.pages=20000.')
  let value: unknown
  try {
    value = parse(assignment.slice(equals + 1))
  } catch {
    throw wrong(': the value is no YAML', 'Quote it, e.g. --set "name=\'a: b\'".', field)
  }
  return withField(spec, field, value)
}
