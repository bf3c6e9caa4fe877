import { CODEC_LEVELS, type CodecName } from './codec.ts'
import { isKernelLane, KERNEL_LANE_FRAMES, type KernelLane, MODEL_RECLAIM_OPERATIONS } from './kernel-lane.ts'
import { modelLane } from './kernel-twin.ts'
import type {
  AllocatorName,
  LaneSpec,
  LiveLane,
  PoolLane,
  RamsterLane,
  ZcacheLane,
  ZramLane,
  Zswap2013Lane,
  ZswapLane,
} from './lane.ts'
import { PolicyName } from './policy.ts'
import { POLICY_PARAMETERS, parameterProblems } from './policy-parameters.ts'
import type { RecordedSpec } from './spec.ts'

/** The allocators that take a whole page, so that one which does not compress can be kept as it is. */
const TAKES_WHOLE_PAGES: readonly AllocatorName[] = ['z3fold', 'zsmalloc']

/** Least RAM of each form, four times its reserve, pages. */
const ZSWAP_2013_FRAMES = { '3.11': 512, v4: 1024 } as const

/** Least RAM of a zram that writes back, four times its reserve, pages. */
const ZRAM_WRITEBACK_FRAMES = 256

/** Names a field of the lane, or one of the specification that the lane cannot take as it is. */
export type LaneProblem = { message: string } & ({ lane: string } | { spec: string })

/** What is wrong with a lane of a specification that no single field of it shows. */
export function laneProblems(lane: LaneSpec, spec: RecordedSpec): LaneProblem[] {
  if (isKernelLane(lane)) return kernelProblems(lane, spec)
  switch (lane.lane) {
    case 'raw':
      return []
    case 'zcache':
      return [...poolProblems(lane, spec), ...zcacheProblems(lane, spec), ...freezeProblems(lane)]
    case 'ramster':
      return [...poolProblems(lane, spec), ...ramsterProblems(lane), ...freezeProblems(lane)]
    case 'zswap':
      return [...poolProblems(lane, spec), ...zswapProblems(lane)]
    case 'live':
      return [...liveProblems(lane, spec), ...poolProblems(lane, spec), ...freezeProblems(lane)]
    case 'zswap-2013':
      return [...levelProblems(lane, 'level'), ...zswap2013Problems(lane, spec)]
    case 'xen-tmem':
      return levelProblems(lane, 'level')
    case 'zram':
      return [...levelProblems(lane, 'level'), ...zramProblems(lane, spec)]
  }
}

function kernelProblems(lane: KernelLane, { mode, workload, memory, lanes }: RecordedSpec): LaneProblem[] {
  const problems: LaneProblem[] = []
  if (mode === 'simulate')
    problems.push({ lane: 'lane', message: `${lane.lane} is this host's own kernel, which no model stands in for` })
  if (lane.lane === 'kernel-zram' && lane.as === 'block' && workload.load.kind === 'open')
    problems.push({
      spec: 'workload.load.kind',
      message:
        'open is for lanes with accesses: kernel-zram as "block" writes and reads pages one after the other, so use "closed", as "swap", or leave that lane out',
    })
  if (workload.file.share > 0)
    problems.push({
      spec: 'workload.file.share',
      message: `is for lanes of the engine: ${lane.lane} has anonymous memory only, so use 0 or leave that lane out`,
    })
  if (memory.frames < KERNEL_LANE_FRAMES)
    problems.push({
      spec: 'memory.frames',
      message: `${lane.lane} needs at least ${KERNEL_LANE_FRAMES}: the kernel counts RAM in batches`,
    })
  if (lane.lane !== 'kernel-zswap' || lane.reclaim !== 'model') return problems
  if (modelLane(lanes, lane) < 0)
    problems.push({
      lane: 'reclaim',
      message: `"model" needs a zswap lane with codec ${lane.compressor} in the experiment, whose evictions the kernel is given`,
    })
  if (workload.operations > MODEL_RECLAIM_OPERATIONS)
    problems.push({
      lane: 'reclaim',
      message: `"model" keeps every access in memory: workload.operations may be ${MODEL_RECLAIM_OPERATIONS} at most`,
    })
  return problems
}

function poolProblems(lane: PoolLane, { mode, memory, swapfile }: RecordedSpec): LaneProblem[] {
  const problems: LaneProblem[] = []
  if (lane.writebackForm === 'zpage' && swapfile.layout !== 'log')
    problems.push({
      lane: 'writebackForm',
      message:
        '"zpage" needs swapfile.layout "log": a slot of layout "slot" holds one page. Choose "page", or that layout',
    })
  if (lane.writebackThread === 'on' && mode === 'simulate')
    problems.push({
      lane: 'writebackThread',
      message: '"on" needs mode "measure": the simulated engine has one CPU. Choose "off", or that mode',
    })
  problems.push(...levelProblems(lane, 'level'))
  if (lane.writeback === 'off') return problems
  problems.push(...policyProblems(lane))
  if (lane.inflight * 2 > memory.frames / 4)
    problems.push({
      lane: 'inflight',
      message: `its reserve of 2 x inflight frames must fit a quarter of memory.frames (at most ${Math.floor(memory.frames / 8)})`,
    })
  return problems
}

/** Of a policy of a user's own, only its file knows the parameters. */
function policyProblems({ policy, parameters }: PoolLane): LaneProblem[] {
  const name = PolicyName.safeParse(policy).data
  if (name === undefined) return []
  return parameterProblems(name, POLICY_PARAMETERS[name], parameters).map(({ name: parameter, message }) => ({
    lane: `parameters.${parameter}`,
    message,
  }))
}

