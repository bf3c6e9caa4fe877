import fc from 'fast-check'
import { AllocatorName, PolicyName } from '../contract/index.ts'
import { type EngineOptions, makePolicy, takesWholePages } from './fixture-engine.ts'
import { ALLOCATORS, withShrinker, type ZramWriteback } from './index.ts'

/** Every lane with every allocator and policy it takes, and for each all else that can be chosen, by chance. */

type Backend = Extract<EngineOptions['backend'], string>

export interface Combination {
  name: string
  /** null: plain swap. */
  backend: Backend | null
  allocator: AllocatorName | null
  /** null: writeback is off, or the lane has a rule of its own. */
  policy: PolicyName | null
  /** zram only. null: nothing is written back. */
  zramWriteback?: ZramWriteback | null
}

/** Policies that wait for minutes, hurried: every few milliseconds they find something to do. */
const HURRIED: Partial<Record<PolicyName, Record<string, number>>> = {
  'idle-drip': { quiet: 0.01, interval: 0.002, batch: 4 },
  'idle-age': { age: 0.02, batch: 4 },
  'cold-age': { interval: 0.02, youngest: 0.005, target: 1000 },
  senpai: { target: 60_000, tick: 0.005, interval: 1, tighten: 0.5 },
  'frontswap-shrink': { interval: 0.002, inertia: 1, share: 0.5 },
}
/** The same for what zram's script and a guest of Xen do every so often, ns. */
const HURRIED_NS = 4e6

const ZRAM_WRITEBACKS = [null, 'huge', 'idle', 'huge_idle', 'incompressible'] as const

const pooled = (['zcache', 'zswap'] as const).flatMap((backend) =>
  AllocatorName.options.flatMap((allocator) =>
    [null, ...PolicyName.options]
      .filter(
        (policy) => policy === null || ALLOCATORS[allocator].gives === 'frame' || makePolicy(policy).unit === 'zpage',
      )
      .map((policy) => ({ backend, allocator, policy })),
  ),
)

export const COMBINATIONS: readonly Combination[] = [
  { backend: null, allocator: null, policy: null },
  { backend: 'zswap 3.11' as const, allocator: null, policy: null },
  { backend: 'zswap v4' as const, allocator: null, policy: null },
  ...ZRAM_WRITEBACKS.map((zramWriteback) => ({
    backend: 'zram' as const,
    allocator: null,
    policy: null,
    zramWriteback,
  })),
  ...AllocatorName.options.map((allocator) => ({ backend: 'xen-tmem' as const, allocator, policy: null })),
  ...[null, 'lru-frame' as const, 'keep-clean' as const, 'frontswap-shrink' as const].map((policy) => ({
    backend: 'ramster' as const,
    allocator: 'zbud' as const,
    policy,
  })),
  ...[null, 'lru-zpage' as const].map((policy) => ({
    backend: 'ramster' as const,
    allocator: 'zsmalloc' as const,
    policy,
  })),
  ...pooled,
].map((combination: Omit<Combination, 'name'>) => ({
  ...combination,
  name: [
    combination.backend ?? 'raw',
    combination.allocator,
    combination.zramWriteback !== undefined && (combination.zramWriteback ?? 'no writeback'),
    combination.allocator && (combination.policy ?? 'no writeback'),
  ]
    .filter((part) => typeof part === 'string')
    .join(', '),
}))

function parametersOf(policy: PolicyName, byAge: boolean): Record<string, number> | undefined {
  return policy === 'frontswap-shrink' ? { ...HURRIED[policy], byAge: byAge ? 1 : 0 } : HURRIED[policy]
}

/** About 100 pages a second, bytes per day: less than most sequences would write back. */
const BUDGET = 100 * 4096 * 86_400

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const bool = fc.boolean()

