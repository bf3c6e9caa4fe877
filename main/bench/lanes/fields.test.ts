import { expect, it } from 'vitest'
import { z } from 'zod'
import { EngineLane, type ExperimentInput, parseSpec } from '../../contract/index.ts'
import { simulateExperiment } from '../simulate/index.ts'

/** Every field of every lane reaches the engine: two values of it, all else equal, and the trial is another one. */

type Lane = NonNullable<ExperimentInput['lanes']>[number]

interface Difference {
  /** All else of the lane. */
  lane?: Record<string, unknown>
  /** Two values of the field. */
  values: readonly [unknown, unknown]
  /** All else of the experiment. */
  experiment?: Omit<ExperimentInput, 'lanes'>
}

const BASE = {
  mode: 'simulate',
  simulate: { sizes: 'magenheimer-3x' },
  memory: { frames: 1024, pool: 300 },
  workload: { pages: 3000, operations: 6000 },
  trials: 1,
} satisfies ExperimentInput

const WITH_FILE = { workload: { ...BASE.workload, file: { share: 0.3 } } }
/** Sizes of both codecs, and of one at each level. */
const OF_CODECS = {
  simulate: { sizes: 'corpus' },
  memory: { frames: 2048, pool: 600 },
  workload: { ...BASE.workload, content: { source: 'synthetic', pages: 64 } },
} satisfies Difference['experiment']
const RECOMPRESSED = {
  ...OF_CODECS,
  workload: { ...OF_CODECS.workload, operations: 12_000 },
} satisfies Difference['experiment']
const IN_BURSTS = {
  workload: { pages: 1600, operations: 20_000, access: { pattern: 'burst' } },
} satisfies Difference['experiment']
const ON_LOG = { swapfile: { layout: 'log' } } satisfies Difference['experiment']

const CODEC: Record<string, Difference> = {
  codec: { values: ['lz4', 'zstd'] },
  level: { lane: { codec: 'zstd' }, values: [1, 15], experiment: OF_CODECS },
}

const writing = { writeback: 'on', inflight: 32, policy: 'lru-zpage' }

/** What every lane has whose pool leaves allocator and policy open. */
const POOL: Record<string, Difference> = {
  ...CODEC,
  allocator: { lane: { incompressible: 'reject' }, values: ['zbud', 'z3fold'] },
  writeback: { lane: { inflight: 32, policy: 'lru-zpage' }, values: ['off', 'on'] },
  policy: { lane: writing, values: ['lru-zpage', 'idle-age'] },
  parameters: { lane: writing, values: [{}, { headroom: 0.2 }] },
  full: { lane: { ...writing, policy: 'reject' }, values: ['bypass', 'wait'] },
  budget: { lane: writing, values: [null, 1] },
  inflight: { lane: writing, values: [8, 64] },
  writebackForm: { lane: writing, values: ['page', 'zpage'], experiment: ON_LOG },
  writebackCluster: { lane: writing, values: [1, 8] },
  compaction: { lane: { ...writing, allocator: 'zsmalloc' }, values: ['on', 'off'] },
}

const ZCACHE: Record<string, Difference> = {
  ...Object.fromEntries(
    Object.entries(POOL).map(([field, { lane, ...rest }]) => [field, { ...rest, lane: zcacheOf(lane) }]),
  ),
  exclusiveGets: { values: ['on', 'off'] },
  cleancache: { values: ['on', 'off'], experiment: WITH_FILE },
  frontswap: { values: ['on', 'off'], experiment: WITH_FILE },
  writethrough: { values: ['off', 'on'] },
  activeOnly: { values: ['off', 'on'] },
  'freeze.at': { values: [null, 0.5] },
  'freeze.thaw': { lane: { freeze: { at: 0.3 } }, values: [null, 0.6] },
}

/** zcache has no word for what does not compress. */
function zcacheOf({ incompressible, ...lane }: Record<string, unknown> = {}): Record<string, unknown> {
  return lane
}

const { frontswap: _, ...withoutFrontswap } = ZCACHE
const node = (n: number) => `redis://10.0.0.${n}`
const pullingBack = { interval: 0.001, shrinkInterval: 0.002, inertia: 1 }
const ballooning = { interval: 0.002 }
const shrinking = { selfBalloon: 'off', interval: 0.002, inertia: 1 }
const idle = { idleAge: 0.01, memLimit: 'off' }
const recompressing = { ...idle, recompress: { type: 'idle' } }

