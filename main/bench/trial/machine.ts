import { type ExperimentSpec, LabError, type LaneSpec, PAGE_SIZE } from '../../contract/index.ts'
import { Mm } from '../../mm/index.ts'
import { type LogSwap, SlotMap, type SwapIo } from '../../swapfile/index.ts'
import { type LaneRun, laneFrames, laneMemory, laneSwapLayer, openLane } from '../lanes/index.ts'
import { CodecTime } from '../measure/codec-time.ts'
import { HookTime } from '../measure/hook-time.ts'
import { Meters } from '../measure/meters.ts'
import type { SeriesReading } from '../measure/series.ts'
import { openLog } from '../swap-area.ts'
import type { ForeseenAccesses } from '../workloads/index.ts'
import type { OpenWorld, World } from '../world.ts'
import { BOUNCE_PAGE, RECOMPRESS_PAGE } from './scratch.ts'

export interface MachineParts {
  spec: ExperimentSpec
  lane: LaneSpec
  /** Of the swap area. */
  slots: number
  openWorld: OpenWorld
  /** For a policy that knows the future. */
  foreseen: ForeseenAccesses | null
  /** Hears of every page that leaves memory. */
  onEvict?: (vpn: number) => void
}

/** What one trial runs on: the memory manager of one lane with its backend and its swap area, in a world of its own. */
export class Machine {
  readonly world: World
  readonly meters = new Meters()
  readonly codecTime: CodecTime
  /** null on a virtual clock, on which no hook takes time. */
  readonly hookTime: HookTime | null
  readonly slots: SlotMap
  readonly io: SwapIo
  /** null: pages lie at their slots. */
  readonly log: LogSwap | null
  readonly lane: LaneRun
  readonly mm: Mm

  /** @throws LabError `bad_input` for too little RAM, `codec_unavailable` */
  constructor({ spec, lane, slots, openWorld, foreseen, onEvict }: MachineParts) {
    this.slots = new SlotMap(slots)
    const frames = laneFrames(lane, spec, slots)
    const { reserve } = laneMemory(lane, spec, slots)
    const { zeroMap, diskSwap } = laneSwapLayer(lane, spec)
    const world = openWorld(this.meters)
    const { openDecompressor } = world
    this.world = world
    this.codecTime = new CodecTime(world.clock)
    const hookTime = spec.mode === 'measure' ? new HookTime(world.clock) : null
    this.hookTime = hookTime
    this.log = openLog(lane, spec, world, { slots: this.slots, buffers: frames, meters: this.meters })
    this.io = this.log ?? world.io
    this.lane = openLane(lane, spec, {
      frames,
      slots: this.slots,
      arena: world.zpageArena,
      mover: world.mover,
      bounce: (spec.memory.frames + BOUNCE_PAGE) * PAGE_SIZE,
      recompressPage: spec.memory.frames + RECOMPRESS_PAGE,
      zpageArea: this.log,
      openCodec: (name, level) => this.codecTime.over(world.openCodec(name, level)),
      openDecompressor: openDecompressor && ((name, level) => this.codecTime.beside(openDecompressor(name, level))),
      samePages: world.samePages,
      ...(world.openRemote && { openRemote: world.openRemote.bind(world) }),
      clock: world.clock,
      meters: this.meters,
      future: foreseen ?? undefined,
      ...(hookTime && { watchPolicy: (policy) => hookTime.over(policy) }),
    })
    this.mm = new Mm(
      {
        pages: spec.workload.pages,
        frames,
        reserve,
        readahead: spec.mm.readahead,
        fileReadahead: spec.mm.fileReadahead,
        background: spec.mm.background,
        diskSwap,
      },
      {
        backend: this.lane.backend,
        io: this.io,
        slots: this.slots,
        file: world.file,
        clock: world.clock,
        meters: world.recorders(this.meters.mm),
        zeroMap: zeroMap ? world.samePages('zero') : null,
        onEvict,
        space: world.live?.memory ?? null,
      },
    )
  }

  /** Of mm, the lane and the log, by their names. */
  counters(): Record<string, number> {
    const { counters, file, frontswap } = this.mm
    return {
      ...counters,
      ...frontswap?.counters,
      ...file?.counters,
      ...file?.cleancache?.counters,
      ...this.lane.counters(),
      ...this.log?.counters,
    }
  }

  /** Totals since the trial's start: the meters forget the warm-up, mm's counters do not. */
  reading(accesses: number): SeriesReading {
    const { counters, file, frames } = this.mm
    const { poolFrames, inflight, writtenBack } = this.lane.gauges()
    return {
      accesses,
      faultsZero: counters.faults_zero,
      faultsPool: counters.faults_pool,
      faultsRemote: counters.faults_remote,
      faultsDisk: counters.faults_disk,
      faultsSwapcache: counters.faults_swapcache,
      faultsZeromap: counters.swpin_zero,
      faultsFile: file?.counters.faults_file ?? 0,
      faultsCleancache: file?.counters.faults_cleancache ?? 0,
      writtenBack,
      bytesWritten: (this.log?.pagesWritten ?? counters.pswpout) * PAGE_SIZE,
      bytesRead: ((this.log?.pagesRead ?? counters.pswpin) + (file?.counters.file_reads ?? 0)) * PAGE_SIZE,
      poolFrames,
      freeFrames: frames.free,
      inflight: inflight + this.mm.swapoutInflight,
    }
  }

  /** Waits for the last writes, and holds the books of all parts against each other. @throws LabError `invariant`, io_error */
  comeToRest(): void {
    this.mm.drain()
    const wrong = [
      ...this.mm.audit(),
      ...this.lane.audit(),
      ...(this.log?.audit() ?? []),
      ...(this.world.live?.memory.audit(this.mm) ?? []),
    ]
    if (wrong.length > 0) throw unbalanced(wrong)
  }

  /**
   * The last thing: swapoff, and the mapped file is unmounted. Pages, objects and pools are flushed, and nothing may be left of what was kept for them.
   * @throws LabError `invariant`, io_error
   */
  takeDown(): void {
    this.mm.takeDown()
    const { inUse } = this.slots
    const wrong = [
      ...this.mm.audit(),
      ...this.lane.audit(),
      ...(this.lane.leftovers?.() ?? []),
      ...(inUse > 0 ? [`${inUse} slots are left over`] : []),
    ]
    if (wrong.length > 0) throw unbalanced(wrong)
  }

  close(): void {
    try {
      this.io.drain()
    } finally {
      this.lane.close()
      this.world.live?.close()
    }
  }
}

function unbalanced(wrong: readonly string[]): LabError {
  return new LabError({
    code: 'invariant',
    message: `The books do not balance at the end of the trial: ${wrong.slice(0, 5).join('; ')}.`,
    remedy: 'This is a defect of Swaplab: please report it with the experiment and its seed.',
  })
}
