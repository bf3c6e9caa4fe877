import { setImmediate } from 'node:timers/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  type ExperimentSpec,
  faultOf,
  LabError,
  type LabFault,
  laneLabel,
  MOST_POINTS,
  pointSpec,
  pointValues,
  type SweepAxis,
  type SweepDocument,
  type SweepField,
  type SweepPoint,
  sweepSize,
} from '../../contract/index.ts'
import { acceptSpec } from '../specifications/accept.ts'

/** What a sweep will simulate: its axes, and each point's specification or why there is none. */

/** While a person types: combinations that are looked at before a value is taken to be possible, and specifications checked in all. */
const COMBINATIONS_LOOKED_AT = 50
const CHECKS_AT_MOST = 500
/** Characters of a list that its error shows. */
const MOST_ECHOED = 60
/** Specifications checked between two turns of the event loop. */
const CHECKS_PER_TURN = 50

export interface SweepPlan {
  /** Of the first point that is possible. */
  name: string
  lanes: string[]
  spec: SweepDocument['spec']
  axes: SweepAxis[]
  points: { position: number; spec: ExperimentSpec }[]
  /** Points that cannot be simulated. */
  impossible: SweepPoint[]
}

type Sweep = Pick<SweepPlan, 'spec' | 'axes'>

interface Asked {
  spec: unknown
  vary: readonly SweepField[]
}

/** Whether every value is possible, looking at some combinations only. @returns points @throws LabError `bad_input`, `not_found`; field vary.N.field or vary.N.values */
export async function checkSweep(asked: Asked): Promise<number> {
  const { spec, axes } = readSweep(asked)
  let checks = 0
  for (const [at, { values }] of axes.entries()) {
    for (const index of values.keys()) {
      let fault: LabFault | null = null
      for (const position of positionsWith(axes, at, index, COMBINATIONS_LOOKED_AT)) {
        if (++checks > CHECKS_AT_MOST) return sweepSize(axes)
        if (checks % CHECKS_PER_TURN === 0) await setImmediate()
        const outcome = await specOf(spec, axes, position)
        if ('spec' in outcome) {
          fault = null
          break
        }
        fault ??= outcome.fault
      }
      if (fault) throw await impossibleValue({ spec, axes }, at, index, fault)
    }
  }
  return sweepSize(axes)
}

/**
 * Every point of a sweep. One whose combination is not possible is known now; a value that is possible in no combination is refused.
 * @throws LabError `bad_input`, `not_found`; field vary.N.field or vary.N.values
 */
export async function planSweep(asked: Asked): Promise<SweepPlan> {
  const { spec, axes } = readSweep(asked)
  const plan = { points: [] as SweepPlan['points'], impossible: [] as SweepPoint[] }
  /** By axis and value: the fault of its first point, until one is possible. */
  const unproven = axes.map(({ values }) => values.map((): LabFault | null | undefined => undefined))
  for (let position = 0; position < sweepSize(axes); position++) {
    if (position % CHECKS_PER_TURN === 0) await setImmediate()
    const outcome = await specOf(spec, axes, position)
    const fault = 'fault' in outcome ? outcome.fault : null
    if ('spec' in outcome) plan.points.push({ position, spec: outcome.spec })
    else plan.impossible.push({ position, lanes: [], fault: outcome.fault })
    for (const [at, value] of pointValues(axes, position).entries()) {
      const index = axes[at].values.indexOf(value)
      if (fault === null) unproven[at][index] = null
      else if (unproven[at][index] === undefined) unproven[at][index] = fault
    }
  }
  for (const [at, values] of unproven.entries())
    for (const [index, fault] of values.entries())
      if (fault) throw await impossibleValue({ spec, axes }, at, index, fault)
  const [{ spec: first }] = plan.points
  return { name: first.name, lanes: first.lanes.map(laneLabel), spec, axes, ...plan }
}

function readSweep({ spec, vary }: Asked): Sweep {
  const base = z.record(z.string(), z.json()).safeParse(JSON.parse(JSON.stringify(spec ?? null)))
  if (!base.success)
    throw bad('spec', 'A sweep needs a specification: a group of fields.', '"swaplab presets --json" prints some.')
  const axes = vary.map(axisOf)
  const points = sweepSize(axes)
  if (points > MOST_POINTS)
    throw bad('vary', `These are ${points} combinations.`, `At most ${MOST_POINTS} are taken at once.`)
  return { spec: { ...base.data, mode: 'simulate' }, axes }
}

function axisOf({ field, values }: SweepField, at: number, all: readonly SweepField[]): SweepAxis {
  if (all.findIndex((other) => other.field === field) < at)
    throw bad(`vary.${at}.field`, `${field} is varied twice.`, 'Put all of its values into one.')
  if (field === 'mode' || field === 'version')
    throw bad(`vary.${at}.field`, `${field} cannot be varied.`, 'Vary another field: a sweep is always simulated.')
  const wrong = (what: string) => bad(`vary.${at}.values`, `${field}: ${what}.`, 'Write e.g. 1024, 2048, 4096.')
  const noList = `"${values.length > MOST_ECHOED ? `${values.slice(0, MOST_ECHOED)}…` : values}" is no list of at most ${MOST_POINTS} values parted by commas`
  let list: unknown
  try {
    list = parse(`[${values}]`)
  } catch {
    throw wrong(noList)
  }
  const read = z.array(z.json()).min(1).max(MOST_POINTS).safeParse(list)
  if (!read.success) throw wrong(noList)
  const written = read.data.map((value) => JSON.stringify(value))
  const twice = written.find((value, index) => written.indexOf(value) < index)
  if (twice !== undefined) throw wrong(`${twice} is there twice`)
  return { field, values: read.data }
}

/** As a run of it would be checked. */
async function specOf(
  base: SweepDocument['spec'],
  axes: readonly SweepAxis[],
  position: number,
): Promise<{ spec: ExperimentSpec } | { fault: LabFault }> {
  try {
    return { spec: await acceptSpec(pointSpec(base, axes, position)) }
  } catch (error) {
    if (error instanceof LabError) return { fault: faultOf(error) }
    throw error
  }
}

/** Positions of the points where an axis has this value, at most so many. */
function* positionsWith(axes: readonly SweepAxis[], at: number, index: number, most: number): Generator<number> {
  const stride = sweepSize(axes.slice(at + 1))
  const turn = stride * axes[at].values.length
  const others = sweepSize(axes) / axes[at].values.length
  for (let n = 0; n < Math.min(most, others); n++) yield Math.floor(n / stride) * turn + index * stride + (n % stride)
}

/** The fault of one of its points, told of the value; or of the specification, which has it by itself. */
async function impossibleValue({ spec, axes }: Sweep, at: number, index: number, fault: LabFault): Promise<LabError> {
  const own = await specOf(spec, [], 0)
  if ('fault' in own && own.fault.message === fault.message) return new LabError(own.fault)
  const value = JSON.stringify(axes[at].values[index])
  return new LabError({
    ...fault,
    field: `vary.${at}.values`,
    message: `${axes[at].field} = ${value} is possible in no combination: ${fault.message}`,
  })
}

function bad(field: string, message: string, remedy: string): LabError {
  return new LabError({ code: 'bad_input', field, message, remedy })
}
