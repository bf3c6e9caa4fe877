import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'yaml'
import {
  bestLanes,
  LabError,
  laneLabel,
  type SweepDocument,
  type SweepField,
  type SweepState,
  withField,
} from '../../contract/index.ts'
import { EXIT, exitCodeOfFault } from './exit-code.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { openSteps } from './progress-view.ts'
import { onSignals } from './signals.ts'
import { readSpec, type SpecInput, wholePaths } from './spec-input.ts'
import { sweepDocument, sweepsText, sweepText, USUAL_METRICS } from './sweep-text.ts'

export interface SweepOptions extends SpecInput {
  /** KEY=VALUE,VALUE. */
  vary: readonly string[]
  /** Columns; the first orders the rows. */
  metric: readonly string[]
  dataDir: string
}

/** How often its state is looked at, ms. */
const POLL_MS = 250
/** Where nobody looks at a terminal: words about progress, at most. */
const STEPS = 10

/** Simulates every combination of the values given, on all CPUs, and prints them. */
export async function sweepCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: SweepOptions,
  out: Output,
): Promise<number> {
  if (options.vary.length === 0) throw notVaried('Nothing varies.')
  const wanted = options.vary.map(fieldOf)
  const spec = await readSpec(client, options)
  const { id } = await client.sweeps.start({
    spec,
    vary: wanted.map((field) => ({ ...field, values: wholeValues(spec, field) })),
  })
  await followSweep(client, closeLab, id, out)
  const document = await client.sweeps.get({ id })
  const lab = await labDoor()
  out.product(
    sweepDocument(document),
    () =>
      `${sweepText(document, options.metric, lab)}\nSaved as ${id} in ${options.dataDir}; "swaplab sweeps ${id}" shows it again.`,
  )
  return exitCodeOfSweep(document, out)
}

function exitCodeOfSweep({ sweep, points }: SweepDocument, out: Output): number {
  if (sweep.fault) {
    out.say(`swaplab: ${sweep.fault.message}${sweep.fault.remedy ? `\n${sweep.fault.remedy}` : ''}`)
    return exitCodeOfFault(sweep.fault.code)
  }
  const something = points.some(({ fault }) => fault === null)
  return sweep.status === 'done' && something ? EXIT.done : EXIT.failed
}

/** Until it has ended. The first Ctrl-C cancels and keeps the points there are, the second kills. @throws LabError `cancelled` after a second one */
async function followSweep(client: Client, closeLab: () => Promise<void>, id: string, out: Output): Promise<void> {
  let killed = false
  const letGo = onSignals({
    first: () => {
      out.say('Cancelling; the points that have ended are kept. Ctrl-C again ends at once.')
      void client.sweeps.cancel({ id })
    },
    second: () => {
      killed = true
      void closeLab()
    },
  })
  const began = performance.now()
  const view = openSteps(process.stderr)
  let told = 0
  const show = ({ status, done, points, waitingFor }: SweepState) => {
    const waiting = `waiting for ${waitingFor ?? 'its turn'}`
    view.show(status === 'queued' ? waiting : `${done} of ${points} points`, performance.now() - began)
    if (process.stderr.isTTY || done === points || done - told < points / STEPS) return
    told = done
    out.say(`${done} of ${points}`)
  }
  try {
    for (;;) {
      const state = await client.sweeps.state({ id })
      if (state.endedAt !== null) break
      show(state)
      await pause(POLL_MS)
    }
  } catch (error) {
    if (!killed) throw error
  } finally {
    view.stop()
    letGo()
  }
  if (killed) throw new LabError({ code: 'cancelled', message: `Sweep ${id} was ended at once; its points are kept.` })
}

/** @throws LabError `bad_input` */
function fieldOf(text: string): SweepField {
  const equals = text.indexOf('=')
  const [field, values] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
  if (equals < 1 || field === '' || values === '') throw notVaried(`--vary "${text}" is not KEY=VALUE,VALUE.`)
  return { field, values }
}

const notVaried = (message: string) =>
  new LabError({ code: 'bad_input', field: 'vary', message, remedy: 'Write e.g. --vary memory.pool=1024,2048.' })

/** The values with their paths made absolute, as those of a specification are; what is no list is the lab's to refuse. */
function wholeValues(spec: unknown, { field, values }: SweepField): string {
  try {
    const list: unknown = parse(`[${values}]`)
    if (!Array.isArray(list)) return values
    return list.map((value) => JSON.stringify(at(wholePaths(withField(spec, field, value), '.'), field))).join(', ')
  } catch {
    return values
  }
}

const at = (spec: unknown, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
      spec,
    )

export interface SweepsOptions {
  id: string | undefined
  metric: readonly string[]
  /** Lanes of the experiment that is to be written. */
  measure: number | undefined
  cancel: boolean
  delete: boolean
  undelete: boolean
}

/** Sweeps that are kept: all of them, or what one came to, or its end. */
export async function sweepsCommand(client: Client, options: SweepsOptions, out: Output): Promise<number | undefined> {
  const { id } = options
  const acts = ['measure', 'cancel', 'delete', 'undelete'] as const
  const asked = acts.filter((act) => options[act] !== undefined && options[act] !== false)
  if (asked.length > 1 || (asked.length > 0 && id === undefined))
    throw new LabError({
      code: 'bad_input',
      field: asked[0],
      message:
        id === undefined ? `--${asked[0]} needs the id of a sweep.` : `--${asked.join(' and --')} do not go together.`,
      remedy: '"swaplab sweeps" shows the sweeps there are.',
    })
  if (id === undefined) {
    const page = await client.sweeps.list({})
    out.product(page, () => sweepsText(page))
  } else if (options.measure !== undefined) {
    const [metric = USUAL_METRICS[0]] = options.metric
    const best = bestLanes(await client.sweeps.get({ id }), { metric, most: options.measure })
    const { yaml } = await client.spec.write({ spec: best.spec })
    out.product(best, () => yaml)
    sayBest(best, metric, out)
  } else if (options.cancel) {
    const answer = await client.sweeps.cancel({ id })
    out.product(answer, () => (answer.cancelled ? 'It was asked to end.' : 'It had ended already.'))
  } else if (options.delete) {
    const answer = await client.sweeps.delete({ id })
    out.product(answer, () => `Deleted. "swaplab sweeps ${id} --undelete" brings it back until ${answer.undoUntil}.`)
  } else if (options.undelete) {
    const sweep = await client.sweeps.undelete({ id })
    out.product(sweep, () => `${sweep.id} (${sweep.name}) is back.`)
  } else {
    const document = await client.sweeps.get({ id })
    const lab = await labDoor()
    out.product(sweepDocument(document), () => sweepText(document, options.metric, lab))
    return exitCodeOfSweep(document, out)
  }
  return undefined
}

/** What the experiment is, beside it. */
function sayBest({ spec, at, elsewhere }: ReturnType<typeof bestLanes>, metric: string, out: Output): void {
  const words = (values: object) => Object.entries(values).map(([field, value]) => `${field}=${JSON.stringify(value)}`)
  out.say(
    `${spec.trials} trials of ${spec.lanes.map((lane) => `"${laneLabel(lane)}"`).join(', ')}; ranked by ${metric}.`,
  )
  if (Object.keys(at).length > 0)
    out.say(`One experiment has one ${Object.keys(at).join(', ')}: that of the best, ${words(at).join(' ')}.`)
  for (const values of elsewhere)
    out.say(
      `Next best elsewhere: ${words(values)
        .map((word) => `--set ${word}`)
        .join(' ')}`,
    )
  out.say('"swaplab run FILE" measures it; "swaplab run -" takes it from a pipe.')
}
