import { type ExperimentSpec, type RunDocument, type RunStatus, twinLanes } from '../../main/contract/index.ts'
import { document, NEWEST } from './run-document.ts'
import { EVERY_LANE, HARSH, HARSH_NAMES, presets, spec, TWIN } from './specifications.ts'

/** The histories of the fixture. */

const MINUTE = 60_000

const STATES = [
  'done',
  'failed',
  'cancelled',
  'interrupted',
  'invalid',
  'done',
  'done',
] as const satisfies readonly RunStatus[]

function specOf(status: RunStatus, index: number): ExperimentSpec {
  const { name, spec } = presets[index % presets.length]
  const load: ExperimentSpec['workload']['load'] =
    status === 'invalid' ? { kind: 'open', rate: 20_000, arrivals: 'poisson' } : spec.workload.load
  return { ...spec, name: `${name} on the fixture`, workload: { ...spec.workload, load } }
}

/** One run of every state, newest first, with ids that say what they are ("done-0", "failed-1", …). */
export function everyState(): RunDocument[] {
  return [...specialRuns(), ...plainStates()].sort((a, b) => b.run.startedAt.localeCompare(a.run.startedAt))
}

/** One that collected until its verdicts stood (and is compared with a baseline), the baseline, an A/A, and the kinds of lanes. */
function specialRuns(): RunDocument[] {
  const growing = document(
    'growing',
    spec({ name: 'adaptive on the fixture', trials: 6, adaptive: { limit: 120 } }),
    'done',
    NEWEST + 30 * MINUTE,
  )
  const pinned = document('pinned', { ...growing.spec, name: 'pinned baseline' }, 'done', NEWEST - 9 * 24 * 60 * MINUTE)
  const aa = document('aa', twinLanes(spec({ name: 'quick' })), 'done', NEWEST + 15 * MINUTE)
  return [
    harsh(),
    document('lanes', EVERY_LANE, 'done', NEWEST + 12 * MINUTE),
    document('twin', TWIN, 'done', NEWEST + 10 * MINUTE),
    document('simulated', spec({ name: 'a model of this disk', mode: 'simulate' }), 'done', NEWEST + 8 * MINUTE),
    {
      ...growing,
      run: {
        ...growing.run,
        baselineId: 'pinned',
        trialsDone: 27,
        trialsTotal: 27,
        collection: {
          planned: 18,
          added: 9,
          decision: 'Every comparison is settled.',
          later: [{ startedAt: new Date(NEWEST + 50 * MINUTE).toISOString(), firstBlock: 6, otherContents: true }],
        },
      },
    },
    { ...pinned, run: { ...pinned.run, baseline: true, baselineId: 'pinned' } },
    {
      ...aa,
      verdicts: [
        {
          question: 'Is a lane the same as itself here (A/A)?',
          answer: 'unknown',
          sentence:
            'Unknown, collect more trials: of 38 metrics 31 (82 %) are the same, none different, 7 (fsync.ns.p50, fsync.ns.p90, fault.ns.p999, disk.read.ns.p99 and 3 more) unknown; accesses per second differ by +0.8 % (−3.1 to +5.2 %); a change of 7.0 % would show in 4 of 5 such runs; 6 trials a lane.',
        },
      ],
    },
  ]
}

function harsh(): RunDocument {
  const made = document('harsh', HARSH, 'done', NEWEST + 5 * MINUTE)
  const sizes = { 'disk.bytes_written': 9.9e17, 'cpu.sys_s': 1e-9, 'rss.peak_bytes': 0, 'faults.per_s': 1.234e12 }
  return {
    ...made,
    run: { ...made.run, tags: Array.from({ length: 20 }, (_, at) => `${HARSH_NAMES[at % 6]} ${at}`.slice(0, 40)) },
    lanes: made.lanes.map((lane) => ({
      ...lane,
      metrics: {
        ...lane.metrics,
        ...Object.fromEntries(
          Object.entries(sizes).map(([name, median]) => [
            name,
            { ...lane.metrics[name], median, low: median * 0.9, high: median * 1.1 },
          ]),
        ),
      },
      // A host without sensors.
      trials: lane.trials.map(({ sensors: _sensors, ...trial }) => trial),
    })),
  }
}

function plainStates(): RunDocument[] {
  return STATES.map((status, index) =>
    document(`${status}-${index}`, specOf(status, index), status, NEWEST - index * 47 * MINUTE),
  )
}

/** `count` finished runs, for paging. */
export function many(count: number): RunDocument[] {
  const base = document('many-0', presets[0].spec, 'done')
  return Array.from({ length: count }, (_, index) => ({
    ...base,
    run: {
      ...base.run,
      id: `many-${index}`,
      name: `nightly ${count - index}`,
      startedAt: new Date(NEWEST - index * 60 * MINUTE).toISOString(),
    },
  }))
}
