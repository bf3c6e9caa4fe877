import { randomUUID } from 'node:crypto'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  type ExperimentSpec,
  faultOf,
  LabError,
  type LabFault,
  laneLabel,
  laneOfField,
  MOST_POINTS,
  metricFacts,
  parseSpec,
  pointSpec,
  pointValues,
  type SweepAxis,
  type SweepDocument,
  type SweepField,
  type SweepPoint,
  type SweepStatus,
  type SweepSummary,
  sweepSize,
  withField,
} from '../../main/contract/index.ts'
import { NEWEST } from './run-document.ts'
import { spec } from './specifications.ts'

/** Made-up sweeps: every figure is drawn from a formula, none was simulated. */

const MINUTE = 60_000
const QUEUED_MS = 1_500

const METRICS: SweepDocument['metrics'] = Object.fromEntries(
  [
    'accesses.per_s',
    'fault.ns.p50',
    'fault.ns.p99',
    'disk.bytes_written',
    'disk.bytes_read',
    'pool.ratio.effective',
  ].map((name) => [name, metricFacts(name)]),
)

interface MadeSweep {
  id: string
  spec: ExperimentSpec
  axes: SweepAxis[]
  startedAt: number
  /** How it ended; undefined: it grows by the clock, and is done after `takesMs`. */
  ended?: { status: SweepStatus; done: number; at: number; fault?: LabFault }
  takesMs?: number
  /** What a point failed by, other than its specification. */
  fails?: (position: number) => LabFault | null
}

/** 0 … 1, the same for the same text. */
function hash(text: string): number {
  let value = 2166136261
  for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 16777619)
  return (value >>> 0) / 2 ** 32
}

function figures(values: SweepAxis['values'], lane: number): Record<string, number> {
  const sizes = values.map((value) => (typeof value === 'number' ? Math.log2(value + 2) : 6 * hash(String(value))))
  const size = sizes.reduce((sum, value, axis) => sum + value / (axis + 1), 0)
  const best = 9 + lane
  const loss = lane === 0 ? 1 : 1 / (2 + lane) + 0.012 * (size - best) ** 2
  const noise = 0.97 + 0.06 * hash(JSON.stringify([values, lane]))
  return {
    'accesses.per_s': (91_000 / loss) * noise,
    'fault.ns.p50': 21_000 * loss * noise,
    'fault.ns.p99': 610_000 * loss * noise,
    'disk.bytes_written': Math.round(182e6 * loss * noise),
    'disk.bytes_read': Math.round(241e6 * loss * noise),
    ...(lane > 0 && { 'pool.ratio.effective': 1.9 - 0.3 * loss }),
  }
}

function pointOf({ spec: base, axes, fails }: MadeSweep, position: number): SweepPoint {
  const fault = fails?.(position)
  if (fault) return { position, lanes: [], fault }
  try {
    const { lanes, trials } = parseSpec(pointSpec(base, axes, position))
    const values = pointValues(axes, position)
    return {
      position,
      lanes: lanes.map((lane, index) => ({
        label: laneLabel(lane),
        trials,
        // What is varied in another lane changes nothing in this one.
        metrics: figures(
          values.map((value, axis) => ([null, index].includes(laneOfField(axes[axis].field)) ? value : null)),
          index,
        ),
      })),
      fault: null,
    }
  } catch (error) {
    return { position, lanes: [], fault: faultOf(error) }
  }
}

function summaryOf({ id, spec: { name, lanes }, axes, startedAt, ended, takesMs = 0 }: MadeSweep): SweepSummary {
  const points = sweepSize(axes)
  const elapsedMs = Date.now() - startedAt - QUEUED_MS
  const grown = Math.min(points, Math.max(0, Math.floor((elapsedMs / takesMs) * points)))
  const status = elapsedMs < 0 ? 'queued' : grown < points ? 'running' : 'done'
  const endedAt = ended?.at ?? (status === 'done' ? startedAt + QUEUED_MS + takesMs : null)
  return {
    id,
    name,
    status: ended?.status ?? status,
    axes,
    lanes: lanes.map(laneLabel),
    points,
    done: ended?.done ?? grown,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    fault: ended?.fault ?? null,
  }
}