/** Everything that a combination leaves open. */
const drawn = {
  poolLimit: oneOf(20, 28),
  background: oneOf(0, 8),
  readahead: oneOf(1, 8),
  fileReadahead: oneOf(1, 16),
  full: oneOf('bypass' as const, 'wait' as const),
  compaction: bool,
  budget: oneOf(null, null, BUDGET),
  shrinker: bool,
  cluster: oneOf(1, 8),
  late: bool,
  disk: oneOf(
    { layout: 'slot', form: 'page' } as const,
    { layout: 'log', form: 'page' } as const,
    { layout: 'log', form: 'zpage' } as const,
  ),
  fileEvery: oneOf(0, 0, 1, 3),
  zeroMap: bool,
  keepsSameFilled: bool,
  exclusiveGets: bool,
  cleancache: bool,
  switches: oneOf({}, {}, { writethrough: true }, { activeOnly: true }, { frontswap: false }),
  keepsRaw: bool,
  diskSwap: bool,
  small: bool,
  byAge: bool,
  balloon: bool,
  memLimit: oneOf(12, 28, 72),
  disksize: oneOf(40, 224),
  writebackLimit: oneOf(null, null, 20),
  recompress: oneOf(null, 'huge' as const, 'idle' as const, 'huge_idle' as const),
  recompressThreshold: oneOf(0, 0, 900),
  sentAtOnce: oneOf(1, 8, 40),
  nodePages: oneOf(2, 1000),
  selfShrink: bool,
  nodeCount: oneOf(1, 2, 3),
  answersPerPoll: oneOf(1, 3, 1000),
  window: oneOf(2, 64),
  room: oneOf(4, 1000),
  swap: fc.record({ seed: fc.nat(), batch: oneOf(1, 4, 32), slow: oneOf(0, 0.3, 1), shuffle: bool }),
}

/** Plain values, so that fast-check can print and replay them; engineOptions makes an engine's options of them. */
export const Draw = fc.record(drawn)
export type Draw = typeof Draw extends fc.Arbitrary<infer T> ? T : never

/** What of a draw concerns the combination; its policy is a new one each time. */
export function engineOptions(
  { backend, allocator, policy, zramWriteback }: Combination,
  { disk, zeroMap, keepsSameFilled, exclusiveGets, cleancache, switches, keepsRaw, diskSwap, small, ...draw }: Draw,
): Omit<EngineOptions, 'pages'> {
  const {
    byAge,
    balloon,
    memLimit,
    disksize,
    writebackLimit,
    recompress,
    recompressThreshold,
    budget,
    shrinker,
    sentAtOnce,
    nodePages,
    selfShrink,
    nodeCount,
    answersPerPoll,
    window,
    room,
    ...rest
  } = draw
  const isZram = backend === 'zram'
  const ownRule = backend === 'zswap 3.11' || backend === 'zswap v4' || isZram
  const takesRaw = allocator !== null && takesWholePages(allocator)
  const sameFilled = (backend === 'zswap' || isZram) && keepsSameFilled ? 'zswap' : zeroMap ? 'zero map' : undefined
  return {
    ...rest,
    // Neither zswap of 2013 nor zram knows another form than pages.
    ...(ownRule ? { layout: disk.layout } : disk),
    frames: 72,
    lane:
      backend === null
        ? 'raw'
        : (ownRule && zramWriteback !== null) || policy !== null
          ? 'writeback on'
          : 'writeback off',
    clockStepNs: 5e4,
    ...(sameFilled && { sameFilled }),
    ...(backend !== null && { backend }),
    ...(allocator !== null && { allocator }),
    ...(policy !== null && {
      policy:
        backend === 'zswap' && policy === 'watermark' && shrinker
          ? withShrinker(makePolicy(policy))
          : makePolicy(policy, parametersOf(policy, byAge)),
      ...(budget !== null && { budgetBytesPerDay: budget }),
    }),
    ...((backend === 'zcache' || backend === 'ramster') && { exclusiveGets, switches, cleancache }),
    ...(backend === 'zswap' && { incompressible: keepsRaw && takesRaw ? 'raw' : 'reject' }),
    // memory.zswap.writeback=0 is neither writeback nor a way to disk.
    ...(backend === 'zswap' && policy === null && { diskSwap }),
    ...(isZram && {
      zram: {
        memLimit,
        disksize,
        recompressThreshold,
        passes: {
          ageNs: HURRIED_NS,
          writeback: zramWriteback ?? null,
          limit: writebackLimit,
          // Without recompression nothing would ever be incompressible.
          recompress: recompress ?? (zramWriteback === 'incompressible' ? 'huge' : null),
        },
      },
    }),
    ...(backend === 'ramster' && {
      ramster: {
        intervalNs: HURRIED_NS,
        frames: sentAtOnce,
        nodeBytes: nodePages * 4096,
        shrink: selfShrink ? { intervalNs: HURRIED_NS, inertia: 1, hysteresis: 4 } : null,
        nodes: { nodes: nodeCount, answersPerPoll, window, room },
      },
    }),
    ...(backend === 'xen-tmem' && {
      xen: {
        balloon: balloon ? { intervalNs: HURRIED_NS, downHysteresis: 8, upHysteresis: 1, reserve: 4 } : null,
        shrink: { intervalNs: HURRIED_NS, inertia: 1, hysteresis: 4, byAge },
      },
    }),
    // Few to a frame or a block, or many.
    ...(small && { size: (word: number) => 40 + ((word >>> 3) % 700) }),
  }
}