function zcacheProblems(lane: ZcacheLane, { workload }: RecordedSpec): LaneProblem[] {
  if (lane.frontswap !== 'off') return []
  const problems: LaneProblem[] = []
  if (lane.writeback === 'on')
    problems.push({ lane: 'frontswap', message: 'off leaves writeback no page to write: set writeback off' })
  if (lane.cleancache !== 'on' || workload.file.share === 0)
    problems.push({
      lane: 'frontswap',
      message: 'off leaves nothing to compress: set cleancache on and workload.file.share above 0, or use lane raw',
    })
  return problems
}

function ramsterProblems({ frontswap, nodes }: RamsterLane): LaneProblem[] {
  const problems: LaneProblem[] = []
  if (frontswap === 'off')
    problems.push({ lane: 'frontswap', message: 'off leaves no page to send to a node: use lane zcache' })
  for (const [index, node] of nodes.entries())
    if (nodes.indexOf(node) !== index)
      problems.push({ lane: `nodes.${index}`, message: `${node} is named twice: its memory is there once` })
  return problems
}

function freezeProblems({ freeze: { at, thaw } }: ZcacheLane | LiveLane | RamsterLane): LaneProblem[] {
  if (thaw === null) return []
  if (at === null) return [{ lane: 'freeze.thaw', message: 'needs freeze.at: what was never frozen cannot be thawed' }]
  if (thaw > at) return []
  return [{ lane: 'freeze.thaw', message: `must be later than freeze.at (${at}), or empty: frozen to the end` }]
}

function zswapProblems(lane: ZswapLane): LaneProblem[] {
  const problems: LaneProblem[] = []
  if (lane.incompressible === 'raw' && !TAKES_WHOLE_PAGES.includes(lane.allocator))
    problems.push({
      lane: 'incompressible',
      message: `${lane.allocator} takes no whole page: choose "reject", or one of ${TAKES_WHOLE_PAGES.join(', ')}`,
    })
  if (lane.diskSwap === 'off' && lane.writeback === 'on')
    problems.push({
      lane: 'diskSwap',
      message: 'off leaves writeback no disk to write to: set writeback off, or diskSwap on',
    })
  if (lane.shrinker === 'on' && (lane.writeback === 'off' || lane.policy !== 'watermark' || lane.full === 'wait'))
    problems.push({
      lane: 'shrinker',
      message:
        'on works beside the worker of zswap: set writeback on, policy watermark and full bypass, or shrinker off',
    })
  return problems
}

function liveProblems(lane: LiveLane, { mode, workload }: RecordedSpec): LaneProblem[] {
  const problems: LaneProblem[] = []
  if (mode === 'simulate')
    problems.push({ lane: 'lane', message: 'live is real memory of this host, which no model stands in for' })
  if (workload.load.kind === 'open')
    problems.push({
      spec: 'workload.load.kind',
      message:
        'open is for lanes that begin each access by the clock: live hands its accesses to the touching threads in batches, so use "closed" or leave that lane out',
    })
  if (workload.file.share > 0)
    problems.push({
      spec: 'workload.file.share',
      message: 'is for lanes on simulated frames: live has anonymous memory only, so use 0 or leave that lane out',
    })
  if (lane.mode === 'sigbus' && lane.threads > 1)
    problems.push({
      lane: 'threads',
      message:
        'must be 1 with mode sigbus: who touches brings the pages, and that is the engine; more threads need mode "handler"',
    })
  return problems
}

function zswap2013Problems({ form }: Zswap2013Lane, { memory }: RecordedSpec): LaneProblem[] {
  const frames = ZSWAP_2013_FRAMES[form]
  if (memory.frames >= frames) return []
  const message = `${form} keeps ${frames / 4} frames aside, which must fit a quarter of memory.frames (at least ${frames})`
  return [{ lane: 'form', message }]
}

function zramProblems(lane: ZramLane, { mode, simulate, memory }: RecordedSpec): LaneProblem[] {
  const problems: LaneProblem[] = []
  const { recompress, writeback } = lane
  if (writeback !== 'off' && memory.frames < ZRAM_WRITEBACK_FRAMES)
    problems.push({
      lane: 'writeback',
      message: `keeps ${ZRAM_WRITEBACK_FRAMES / 4} frames aside, which must fit a quarter of memory.frames (at least ${ZRAM_WRITEBACK_FRAMES})`,
    })
  if (recompress.type === 'off') {
    if (writeback === 'incompressible')
      problems.push({
        lane: 'writeback',
        message: 'incompressible is what recompression finds: choose a recompress.type, or writeback "huge"',
      })
    return problems
  }
  problems.push(...levelProblems(recompress, 'recompress.level'))
  const levelOf = (one: Pick<ZramLane, 'codec' | 'level'>) => one.level ?? CODEC_LEVELS[one.codec].default
  if (recompress.codec === lane.codec && levelOf(recompress) === levelOf(lane))
    problems.push({
      lane: 'recompress.codec',
      message: `${recompress.codec} is the first codec too, at the same level: choose a stronger one`,
    })
  if (mode === 'simulate' && simulate.sizes !== 'corpus')
    problems.push({
      lane: 'recompress.type',
      message: `needs sizes of two codecs, and ${simulate.sizes} has one for all: set simulate.sizes "corpus", or type "off"`,
    })
  return problems
}

function levelProblems(
  { codec, level }: { codec: CodecName; level?: number | undefined },
  field: string,
): LaneProblem[] {
  const { min, max, meaning } = CODEC_LEVELS[codec]
  if (level === undefined || (level >= min && level <= max)) return []
  return [{ lane: field, message: `${codec} takes ${min} to ${max} (${meaning})` }]
}