export function documentOf(made: MadeSweep): SweepDocument {
  const sweep = summaryOf(made)
  return {
    sweep,
    spec: z.record(z.string(), z.json()).parse(made.spec),
    points: Array.from({ length: sweep.done }, (_, position) => pointOf(made, position)),
    metrics: METRICS,
  }
}

const base = (name: string) => spec({ name, mode: 'simulate', trials: 3 })

const OUT_OF_MEMORY: LabFault = {
  code: 'out_of_memory',
  message: 'No frame can be reclaimed: the pool has taken all RAM that is left.',
  remedy: 'Make memory.pool smaller or memory.frames larger.',
}

/** One of every state, newest first, with ids that say what they are. */
export function everySweep(): MadeSweep[] {
  const at = (minutes: number) => NEWEST - minutes * MINUTE
  const ended = (status: SweepStatus, done: number, minutes: number, fault?: LabFault) => ({
    ended: { status, done, at: at(minutes) + 41_300, fault },
    startedAt: at(minutes),
  })
  return [
    {
      id: 'running',
      spec: base('pool and skew, under way'),
      axes: [
        { field: 'memory.pool', values: [512, 1024, 2048, 3072] },
        { field: 'workload.access.theta', values: [0.6, 0.7, 0.8, 0.9, 1, 1.1] },
      ],
      startedAt: Date.now(),
      takesMs: 120_000,
    },
    {
      id: 'numbers',
      spec: base('how large a pool'),
      axes: [
        { field: 'memory.pool', values: [256, 512, 1024, 2048] },
        { field: 'mm.readahead', values: [1, 8, 32] },
      ],
      ...ended('done', 12, 20),
    },
    {
      id: 'policies',
      spec: base('which policy, written back in which form'),
      axes: [
        { field: 'lanes.2.policy', values: ['lru-frame', 'lru-zpage', 'keep-clean', 'watermark'] },
        { field: 'lanes.2.writebackForm', values: ['page', 'zpage'] },
        { field: 'swapfile.layout', values: ['slot', 'log'] },
      ],
      ...ended('done', 16, 45),
    },
    {
      id: 'cancelled',
      spec: base('thought better of'),
      axes: [{ field: 'workload.access.theta', values: [0.6, 0.7, 0.8, 0.9] }],
      ...ended('cancelled', 3, 60),
    },
    {
      id: 'interrupted',
      spec: base('the lab was closed meanwhile'),
      axes: [{ field: 'workload.operations', values: [100_000, 200_000, 400_000] }],
      ...ended('interrupted', 2, 90, {
        code: 'engine_died',
        message: 'The lab ended while this sweep was under way.',
        remedy: 'Start it again: the same specification and seed give the same points.',
      }),
    },
    {
      id: 'failed',
      spec: base('<b>a calibration</b> that is gone'),
      axes: [{ field: 'simulate.slower', values: [1, 2, 4] }],
      ...ended('failed', 0, 120, {
        code: 'not_found',
        message: 'The calibration /home/fixture/disk.json is not there.',
        remedy: 'Write one with "swaplab calibrate --json", or use simulate.device "reference".',
      }),
    },
    {
      id: 'impossible',
      spec: base('more pool than RAM'),
      axes: [{ field: 'memory.pool', values: [3400, 3500, 3600] }],
      fails: () => OUT_OF_MEMORY,
      ...ended('done', 3, 150),
    },
  ]
}

/** One of 2000 points, of which some failed. */
export function largeSweep(): MadeSweep {
  return {
    id: 'large',
    spec: base('two thousand points'),
    axes: [
      { field: 'memory.pool', values: Array.from({ length: 20 }, (_, step) => 128 * (step + 1)) },
      { field: 'workload.access.theta', values: Array.from({ length: 10 }, (_, step) => (step + 4) / 10) },
      { field: 'mm.readahead', values: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] },
    ],
    fails: (position) => (position % 97 === 96 ? OUT_OF_MEMORY : null),
    startedAt: NEWEST,
    ended: { status: 'done', done: 2000, at: NEWEST + 9 * MINUTE },
  }
}

