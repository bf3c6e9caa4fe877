import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import {
  isPolicyPath,
  LabError,
  type LaneSpec,
  type PolicyChoice,
  PolicyParameter,
  policyFileNote,
} from '../../contract/index.ts'
import { POLICIES } from './index.ts'
import type { Policy, PolicyEntry, PolicyView } from './policy.ts'

/**
 * Policies of a user's own, by the path of their file. They are loaded once in the process that runs the engine, and every
 * answer of theirs is checked: a wrong one ends the run with a sentence that names file and hook, before it can do harm.
 */

const loaded = new Map<string, PolicyEntry>()
/** By file: of the text that was loaded. */
const digests = new Map<string, string>()

/** sha256 of a policy file as it is now; null where it cannot be read. */
export function policyFileDigest(file: string): string | null {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch {
    return null
  }
}

/** Which text of its file a lane's policy is; none for a policy of Swaplab. */
export function policyFileNotes(choice: PolicyChoice): string[] {
  const digest = digests.get(choice)
  return digest === undefined ? [] : [policyFileNote(choice, digest)]
}

/**
 * Loads the policies that lanes name by path.
 * @throws LabError `not_found` where a file is not there, `bad_input` where it is not a policy; the field is the lane's
 */
export async function loadPolicies(lanes: readonly LaneSpec[]): Promise<void> {
  for (const [index, lane] of lanes.entries()) {
    if (!('policy' in lane) || !isPolicyPath(lane.policy) || loaded.has(lane.policy)) continue
    loaded.set(lane.policy, await load(lane.policy, `lanes.${index}.policy`))
  }
}

/**
 * Looks whether the files are there, and loads none of them: that would run what stands in them.
 * @throws LabError as loadPolicies, for a file that is not there
 */
export function checkPolicyFiles(lanes: readonly LaneSpec[]): void {
  for (const [index, lane] of lanes.entries())
    if ('policy' in lane && isPolicyPath(lane.policy)) findFile(lane.policy, `lanes.${index}.policy`)
}

function findFile(file: string, field: string): void {
  if (!isAbsolute(file))
    throw new LabError({
      code: 'bad_input',
      field,
      message: `The policy file "${file}" is not named by its full path.`,
      remedy: `Give the whole path, e.g. /home/you/${file.replace(/^(\.*\/)+/, '')}.`,
    })
  if (!isFile(file))
    throw new LabError({
      code: 'not_found',
      message: `There is no policy file ${file}.`,
      remedy: 'Correct the path; "swaplab policies --new mine.ts" writes a policy to start from.',
      field,
    })
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false // not there, behind a closed folder, or no path at all
  }
}

/** Whether this process knows it: one of Swaplab's, or a file that loadPolicies has seen. */
export function knowsPolicy(choice: PolicyChoice): boolean {
  return loaded.has(choice) || !isPolicyPath(choice)
}

/** @throws LabError `bad_input` for a path that loadPolicies has not seen */
export function policyEntry(choice: PolicyChoice): PolicyEntry {
  const own = loaded.get(choice)
  if (own) return own
  const entry = Object.values(POLICIES).find(({ name }) => name === choice)
  if (entry) return entry
  throw fault(choice, 'it was not loaded', 'lanes.policy')
}

const finite = z.number('must be a number')
const words = z.string('must be a text').min(1, 'must not be empty')
const EntrySchema = z.object({
  name: words,
  title: words,
  rule: words,
  source: words,
  parameters: z.array(
    z
      .object({
        name: words,
        default: finite,
        min: finite,
        max: finite,
        unit: z.enum(PolicyParameter.shape.unit.options, {
          error: 'must be share, frames, zpages, bytes, s, ms, ns or count',
        }),
        meaning: words,
        source: words.optional(),
      })
      .refine((p) => p.min <= p.default && p.default <= p.max, 'its default must lie between min and max'),
    'must be a list, [] for none',
  ),
  needs: z.literal('future', "must be 'future', or left out").optional(),
  create: z.custom<PolicyEntry['create']>((value) => typeof value === 'function', 'must be a function'),
})

