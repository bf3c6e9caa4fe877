import { CODEC_LEVELS, type CodecName } from './codec.ts'
import { type AllocatorName, isCompressedLane, type LaneSpec, type PoolLane, type ZramLane } from './lane.ts'
import { PolicyName } from './policy.ts'
import { POLICY_PARAMETERS, parameterProblems } from './policy-parameters.ts'

/** The allocators that take a whole page, so that one which does not compress can be kept as it is. */
const TAKES_WHOLE_PAGES: readonly AllocatorName[] = ['z3fold', 'zsmalloc']

/** Least RAM of each form, four times its reserve, pages. */
const ZSWAP_2013_FRAMES = { '3.11': 512, v4: 1024 } as const

/** Least RAM of a zram that writes back, four times its reserve, pages. */
const ZRAM_WRITEBACK_FRAMES = 256

/** What is wrong with a lane that no single field of it shows. */
export function laneProblems(
  lane: LaneSpec,
  memory: { frames: number },
  fileShare: number,
): { field: string; message: string }[] {
  if (!isCompressedLane(lane)) return []
  const problems: { field: string; message: string }[] = []
  const outside = levelProblem(lane)
  if (outside) problems.push({ field: 'level', message: outside })
  if (lane.lane === 'xen-tmem') return problems
  if (lane.lane === 'zram') {
    if (lane.writeback !== 'off' && memory.frames < ZRAM_WRITEBACK_FRAMES)
      problems.push({
        field: 'writeback',
        message: `keeps ${ZRAM_WRITEBACK_FRAMES / 4} frames aside, which must fit a quarter of memory.frames (at least ${ZRAM_WRITEBACK_FRAMES})`,
      })
    return [...problems, ...recompressProblems(lane)]
  }
  if (lane.lane === 'zswap-2013') {
    const frames = ZSWAP_2013_FRAMES[lane.form]
    if (memory.frames < frames)
      problems.push({
        field: 'form',
        message: `${lane.form} keeps ${frames / 4} frames aside, which must fit a quarter of memory.frames (at least ${frames})`,
      })
    return problems
  }
  if (lane.writeback === 'on') problems.push(...policyProblems(lane))
  if (lane.writeback === 'on' && lane.inflight * 2 > memory.frames / 4)
    problems.push({
      field: 'inflight',
      message: `its reserve of 2 x inflight frames must fit a quarter of memory.frames (at most ${Math.floor(memory.frames / 8)})`,
    })
  if (lane.lane === 'zswap' && lane.incompressible === 'raw' && !TAKES_WHOLE_PAGES.includes(lane.allocator))
    problems.push({
      field: 'incompressible',
      message: `${lane.allocator} takes no whole page: choose "reject", or one of ${TAKES_WHOLE_PAGES.join(', ')}`,
    })
  if (lane.lane === 'zcache') {
    const cleancache = lane.cleancache === 'on' && fileShare > 0
    if (lane.frontswap === 'off' && lane.writeback === 'on')
      problems.push({ field: 'frontswap', message: 'off leaves writeback no page to write: set writeback off' })
    if (lane.frontswap === 'off' && !cleancache)
      problems.push({
        field: 'frontswap',
        message: 'off leaves nothing to compress: set cleancache on and workload.file.share above 0, or use lane raw',
      })
  }
  if (lane.lane === 'zcache' || lane.lane === 'live') {
    const { at, thaw } = lane.freeze
    if (thaw !== null && at === null)
      problems.push({ field: 'freeze.thaw', message: 'needs freeze.at: what was never frozen cannot be thawed' })
    else if (thaw !== null && at !== null && thaw <= at)
      problems.push({
        field: 'freeze.thaw',
        message: `must be later than freeze.at (${at}), or empty: frozen to the end`,
      })
  }
  if (lane.lane === 'zswap') {
    if (lane.diskSwap === 'off' && lane.writeback === 'on')
      problems.push({
        field: 'diskSwap',
        message: 'off leaves writeback no disk to write to: set writeback off, or diskSwap on',
      })
    if (lane.shrinker === 'on' && (lane.writeback === 'off' || lane.policy !== 'watermark' || lane.full === 'wait'))
      problems.push({
        field: 'shrinker',
        message:
          'on works beside the worker of zswap: set writeback on, policy watermark and full bypass, or shrinker off',
      })
  }
  if (lane.lane === 'live' && lane.mode === 'sigbus' && lane.threads > 1)
    problems.push({
      field: 'threads',
      message:
        'must be 1 with mode sigbus: who touches brings the pages, and that is the engine; more threads need mode "handler"',
    })
  return problems
}

/** Of a policy of a user's own, only its file knows the parameters. */
function policyProblems({ policy, parameters }: PoolLane): { field: string; message: string }[] {
  const name = PolicyName.safeParse(policy).data
  if (name === undefined) return []
  return parameterProblems(name, POLICY_PARAMETERS[name], parameters).map(({ name: parameter, message }) => ({
    field: `parameters.${parameter}`,
    message,
  }))
}

function levelProblem({ codec, level }: { codec: CodecName; level?: number | undefined }): string | null {
  const { min, max, meaning } = CODEC_LEVELS[codec]
  return level === undefined || (level >= min && level <= max) ? null : `${codec} takes ${min} to ${max} (${meaning})`
}

function recompressProblems(lane: ZramLane): { field: string; message: string }[] {
  const { recompress, writeback } = lane
  if (recompress.type === 'off')
    return writeback === 'incompressible'
      ? [
          {
            field: 'writeback',
            message: 'incompressible is what recompression finds: choose a recompress.type, or writeback "huge"',
          },
        ]
      : []
  const problems: { field: string; message: string }[] = []
  const outside = levelProblem(recompress)
  if (outside) problems.push({ field: 'recompress.level', message: outside })
  const levelOf = (one: Pick<ZramLane, 'codec' | 'level'>) => one.level ?? CODEC_LEVELS[one.codec].default
  if (recompress.codec === lane.codec && levelOf(recompress) === levelOf(lane))
    problems.push({
      field: 'recompress.codec',
      message: `${recompress.codec} is the first codec too, at the same level: choose a stronger one`,
    })
  return problems
}
