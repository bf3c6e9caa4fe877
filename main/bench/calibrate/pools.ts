import { type Arena, native } from '../../../native-bench/index.ts'
import {
  type CalibratedPool,
  type CodecName,
  ExperimentSpec,
  LabError,
  type LaneSpec,
  PAGE_SIZE,
  ZcacheLane,
  ZswapLane,
} from '../../contract/index.ts'
import { Frontswap } from '../../mm/index.ts'
import { logGeometry, SlotMap, type SwapIo } from '../../swapfile/index.ts'
import { arenaMover } from '../../zcache/index.ts'
import { openLane } from '../lanes/index.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import { CodecTime } from '../measure/codec-time.ts'
import type { Histogram } from '../measure/histogram.ts'
import { Meters } from '../measure/meters.ts'
import { wordPages, zeroPages } from '../same-pages.ts'
import { layoutMemory, openLog } from '../swap-area.ts'
import { poolCore } from './pool-core.ts'

/**
 * The pools whose stores and loads are calibrated: lanes of an experiment, opened as a trial opens them, with its recorders and its watch over the
 * codec. What they would write back goes nowhere; there is room, so nothing is.
 */

/** Share of the address space that is file-backed, where a pool has cleancache. */
const FILE_SHARE = 0.25
/** One in so many of the file's pages lies in cleancache. */
const CLEANCACHE_EVERY = 4
const MEBIBYTES_PER_DAY = 1e9

export interface CalibratedLane {
  readonly name: CalibratedPool
  readonly frontswap: Frontswap
  readonly store: Histogram
  readonly load: Histogram
  /** Where a slot's zpage lies; null where it has none. */
  peek(slot: number): { offset: number; bytes: number } | null
  /** @throws LabError `invariant` where its books are wrong */
  close(): void
}

/** Pages of an arena that calibrates so many: they themselves, frames for file pages, frames for zpages, what codec, allocator and log need, and the raw codec's. */
export class ArenaPlan {
  readonly pages: number
  readonly fileFrames: number
  readonly firstFileFrame: number
  readonly firstPoolFrame: number
  /** Two pages. */
  readonly scratch: number
  readonly bounce: number
  /** A page to load into. */
  readonly target: number
  /** Two pages for the raw codec's output. */
  readonly rawScratch: number
  /** A page for each: where the raw codec's zpages lie. */
  readonly firstRawZpage: number
  readonly buffers: number
  readonly total: number

  constructor(pages: number) {
    this.pages = pages
    this.fileFrames = Math.ceil((pages * FILE_SHARE) / CLEANCACHE_EVERY)
    this.firstFileFrame = pages
    this.firstPoolFrame = pages + this.fileFrames
    this.scratch = this.firstPoolFrame + pages
    this.bounce = this.scratch + 2
    this.target = this.scratch + 3
    this.rawScratch = this.scratch + 4
    this.firstRawZpage = this.scratch + 6
    this.buffers = this.firstRawZpage + pages
    this.total =
      this.buffers + layoutMemory(everyZcache('lz4'), experiment(pages, everyZcache('lz4')), pages).bufferPages
  }
}

/** @throws LabError `codec_unavailable` */
export function openCalibratedPools(codec: CodecName, arena: Arena, plan: ArenaPlan): CalibratedLane[] {
  const lanes: [CalibratedPool, LaneSpec][] = [
    ['zcache, plain', ZcacheLane.parse({ lane: 'zcache', codec, cleancache: 'off' })],
    ['zcache, every option', everyZcache(codec)],
    ['zswap, every option', everyZswap(codec)],
  ]
  return lanes.map(([name, lane]) => openPool(name, lane, arena, plan))
}

function everyZcache(codec: CodecName): LaneSpec {
  return ZcacheLane.parse({
    ...{ lane: 'zcache', codec, writethrough: 'on', activeOnly: 'on' },
    ...{ writeback: 'on', policy: 'keep-clean', full: 'wait', budget: MEBIBYTES_PER_DAY },
    ...{ writebackForm: 'zpage', writebackCluster: 32 },
  })
}