async function load(file: string, field: string): Promise<PolicyEntry> {
  findFile(file, field)
  const digest = policyFileDigest(file)
  if (digest !== null) digests.set(file, digest)
  let loadedModule: unknown
  try {
    loadedModule = await import(/* @vite-ignore */ pathToFileURL(file).href)
  } catch (error) {
    const noTypes = error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION'
    const why = noTypes
      ? 'this program runs no TypeScript; save it as .mjs'
      : `it cannot be loaded${lineOf(file, error)}: ${said(error)}`
    throw fault(file, why, field, error)
  }
  const entry = z.object({ default: z.unknown() }).safeParse(loadedModule).data?.default
  if (entry === undefined) throw fault(file, 'it has no default export', field)
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw fault(
      file,
      `its default export must be an object with name, title, rule, source, parameters and create, not ${shown(entry)}`,
      field,
    )
  const parsed = EntrySchema.safeParse(entry)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'its default export'} ${message}`,
    )
    throw fault(file, problems.join('; '), field)
  }
  firstPlace.set(file, firstPlace.size * CALLED.length)
  // The entry itself, not the parsed copy: create may lean on it.
  const create = (parameters: Readonly<Record<string, number>>) =>
    checked(file, parsed.data.create.call(entry, parameters))
  const checkedEntry: PolicyEntry = {
    ...parsed.data,
    create: (parameters) => guarded(file, 'create', () => create(parameters)),
  }
  try {
    checkedEntry.create(Object.fromEntries(checkedEntry.parameters.map((p) => [p.name, p.default])))
  } catch (error) {
    // What a trial would report without a place has one here.
    throw error instanceof LabError ? new LabError({ ...error.toFault(), field }, { cause: error.cause }) : error
  }
  return checkedEntry
}

type Hook = Exclude<keyof Policy, 'unit' | 'repatriateOrder' | 'repatriateWindowNs'>
type CountHook = 'onFull' | 'onLimit' | 'onReclaim' | 'onTick' | 'repatriate'

/** By hook, so that the compiler misses none. */
const HOOK: { readonly [Name in Hook]: Name } = {
  onFull: 'onFull',
  onLimit: 'onLimit',
  onReclaim: 'onReclaim',
  onTick: 'onTick',
  repatriate: 'repatriate',
  begin: 'begin',
  onStore: 'onStore',
  onLoad: 'onLoad',
  onDiskFault: 'onDiskFault',
  keepClean: 'keepClean',
  accepts: 'accepts',
  admit: 'admit',
  victim: 'victim',
}
export const HOOKS = Object.values(HOOK)
const isHook = (name: string) => Object.hasOwn(HOOK, name)

const PolicySchema = z.object({
  unit: z.enum(['frame', 'zpage'], { error: "must be 'frame' or 'zpage'" }),
  repatriateOrder: z.enum(['slot', 'age'], { error: "must be 'slot' or 'age'" }).optional(),
  repatriateWindowNs: z.number('must be a number of ns').min(0, 'must not be negative').optional(),
  ...Object.fromEntries(
    HOOKS.map((hook) => [hook, z.custom((value) => typeof value === 'function', 'must be a function').optional()]),
  ),
})

/** The policy with every answer checked. @throws LabError `bad_input` where it is none */
function checked(file: string, policy: Policy): Policy {
  const given: unknown = policy
  if (given instanceof Promise) throw fault(file, `create returned ${shown(given)}`)
  const parsed = PolicySchema.safeParse(policy)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'what it returns'} ${message}`)
    throw fault(file, `create: ${problems.join('; ')}`)
  }
  // A misspelt hook would be left out in silence, and another policy measured than the one that was written.
  const stray = strayHook(policy)
  if (stray !== undefined) throw fault(file, `create: there is no hook "${stray}"; the hooks are ${HOOKS.join(', ')}`)
  const { unit, repatriateOrder, repatriateWindowNs } = policy
  const count = (hook: CountHook) =>
    policy[hook] &&
    ((view: PolicyView) =>
      checkedCount(
        file,
        hook,
        guarded(file, hook, () => policy[hook]?.(view)),
      ))
  // Every field of a policy, so that the compiler misses none.
  const whole: { [Field in keyof Required<Policy>]: Policy[Field] } = {
    unit,
    repatriateOrder,
    repatriateWindowNs,
    onFull: count('onFull'),
    onLimit: count('onLimit'),
    onReclaim: count('onReclaim'),
    onTick: count('onTick'),
    repatriate: count('repatriate'),
    onLoad: policy.onLoad && ((view, zpage) => told(file, 'onLoad', () => policy.onLoad?.(view, zpage))),
    begin: policy.begin && ((view) => told(file, 'begin', () => policy.begin?.(view))),
    onStore: policy.onStore && ((view, zpage) => told(file, 'onStore', () => policy.onStore?.(view, zpage))),
    onDiskFault:
      policy.onDiskFault &&
      ((view, owner, pages) => told(file, 'onDiskFault', () => policy.onDiskFault?.(view, owner, pages))),
    keepClean:
      policy.keepClean &&
      ((view, owner) => {
        const answer: unknown = guarded(file, 'keepClean', () => policy.keepClean?.(view, owner))
        if (typeof answer !== 'boolean')
          throw fault(file, `keepClean returned ${shown(answer)}; it must return true or false`)
        return answer
      }),
    accepts:
      policy.accepts &&
      ((view) => {
        const answer: unknown = guarded(file, 'accepts', () => policy.accepts?.(view))
        if (typeof answer !== 'boolean')
          throw fault(file, `accepts returned ${shown(answer)}; it must return true or false`)
        return answer
      }),
    admit:
      policy.admit &&
      ((view, bytes, owner) => {
        const answer: unknown = guarded(file, 'admit', () => policy.admit?.(view, bytes, owner))
        if (typeof answer !== 'boolean')
          throw fault(file, `admit returned ${shown(answer)}; it must return true or false`)
        return answer
      }),
    victim:
      policy.victim &&
      ((view) => {
        const answer: unknown = guarded(file, 'victim', () => policy.victim?.(view))
        if (typeof answer === 'number' && (answer === -1 || (Number.isInteger(answer) && view.holds(answer))))
          return answer
        throw fault(file, `victim returned ${shown(answer)}; it must return a zpage of the pool, or -1 for none`)
      }),
  }
  return whole
}