/** @throws LabError `bad_input` at vary.N.field, vary.N.values or a field of the specification */
function axesOf(written: unknown, vary: readonly SweepField[]): { spec: ExperimentSpec; axes: SweepAxis[] } {
  const base = parseSpec({ ...(written as ExperimentSpec), mode: 'simulate' })
  const axes = vary.map(({ field, values: text }, index) => {
    const at = (part: string, error: unknown) => {
      const { message } = faultOf(error)
      return new LabError({ code: 'bad_input', message, field: `vary.${index}.${part}` })
    }
    let values: SweepAxis['values']
    try {
      values = parse(`[${text}]`)
    } catch (error) {
      throw at('values', error)
    }
    for (const value of values) {
      let varied: unknown
      try {
        varied = withField(base, field, value)
      } catch (error) {
        throw at('field', error)
      }
      try {
        parseSpec(varied)
      } catch (error) {
        throw at('values', error)
      }
    }
    return { field, values }
  })
  const points = sweepSize(axes)
  if (points > MOST_POINTS)
    throw new LabError({
      code: 'bad_input',
      message: `These are ${points} points, and ${MOST_POINTS} are taken at most.`,
      remedy: 'Give fewer values.',
      field: 'vary',
    })
  return { spec: base, axes }
}

/** What the contract asks of sweeps. */
export function fixtureSweeps(made: MadeSweep[], takesMs: number) {
  const deleted = new Map<string, MadeSweep>()
  const find = (id: string): MadeSweep => {
    const found = made.find((sweep) => sweep.id === id)
    if (!found) throw new LabError({ code: 'not_found', message: `There is no sweep ${id}.`, remedy: 'See the list.' })
    return found
  }
  return {
    check: ({ spec, vary }: { spec?: unknown; vary: SweepField[] }) => ({
      points: sweepSize(axesOf(spec, vary).axes),
    }),
    start: ({ spec, vary }: { spec?: unknown; vary: SweepField[] }) => {
      const id = randomUUID().slice(0, 8)
      made.unshift({ id, ...axesOf(spec, vary), startedAt: Date.now(), takesMs })
      return { id }
    },
    cancel: (id: string) => {
      const found = find(id)
      const { status, done } = summaryOf(found)
      const cancelled = status === 'queued' || status === 'running'
      if (cancelled) found.ended = { status: 'cancelled', done, at: Date.now() }
      return { cancelled }
    },
    list: ({ limit, offset }: { limit: number; offset: number }) => ({
      sweeps: made.slice(offset, offset + limit).map(summaryOf),
      total: made.length,
    }),
    state: (id: string) => {
      const sweep = summaryOf(find(id))
      const elapsedMs = sweep.status === 'running' ? Date.now() - Date.parse(sweep.startedAt) - QUEUED_MS : null
      return {
        ...sweep,
        waitingFor: sweep.status === 'queued' ? 'run done-0' : null,
        elapsedMs,
        etaMs: elapsedMs === null || sweep.done === 0 ? null : (elapsedMs / sweep.done) * (sweep.points - sweep.done),
      }
    },
    get: (id: string) => documentOf(find(id)),
    delete: (id: string) => {
      const found = find(id)
      made.splice(made.indexOf(found), 1)
      deleted.set(id, found)
      return { undoUntil: new Date(Date.now() + 10_000).toISOString() }
    },
    undelete: (id: string) => {
      const found = deleted.get(id)
      if (!found) throw new LabError({ code: 'not_found', message: 'That sweep is gone.' })
      made.push(found)
      made.sort((a, b) => b.startedAt - a.startedAt)
      return summaryOf(found)
    },
  }
}