function everyZswap(codec: CodecName): LaneSpec {
  return ZswapLane.parse({
    ...{ lane: 'zswap', codec, sameFilled: 'zswap', incompressible: 'raw' },
    ...{ writeback: 'on', policy: 'watermark', shrinker: 'on', budget: MEBIBYTES_PER_DAY },
    ...{ writebackForm: 'zpage', writebackCluster: 32, compaction: 'on' },
  })
}

/** With room for every page. */
function experiment(pages: number, lane: LaneSpec): ExperimentSpec {
  const zpages = 'writebackForm' in lane && lane.writebackForm === 'zpage'
  return ExperimentSpec.parse({
    memory: { frames: Math.max(1024, 4 * pages), pool: 2 * pages },
    workload: { pages: Math.max(1024, pages), file: { share: lane.lane === 'zcache' ? FILE_SHARE : 0 } },
    lanes: [lane],
    swapfile: { layout: zpages ? 'log' : 'slot' },
  })
}

function openPool(name: CalibratedPool, lane: LaneSpec, arena: Arena, plan: ArenaPlan): CalibratedLane {
  const { pages } = plan
  const spec = experiment(pages, lane)
  const meters = new Meters()
  const clock = { now: native.now }
  const mover = arenaMover(arena.bytes)
  const slots = new SlotMap(pages)
  const io = nowhere(logGeometry(pages, spec.swapfile.overprovision).places)
  const log = openLog(lane, spec, { io, arena: arena.bytes, mover, clock }, { slots, buffers: plan.buffers, meters })
  const codecTime = new CodecTime(clock)
  const run = openLane(lane, spec, {
    frames: plan.scratch,
    slots,
    arena: arena.bytes,
    mover,
    bounce: plan.bounce * PAGE_SIZE,
    recompressPage: plan.target,
    zpageArea: log,
    openDecompressor: null,
    openCodec: (codec, level) => codecTime.over(openNativeCodec(codec, level, arena, plan.scratch)),
    samePages: (words) => (words === 'zero' ? zeroPages(arena) : wordPages(arena, pages)),
    clock,
    meters,
  })
  const withFiles = lane.lane === 'zcache' && lane.cleancache === 'on'
  const first = withFiles ? plan.firstFileFrame : plan.firstPoolFrame
  const core = poolCore(first, plan.scratch - first)
  const backend = run.backend?.(core)
  if (!backend || !run.peek) throw new Error(`${name} has no pool`)
  const { cleancache } = backend
  if (withFiles) {
    if (!cleancache) throw new Error(`${name} has no cleancache`)
    for (let page = 0; page < pages && core.nextFrame() < plan.firstPoolFrame; page++)
      cleancache.putPage(page % (pages * FILE_SHARE), page)
  }
  const { peek } = run
  return {
    name,
    frontswap: new Frontswap(backend, pages, clock, meters.mm),
    store: meters.of('store.ns'),
    load: meters.of('load.ns'),
    peek,
    close() {
      const wrong = [...run.audit(), ...(log?.audit() ?? [])]
      run.close()
      if (wrong.length > 0)
        throw new LabError({
          code: 'invariant',
          message: `The books of ${name} do not balance after its calibration: ${wrong.slice(0, 5).join('; ')}.`,
          remedy: 'This is a defect of Swaplab: please report it.',
        })
    },
  }
}

/** A swap area without a disk. */
function nowhere(slots: number): SwapIo {
  const never = () => {
    throw new Error('a calibrated pool has room, and needs no disk')
  }
  return {
    slots,
    inflight: 0,
    read: never,
    write: never,
    flush: () => {},
    poll: () => 0,
    wait: () => 0,
    drain: () => {},
  }
}