const DIFFERENCES: Record<string, Record<string, Difference>> = {
  zcache: ZCACHE,
  zswap: {
    ...POOL,
    incompressible: { lane: writing, values: ['raw', 'reject'] },
    diskSwap: {
      values: ['on', 'off'],
      experiment: { memory: { frames: 1024, pool: 700 }, workload: { ...BASE.workload, pages: 1300 } },
    },
    shrinker: { lane: { ...writing, policy: 'watermark' }, values: ['off', 'on'] },
    sameFilled: { values: ['swap-map', 'off'] },
  },
  ramster: {
    ...withoutFrontswap,
    writebackCluster: { lane: { ...writing, interval: 10 }, values: [1, 8] },
    nodes: { values: [[node(1)], [node(1), node(2)]] },
    nodePages: { values: [null, 20] },
    interval: { values: [0.001, 0.5] },
    frames: { values: [4, 100] },
    selfShrink: { lane: pullingBack, values: ['on', 'off'], experiment: IN_BURSTS },
    shrinkInterval: { lane: pullingBack, values: [0.002, 0.02], experiment: IN_BURSTS },
    inertia: { lane: pullingBack, values: [1, 5], experiment: IN_BURSTS },
    shrinkHysteresis: { lane: pullingBack, values: [20, 4], experiment: IN_BURSTS },
    'model.rtt': { values: [100, 200] },
    'model.bandwidth': { values: [1000, 10] },
  },
  'zswap-2013': { ...CODEC, form: { values: ['3.11', 'v4'] } },
  'xen-tmem': {
    ...CODEC,
    allocator: { values: ['zsmalloc', 'zbud'] },
    selfBalloon: { lane: ballooning, values: ['on', 'off'] },
    interval: { values: [0.002, 0.2] },
    reserve: { lane: ballooning, values: [256, 0], experiment: IN_BURSTS },
    downHysteresis: { lane: { ...ballooning, reserve: 0 }, values: [8, 2], experiment: IN_BURSTS },
    upHysteresis: { lane: ballooning, values: [1, 8] },
    selfShrink: { lane: shrinking, values: ['by-slot', 'by-age'], experiment: IN_BURSTS },
    inertia: { lane: shrinking, values: [1, 5], experiment: IN_BURSTS },
    shrinkHysteresis: { lane: shrinking, values: [20, 4], experiment: IN_BURSTS },
  },
  zram: {
    ...CODEC,
    disksize: { values: [null, 300] },
    memLimit: { values: ['on', 'off'] },
    'recompress.type': { lane: idle, values: ['off', 'idle'], experiment: RECOMPRESSED },
    'recompress.codec': { lane: recompressing, values: ['zstd', 'deflate'], experiment: RECOMPRESSED },
    'recompress.level': { lane: recompressing, values: [1, 15], experiment: RECOMPRESSED },
    'recompress.threshold': { lane: recompressing, values: [0, 2000], experiment: RECOMPRESSED },
    writeback: { lane: idle, values: ['off', 'idle'] },
    idleAge: { lane: { writeback: 'idle', memLimit: 'off' }, values: [0.01, 0.05] },
    writebackLimit: { lane: { ...idle, writeback: 'idle' }, values: [null, 10] },
  },
}

/** Without swap pages there is nothing to send, which is refused. */
const REFUSED = ['ramster.frontswap']
/** Of a thread there is none in a simulation, and a label is for readers. */
const ELSEWHERE = ['lane', 'label', 'writebackThread']

/** Names of the fields of a shape, those of its parts with a dot. */
function fieldsOf(shape: z.core.$ZodShape): string[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const part = field instanceof z.ZodPrefault ? field.unwrap() : field
    return part instanceof z.ZodObject ? fieldsOf(part.shape).map((inner) => `${name}.${inner}`) : [name]
  })
}

function laneWith(name: string, { lane = {} }: Difference, field: string, value: unknown): Lane {
  const [outer, inner] = field.split('.')
  const set = inner === undefined ? value : { ...Object(lane[outer]), [inner]: value }
  return Object({ lane: name, ...(name === 'ramster' && { nodes: [node(1)], interval: 0.005 }), ...lane, [outer]: set })
}

async function outcome(lane: Lane, experiment: Difference['experiment'] = {}) {
  const { trials } = await simulateExperiment(parseSpec({ ...BASE, ...experiment, lanes: [lane] }))
  const [{ counters, metrics }] = trials
  return { counters, metrics }
}

const cases = Object.entries(DIFFERENCES).flatMap(([lane, fields]) =>
  Object.entries(fields).map(([field, difference]) => ({ lane, field, difference })),
)

it('every lane of the engine that can be simulated, and every field of it, is looked at', () => {
  const there = EngineLane.options.flatMap(({ shape }) =>
    fieldsOf(shape).flatMap((field) => (ELSEWHERE.includes(field) ? [] : [`${shape.lane.value}.${field}`])),
  )
  const here = cases.map(({ lane, field }) => `${lane}.${field}`)
  expect([...here, ...REFUSED].sort()).toEqual(there.filter((field) => !field.startsWith('live.')).sort())
})

it('a label makes no difference', async () => {
  const lane = { lane: 'zcache', writeback: 'on', inflight: 32 } as const
  expect(await outcome({ ...lane, label: 'another' })).toEqual(await outcome(lane))
})

it.each(cases)('$field of $lane makes a difference', async ({ lane, field, difference }) => {
  const [one, other] = difference.values.map((value) => laneWith(lane, difference, field, value))
  expect(await outcome(other, difference.experiment)).not.toEqual(await outcome(one, difference.experiment))
})
