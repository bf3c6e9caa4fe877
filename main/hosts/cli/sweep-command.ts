import { parse } from 'yaml'
import { LabError, parseSpec } from '../../contract/index.ts'
import type { Swept } from '../../lab/index.ts'
import { EXIT } from './exit-code.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { readSpec, type SpecInput, wholePaths, withFields } from './spec-input.ts'
import { table } from './table.ts'

export interface SweepOptions extends SpecInput {
  /** KEY=VALUE,VALUE. */
  vary: readonly string[]
  /** Columns; the first orders the rows. */
  metric: readonly string[]
}

/** What one looks at first. */
const USUAL_METRICS = ['accesses.per_s', 'fault.ns.p50', 'fault.ns.p99', 'disk.bytes_written', 'disk.bytes_read']
/** More are a mistake sooner than a wish. */
const MOST_COMBINATIONS = 10_000
/** Words about progress, at most. */
const STEPS = 10

interface Axis {
  key: string
  /** As JSON. */
  values: readonly string[]
}

/** Simulates every combination of the values given, on all CPUs. */
export async function sweepCommand(client: Client, options: SweepOptions, out: Output): Promise<number> {
  const axes = options.vary.map(axisOf)
  const combinations = axes.reduce<string[][]>(
    (all, { values }) => all.flatMap((row) => values.map((v) => [...row, v])),
    [[]],
  )
  if (combinations.length > MOST_COMBINATIONS)
    throw bad(`These are ${combinations.length} combinations.`, `At most ${MOST_COMBINATIONS} are taken at once.`)
  const base = await readSpec(client, { ...options, set: [...options.set, 'mode=simulate'] })
  const assignments = combinations.map((row) => row.map((value, at) => `${axes[at].key}=${value}`))
  const specs = assignments.map((set) => parseSpec(wholePaths(withFields(base, set, 'vary'), '.')))
  const lab = await labDoor()
  const stop = new AbortController()
  const cancel = () => stop.abort()
  process.once('SIGINT', cancel)
  const step = Math.ceil(specs.length / STEPS)
  try {
    const swept = await lab.sweepSpecs(specs, {
      signal: stop.signal,
      onDone: (done, of) => {
        if (done % step === 0 && done < of) out.say(`${done} of ${of}`)
      },
      onRefused: (at, { message }) => out.say(`Left out, ${assignments[at].join(', ')}: ${message}`),
    })
    const rows = swept.map((result, at) => ({
      mode: 'simulate',
      values: Object.fromEntries(axes.map(({ key }, axis) => [key, JSON.parse(combinations[at][axis])])),
      ...result,
    }))
    out.product(rows, () => sweepText(rows, options.metric, lab))
    return swept.every(({ fault }) => fault !== null) ? EXIT.failed : EXIT.done
  } finally {
    process.off('SIGINT', cancel)
  }
}

type Row = Swept & { values: Record<string, unknown> }
type Figures = Pick<Awaited<ReturnType<typeof labDoor>>, 'metricFacts' | 'readableMetric'>

function sweepText(rows: readonly Row[], wanted: readonly string[], { metricFacts, readableMetric }: Figures): string {
  const known = new Set(rows.flatMap(({ lanes }) => lanes.flatMap(({ metrics }) => Object.keys(metrics))))
  const unknown = wanted.filter((name) => !known.has(name))
  const keys = Object.keys(rows[0].values)
  const shown = ({ values }: Row) =>
    keys.map((key) => (typeof values[key] === 'string' ? values[key] : JSON.stringify(values[key])))
  const failed = rows.flatMap((row) => (row.fault ? [`Failed, ${shown(row).join(', ')}: ${row.fault.message}`] : []))
  if (known.size === 0) return failed.join('\n')
  const metrics = (unknown.length < wanted.length ? wanted : USUAL_METRICS).filter((name) => known.has(name))
  const lines = rows
    .flatMap((row) => row.lanes.map((lane) => ({ row, lane })))
    .sort((a, b) => better(a.lane.metrics[metrics[0]], b.lane.metrics[metrics[0]], metricFacts(metrics[0]).better))
    .map(({ row, lane }) => [
      ...shown(row),
      lane.label,
      ...metrics.map((name) =>
        lane.metrics[name] === undefined ? '–' : readableMetric(lane.metrics[name], metricFacts(name).unit),
      ),
    ])
  const head = [...keys, 'lane', ...metrics]
  const figures = metrics.map((_, at) => keys.length + 1 + at)
  return [
    table(head, lines, figures),
    '',
    'SIMULATED on a virtual clock, not measured; medians over the trials of a lane, best first.',
    ...(unknown.length > 0 ? [`No lane has ${unknown.join(', ')}; there are ${[...known].sort().join(', ')}.`] : []),
    ...failed,
  ].join('\n')
}

/** What is missing comes last. */
function better(a: number | undefined, b: number | undefined, which: 'higher' | 'lower' | null): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
  return which === 'lower' ? a - b : b - a
}

/** @throws LabError `bad_input` */
function axisOf(text: string): Axis {
  const equals = text.indexOf('=')
  const wrong = () => bad(`--vary "${text}" is not KEY=VALUE,VALUE.`, 'Write e.g. --vary memory.pool=1024,2048.')
  if (equals < 1) throw wrong()
  let values: unknown
  try {
    values = parse(`[${text.slice(equals + 1)}]`)
  } catch {
    throw wrong()
  }
  if (!Array.isArray(values) || values.length === 0) throw wrong()
  return { key: text.slice(0, equals).trim(), values: values.map((value) => JSON.stringify(value)) }
}

function bad(message: string, remedy: string): LabError {
  return new LabError({ code: 'bad_input', message, remedy, field: 'vary' })
}
