import { parseArgs } from 'node:util'
import {
  type ExperimentInput,
  type ExperimentSpec,
  type NamedWorkload,
  parseSpec,
  workloadOf,
} from '../../main/contract/index.ts'
import { mean } from './tables.ts'
import { type SimulatedTrial, simulateAll } from './trials.ts'

/** Some lanes in some situations, simulated on the reference device, once with each seed: what a program of this folder makes its tables from. */

export type Lane = NonNullable<ExperimentInput['lanes']>[number]
export type Lanes = Readonly<Record<string, Lane>>

/** Accesses of a trial with the usual RAM, unless the workload wants more. With another RAM as many a page. */
const OPERATIONS = 100_000

/** `--seeds 11,12 --frames 4096 --workers 2` of the command line. */
export function askedFor(usual: { seeds: string; frames: number }): {
  seeds: number[]
  frames: number
  operations: number
  workers: number
} {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: usual.seeds },
      frames: { type: 'string', default: String(usual.frames) },
      workers: { type: 'string', default: '2' },
    },
  })
  const frames = Number(values.frames)
  return {
    seeds: values.seeds.split(',').map(Number),
    frames,
    operations: Math.round((OPERATIONS * frames) / usual.frames),
    workers: Number(values.workers),
  }
}

/** frames: of RAM, 7/16 of them the pool, as the presets have it; warmup: share of the accesses, default 0.2 */
export interface Machine {
  frames: number
  operations: number
  warmup?: number
}

function specOf(
  situation: NamedWorkload,
  lane: Lane,
  seed: number,
  { frames, operations, warmup }: Machine,
): ExperimentSpec {
  const spec = parseSpec({
    name: situation.name,
    seed,
    mode: 'simulate',
    memory: { frames, pool: (frames * 7) / 16 },
    workload: { content: { source: 'synthetic', pages: 2048 }, operations },
    lanes: [lane],
    trials: 1,
    warmup,
  })
  return { ...spec, workload: workloadOf(situation, spec) }
}

export class LanesInSituations {
  private readonly trials: ReadonlyMap<string, readonly SimulatedTrial[]>

  private constructor(trials: ReadonlyMap<string, readonly SimulatedTrial[]>) {
    this.trials = trials
  }

  /** @throws Error of simulateAll */
  static async simulate(
    situations: readonly NamedWorkload[],
    lanes: Lanes,
    machine: Machine,
    { seeds, workers }: { seeds: readonly number[]; workers: number },
  ): Promise<LanesInSituations> {
    const cells = situations.flatMap((situation) =>
      Object.entries(lanes).map(([name, lane]) => ({ key: keyOf(situation, name), situation, lane })),
    )
    const specs = cells.flatMap(({ situation, lane }) => seeds.map((seed) => specOf(situation, lane, seed, machine)))
    const trials = await simulateAll(specs, workers)
    return new LanesInSituations(
      new Map(cells.map(({ key }, at) => [key, trials.slice(at * seeds.length, (at + 1) * seeds.length)])),
    )
  }

  /** Mean over the seeds. */
  average(situation: NamedWorkload, lane: string, of: (trial: SimulatedTrial) => number): number {
    return mean(this.of(situation, lane).map(of))
  }

  /** A lane as a multiple of another, once with each seed. */
  multiples(situation: NamedWorkload, lane: string, base: string, of: (trial: SimulatedTrial) => number): number[] {
    const other = this.of(situation, base)
    return this.of(situation, lane).map((trial, index) => of(trial) / of(other[index]))
  }

  /** One for each seed, in the order of the seeds. */
  private of(situation: NamedWorkload, lane: string): readonly SimulatedTrial[] {
    const trials = this.trials.get(keyOf(situation, lane))
    if (!trials) throw new Error(`no trials of "${lane}" in "${situation.name}"`)
    return trials
  }
}

const keyOf = (situation: NamedWorkload, lane: string) => `${situation.name}: ${lane}`