/**
 * A function that looks like a hook and is none. In an object every other function is taken for one; a class may have methods of its own, but none
 * that begins as hooks do, or differs from one only in capitals.
 */
function strayHook(policy: Policy): string | undefined {
  const own = Object.entries(policy).find(([name, value]) => typeof value === 'function' && !isHook(name))
  if (own) return own[0]
  const looksLikeOne = (name: string) =>
    !isHook(name) && (/^on[A-Z]/.test(name) || HOOKS.some((hook) => hook.toLowerCase() === name.toLowerCase()))
  let methods: unknown = Object.getPrototypeOf(policy)
  for (; methods && methods !== Object.prototype; methods = Object.getPrototypeOf(methods)) {
    const stray = Object.getOwnPropertyNames(methods).find(looksLikeOne)
    if (stray !== undefined) return stray
  }
  return undefined
}

/** The call of a user's hook that is under way, for another thread to see. */
export interface HookCall {
  /** Shared memory: 1 + the place in names(), 0 where there is none; and how many there were. */
  words: Int32Array
  /** In the order of their places; empty where no policy is a user's own. */
  names(): string[]
}

const CALLED = [...HOOKS, 'create'] as const
const PLACES = Object.fromEntries(CALLED.map((hook, place) => [hook, place]))
const under = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
/** Place of the first hook of a file. */
const firstPlace = new Map<string, number>()

export const hookCall: HookCall = {
  words: under,
  names: () => [...firstPlace.keys()].flatMap((file) => CALLED.map((hook) => `Policy ${file}: ${hook}`)),
}

function guarded<T>(file: string, hook: Hook | 'create', call: () => T): T {
  under[1]++
  under[0] = 1 + (firstPlace.get(file) ?? 0) + PLACES[hook]
  try {
    return call()
  } catch (error) {
    if (error instanceof LabError) throw error
    throw fault(file, `${hook} threw: ${said(error)}`, 'lanes.policy', error)
  } finally {
    under[0] = 0
  }
}

/** A hook that answers nothing. */
function told(file: string, hook: Hook, call: () => unknown): void {
  const answer = guarded(file, hook, call)
  if (answer instanceof Promise) throw fault(file, `${hook} returned ${shown(answer)}`)
}

function checkedCount(file: string, hook: CountHook, answer: unknown): number {
  if (typeof answer === 'number' && Number.isSafeInteger(answer) && answer >= 0) return answer
  throw fault(file, `${hook} returned ${shown(answer)}; it must return a whole number, 0 or more`)
}

function shown(value: unknown): string {
  if (value instanceof Promise) {
    value.catch(() => {}) // what it comes to is nobody's business any more
    return 'a promise (nothing here can be async)'
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function said(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Where in the file, if the error knows. */
function lineOf(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const at = stack.indexOf(`${file}:`)
  const line = at < 0 ? null : /^\d+/.exec(stack.slice(at + file.length + 1))
  return line ? ` (line ${line[0]})` : ''
}

function fault(file: string, what: string, field = 'lanes.policy', cause?: unknown): LabError {
  return new LabError(
    {
      code: 'bad_input',
      message: `Policy ${file}: ${what}.`,
      remedy: '"swaplab policies --new mine.ts" writes a policy that runs, with every hook explained.',
      field,
    },
    { cause },
  )
}
