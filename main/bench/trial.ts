import {
  type ExperimentSpec,
  LabError,
  type LaneSpec,
  PAGE_SIZE,
  type SeriesSample,
  type TrialFacts,
  type TrialReport,
} from '../contract/index.ts'
import { type Clock, FAULT_PATHS, Mm, PATH_CLEANCACHE, PATH_FILE, PATH_ZERO } from '../mm/index.ts'
import { type LogSwap, SlotMap, type SwapIo } from '../swapfile/index.ts'
import {
  type LaneEvent,
  type LaneRun,
  laneFrames,
  laneMemory,
  laneSwapLayer,
  mostPages,
  needsFuture,
  openLane,
} from './lanes/index.ts'
import { leastReads } from './least-reads.ts'
import { CodecTime } from './measure/codec-time.ts'
import type { HistogramData } from './measure/histogram.ts'
import { Meters } from './measure/meters.ts'
import { percentileMetrics } from './measure/percentile-metrics.ts'
import { Rounds } from './measure/rounds.ts'
import { Series, type SeriesReading, sampleBetween } from './measure/series.ts'
import { Arrivals } from './open-loop.ts'
import { openLog } from './swap-area.ts'
import { type AccessStream, ForeseenAccesses, FREE, openAccess, READ, WRITE } from './workloads/index.ts'
import type { LiveWorkload, OpenWorld, PageContents, World } from './world.ts'

/** One run of one lane: the statistical sample. Populate, warm up, measure, drain, check every page. */

/** Most slots read back at once at the end. */
const VERIFY_RUN = 32
/** Pages of the arena behind the frames: two for a compressed page, one for the allocator's bounce, one for recompression, the rest for a run read back. */
const BOUNCE_PAGE = 2
const RECOMPRESS_PAGE = 3
const VERIFY_PAGE = 4
export const SCRATCH_PAGES = VERIFY_PAGE + VERIFY_RUN

/** Accesses between two looks at the clock: a look costs about as much as two hits. */
const LOOK_EVERY = 64
/** Longest wait for an intended start between two looks, ns: samples and the policy's clock go on. */
const LOOK_NS = 1e6

export interface TrialSetup {
  spec: ExperimentSpec
  lane: LaneSpec
  slots: number
  /** Its swap area has every slot free, its arena memory.frames + SCRATCH_PAGES pages. */
  openWorld: OpenWorld
  /** Default: what the specification's pattern gives. */
  accesses?: AccessStream
  /** Hears of every access and of every page that leaves memory, in their order. */
  observer?: AccessObserver
}

export interface AccessObserver {
  /** op: READ, WRITE or FREE of an access stream. */
  access(vpn: number, op: number): void
  evict(vpn: number): void
}

export type TrialPhase = 'populate' | 'warmup' | 'measure' | 'drain' | 'verify'

export interface TrialHooks {
  /** Called a few times a second between two accesses. @throws to end the trial */
  tick(phase: TrialPhase, fraction: number, reading: SeriesReading): Promise<void>
}

export interface TrialResult {
  metrics: Record<string, number>
  counters: Record<string, number>
  verified: TrialReport['verified']
  histograms: Record<string, HistogramData>
  series: SeriesSample[]
  facts: TrialFacts
}

/** @throws LabError io_error, mismatch, invariant, codec_unavailable; whatever hooks.tick throws */
export async function runTrial(setup: TrialSetup, hooks: TrialHooks): Promise<TrialResult> {
  const { spec, lane } = setup
  const { pages, operations, access } = spec.workload
  const accesses = setup.accesses ?? (await openAccess(access, { pages, operations, seed: spec.seed }))
  const foreseen = needsFuture(lane) ? new ForeseenAccesses(accesses, { pages, operations }) : null
  const trial = new Trial(setup, hooks, foreseen ?? accesses, foreseen)
  try {
    return await trial.run()
  } finally {
    trial.close()
  }
}

class Trial {
  private readonly setup: TrialSetup
  private readonly hooks: TrialHooks
  private readonly stream: AccessStream
  /** Pages that no policy could do without reading; null where that is not known. */
  private readonly leastReads: number | null
  private readonly observer: AccessObserver | undefined
  private readonly meters = new Meters()
  private readonly codecTime: CodecTime
  private readonly series = new Series()
  private readonly slots: SlotMap
  private readonly io: SwapIo
  /** null: pages lie at their slots. */
  private readonly log: LogSwap | null
  private readonly lane: LaneRun
  private readonly mm: Mm
  private readonly world: World
  private readonly clock: Clock
  private readonly contents: PageContents
  private readonly live: { workload: LiveWorkload; accesses: Uint32Array } | null
  /** null: a closed loop. */
  private readonly arrivals: Arrivals | null
  /** The access that waits for its intended start is in the stream already: drawing it takes time. */
  private drawn = false
  private lastReading: SeriesReading
  private startNs = 0
  private nextSample = 0
  private accesses = 0
  /** Of the stream, and after how many the lane's next event is due. */
  private driven = 0
  private eventAfter: number
  private readonly events: LaneEvent[]
  /** Time spent on the laboratory's own account inside the loop: checking pages, making contents, turns of the event loop. */
  private asideNs = 0

  constructor(setup: TrialSetup, hooks: TrialHooks, stream: AccessStream, foreseen: ForeseenAccesses | null) {
    const { spec, lane } = setup
    this.setup = setup
    this.observer = setup.observer
    this.hooks = hooks
    this.stream = stream
    const capacity = foreseen && mostPages(lane, spec, setup.slots)
    this.leastReads =
      foreseen && capacity !== null
        ? leastReads(foreseen, { pages: spec.workload.pages, from: warmupOf(spec), capacity })
        : null
    this.slots = new SlotMap(setup.slots)
    const frames = laneFrames(lane, spec, setup.slots)
    const { reserve } = laneMemory(lane, spec, setup.slots)
    const { zeroMap, diskSwap } = laneSwapLayer(lane, spec)
    const world = setup.openWorld(this.meters)
    this.world = world
    this.clock = world.clock
    this.codecTime = new CodecTime(world.clock)
    this.log = openLog(lane, spec, world, { slots: this.slots, buffers: frames, meters: this.meters })
    this.io = this.log ?? world.io
    this.contents = world.contents
    this.live = world.live && { workload: world.live, accesses: new Uint32Array(world.live.batch) }
    this.lane = openLane(lane, spec, {
      frames,
      slots: this.slots,
      arena: world.zpageArena,
      mover: world.mover,
      bounce: (spec.memory.frames + BOUNCE_PAGE) * PAGE_SIZE,
      recompressPage: spec.memory.frames + RECOMPRESS_PAGE,
      zpageArea: this.log,
      openCodec: (name, level) => this.codecTime.over(world.openCodec(name, level)),
      samePages: world.samePages,
      clock: world.clock,
      meters: this.meters,
      future: foreseen ?? undefined,
    })
    this.mm = new Mm(
      {
        pages: spec.workload.pages,
        frames,
        reserve,
        readahead: spec.mm.readahead,
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
        onEvict: setup.observer && ((vpn) => setup.observer?.evict(vpn)),
        space: world.live?.memory ?? null,
      },
    )
    this.events = [...(this.lane.events ?? [])]
    this.eventAfter = this.nextEvent()
    const { load } = spec.workload
    this.arrivals = load.kind === 'open' ? new Arrivals(load, spec.seed) : null
    this.lastReading = this.read()
  }

  async run(): Promise<TrialResult> {
    const { clock, world, stream } = this
    const { spec } = this.setup
    const { operations } = spec.workload
    const warmup = warmupOf(spec)
    this.startNs = clock.now()
    this.nextSample = this.startNs + this.series.intervalNs
    world.turnTaken(this.startNs)

    for (let vpn = 0; vpn < spec.workload.pages; ) {
      vpn += this.populate(vpn, Math.min(this.stretchLength, spec.workload.pages - vpn))
      if (this.due(true)) await this.tick('populate', vpn / spec.workload.pages)
    }
    await this.drive(stream, warmup, 'warmup')

    this.sample(clock.now(), true)
    this.meters.clear()
    this.codecTime.clear()
    const before = { ...this.counters() }
    const writtenBefore = this.lane.gauges().writtenBack
    world.sensors?.start()
    const usage = world.usage()
    const aside = this.asideNs
    const start = clock.now()
    const rounds = new Rounds({
      accesses: operations - warmup,
      open: this.arrivals !== null,
      now: start - this.asideNs,
    })
    await this.drive(stream, operations - warmup, 'measure', rounds)
    const held = this.arrivals?.facts()
    const elapsedNs = clock.now() - start - (this.asideNs - aside)
    const used = world.usage()
    const sensors = world.sensors?.end()
    this.sample(clock.now(), false)
    const poolMetrics = { ...this.lane.poolMetrics(), ...this.codecTime.metrics() }
    const writtenBack = this.lane.gauges().writtenBack - writtenBefore
    const faults = this.meters.faults
    const counted = operations - warmup
    const after = this.counters()
    const histograms = this.meters.data()
    const { pagesRead } = this.meters
    if (world.live) histograms['fault.null.ns'] = world.live.nullFaults()

    await this.tick('drain', 0)
    this.mm.drain()
    const wrong = [
      ...this.mm.audit(),
      ...this.lane.audit(),
      ...(this.log?.audit() ?? []),
      ...(world.live?.memory.audit(this.mm) ?? []),
    ]
    if (wrong.length > 0)
      throw new LabError({
        code: 'invariant',
        message: `The books do not balance at the end of the trial: ${wrong.slice(0, 5).join('; ')}.`,
        remedy: 'This is a defect of Swaplab: please report it with the experiment and its seed.',
      })
    await this.verifyAll()

    const counters = difference(before, after)
    const metrics: Record<string, number> = {
      'accesses.per_s': (counted / elapsedNs) * 1e9,
      'faults.per_s': (faults / elapsedNs) * 1e9,
      'disk.bytes_written': (counters.log_written_pages ?? counters.pswpout) * PAGE_SIZE,
      'disk.bytes_read': pagesRead * PAGE_SIZE,
      ...poolMetrics,
    }
    if (this.leastReads !== null) metrics['disk.bytes_read.least'] = this.leastReads * PAGE_SIZE
    if (usage && used) {
      metrics['cpu.user_s'] = used.userS - usage.userS
      metrics['cpu.sys_s'] = used.sysS - usage.sysS
      metrics['rss.peak_bytes'] = used.maxRssBytes
    }
    if (this.lane.backend) metrics['writeback.pages_per_s'] = (writtenBack / elapsedNs) * 1e9
    if (writtenBack > 0) metrics['writeback.frames_per_page'] = counters.writeback_frames / writtenBack
    if (counters.log_blocks > 0) metrics['writeback.packing.ratio'] = counters.log_block_zpages / counters.log_blocks
    if (counters.log_written_pages > counters.log_cleaned_pages)
      metrics['log.write_amplification'] =
        counters.log_written_pages / (counters.log_written_pages - counters.log_cleaned_pages)
    Object.assign(metrics, percentileMetrics(histograms))
    return {
      metrics,
      counters,
      verified: { pages: this.contents.verified, mismatches: this.contents.mismatches },
      histograms,
      series: this.series.samples,
      facts: {
        steady: rounds.facts(),
        ...(sensors && { sensors }),
        ...(held && { load: held.load }),
        ...(held?.invalid && { invalid: held.invalid }),
      },
    }
  }

  close(): void {
    try {
      this.io.drain()
    } finally {
      this.lane.close()
      this.live?.workload.close()
    }
  }

  private async drive(
    stream: AccessStream,
    count: number,
    phase: 'warmup' | 'measure',
    rounds?: Rounds,
  ): Promise<void> {
    const { arrivals } = this
    arrivals?.start(this.clock.now() - this.asideNs, count)
    for (let done = 0; done < count; ) {
      while (this.driven >= this.eventAfter) {
        this.events.shift()?.act()
        this.eventAfter = this.nextEvent()
      }
      const stretch = Math.min(this.stretchLength, count - done, this.eventAfter - this.driven)
      const made = arrivals ? this.openStretch(stream, arrivals, stretch) : this.stretch(stream, stretch)
      done += made
      this.driven += made
      if (rounds?.ends(done)) rounds.end(done, this.clock.now() - this.asideNs, this.meters.response.sum)
      if (this.due(phase === 'warmup')) await this.tick(phase, done / count)
    }
  }

  private nextEvent(): number {
    const next = this.events.at(0)
    return next ? Math.floor(next.at * this.setup.spec.workload.operations) : Number.POSITIVE_INFINITY
  }

  /** The loop that everything is about: kept out of the async functions, which the compiler takes apart at every await. */
  private stretch(stream: AccessStream, accesses: number): number {
    if (this.live) return this.liveStretch(this.live, stream, accesses)
    for (let i = 0; i < accesses; i++) {
      stream.next()
      if (stream.op === FREE) this.giveBack(stream.vpn)
      else {
        this.touch(stream.vpn, stream.op === WRITE)
        this.mm.step()
      }
    }
    return accesses
  }

  /** The same on real memory, which is touched without this loop; up to a page that is given back. */
  private liveStretch({ workload, accesses: batch }: NonNullable<Trial['live']>, stream: AccessStream, most: number) {
    let count = 0
    let freed = -1
    while (count < most && freed < 0) {
      stream.next()
      if (stream.op === FREE) freed = stream.vpn
      else batch[count++] = (stream.vpn << 2) | stream.op
    }
    this.asideNs += workload.carryOut(this.mm, batch, count)
    this.accesses += count
    if (freed < 0) return count
    this.giveBack(freed)
    return count + 1
  }

  private populate(first: number, pages: number): number {
    if (this.live) {
      const { workload, accesses } = this.live
      for (let n = 0; n < pages; n++) accesses[n] = ((first + n) << 2) | WRITE
      this.asideNs += workload.carryOut(this.mm, accesses, pages)
      this.accesses += pages
      return pages
    }
    const { file } = this.world
    for (let vpn = first; vpn < first + pages; vpn++) {
      this.touch(vpn, file === null || file.pageOf[vpn] < 0)
      this.mm.step()
    }
    return pages
  }

  /** Accesses between two looks at the clock. */
  private get stretchLength(): number {
    return this.live?.workload.batch ?? LOOK_EVERY
  }

  /**
   * A stretch of an open loop: no access begins before its intended start, and each is timed. Its response counts from
   * the intended start, its service from its own; both end before the background work that follows it, which delays the next
   * access if it takes longer than the gap. While there is time left, background work goes on. The schedule is in time without asides: a
   * check of contents or a turn of the event loop makes nobody late. Returns the accesses made: fewer where a wait was long.
   */
  private openStretch(stream: AccessStream, arrivals: Arrivals, accesses: number): number {
    const { clock, mm, world } = this
    const { response, service } = this.meters
    const lookAt = clock.now() + LOOK_NS
    for (let i = 0; i < accesses; i++) {
      if (!this.drawn) stream.next()
      this.drawn = true
      let now = clock.now()
      while (now - this.asideNs < arrivals.due) {
        if (now >= lookAt) return i
        mm.step()
        world.idle(arrivals.due + this.asideNs)
        now = clock.now()
      }
      this.drawn = false
      const begun = now - this.asideNs
      const due = arrivals.begin(begun)
      if (stream.op === FREE) this.giveBack(stream.vpn)
      else this.touch(stream.vpn, stream.op === WRITE)
      const end = clock.now()
      const ended = end - this.asideNs
      response.record(ended - due)
      service.record(ended - begun)
      mm.step()
    }
    return accesses
  }

  private giveBack(vpn: number): void {
    this.observer?.access(vpn, FREE)
    this.mm.free(vpn)
    this.contents.forget(vpn)
    this.accesses++
  }

  private touch(vpn: number, write: boolean): void {
    const { mm, contents, observer } = this
    observer?.access(vpn, write ? WRITE : READ)
    let frame = mm.pte[vpn]
    if (frame < 0) {
      frame = mm.fault(vpn)
      const start = this.clock.now()
      if (mm.lastPath === PATH_FILE || mm.lastPath === PATH_CLEANCACHE) contents.map(vpn)
      if (mm.lastPath === PATH_ZERO) contents.fill(vpn, frame)
      else contents.verify(vpn, frame, FAULT_PATHS[mm.lastPath])
      this.asideNs += this.clock.now() - start
      if (write) {
        mm.markWritten(frame)
        contents.change(vpn, frame)
      }
    } else {
      this.world.hit()
      if (write) {
        mm.markWritten(frame)
        contents.change(vpn, frame)
      } else mm.markRead(frame)
    }
    this.accesses++
  }

  /** Looks at the clock: takes a sample when one is due, and says whether the event loop is. */
  private due(warmup: boolean): boolean {
    const now = this.clock.now()
    this.mm.tick(now)
    if (now >= this.nextSample) this.sample(now, warmup)
    return this.world.turnDue(now)
  }

  private async tick(phase: TrialPhase, fraction: number): Promise<void> {
    const start = this.clock.now()
    this.world.sensors?.look(start)
    await this.hooks.tick(phase, fraction, this.read())
    const end = this.clock.now()
    this.asideNs += end - start
    this.world.turnTaken(end)
  }

  private sample(now: number, warmup: boolean): void {
    const reading = this.read()
    this.series.add(sampleBetween(this.lastReading, reading, (now - this.startNs) / 1e6, warmup))
    this.lastReading = reading
    this.nextSample = now + this.series.intervalNs
  }

  /** Totals since the trial's start: the meters forget the warm-up, mm's counters do not. */
  private read(): SeriesReading {
    const { counters, file, frames } = this.mm
    const { poolFrames, inflight, writtenBack } = this.lane.gauges()
    return {
      accesses: this.accesses,
      faultsZero: counters.faults_zero,
      faultsPool: counters.faults_pool,
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

  private counters(): Record<string, number> {
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

  /** Every page of the address space, wherever it is: resident, in the pool, in cleancache or the file, or read back from disk in long runs. */
  private async verifyAll(): Promise<void> {
    const { mm, contents, setup } = this
    const scratch = setup.spec.memory.frames + VERIFY_PAGE
    const layout = this.io.layout
    const placeVpn = new Int32Array(layout?.places ?? this.slots.slots).fill(-1)
    for (let vpn = 0; vpn < setup.spec.workload.pages; vpn++) {
      if (!contents.isTouched(vpn)) continue
      const { frame, slot, onDisk } = mm.whereIs(vpn)
      if (frame >= 0) contents.verify(vpn, frame, 'RAM at the end')
      else if (slot < 0) {
        if (mm.file === null || mm.file.pageOf[vpn] < 0) throw lost(vpn)
        const path = mm.file.fetch(mm.file.pageOf[vpn], scratch)
        contents.verify(vpn, scratch, `${FAULT_PATHS[path]} at the end`)
      } else if (mm.loadReadBack(slot, scratch)) contents.verify(vpn, scratch, 'a block on disk at the end')
      else if (onDisk) placeVpn[layout ? layout.placeOf(slot) : slot] = vpn
      else if (mm.loadZero(slot, scratch)) contents.verify(vpn, scratch, 'the zero map at the end')
      else if (mm.frontswap?.load(slot, scratch)) contents.verify(vpn, scratch, 'the pool at the end')
      else throw lost(vpn)
      if (vpn % 1024 === 0) await this.tick('verify', vpn / setup.spec.workload.pages)
    }
    const frames = Int32Array.from({ length: VERIFY_RUN }, (_, i) => scratch + i)
    for (let place = 0; place < placeVpn.length; ) {
      if (placeVpn[place] < 0) {
        place++
        continue
      }
      let count = 1
      while (count < VERIFY_RUN && placeVpn[place + count] >= 0) count++
      this.io.read(place, frames, count)
      for (let i = 0; i < count; i++) contents.verify(placeVpn[place + i], scratch + i, 'disk at the end')
      place += count
      if (place % 1024 < VERIFY_RUN) await this.tick('verify', 1)
    }
  }
}

/** Accesses of the warm-up. */
function warmupOf({ workload, warmup }: ExperimentSpec): number {
  return Math.floor(workload.operations * warmup)
}

function lost(vpn: number): LabError {
  return new LabError({
    code: 'mismatch',
    message: `Page ${vpn} is nowhere: neither in RAM, nor in the pool, nor on disk.`,
    remedy: 'This is a defect of Swaplab: please report it with the experiment and its seed.',
  })
}

/** Names that are levels, not totals: their value is the one at the end. */
const LEVEL =
  /(_max$|^(pers|eph)_(pageframes|zpages|zbytes)$|^last_(in)?active_|^obj(node)?_count|^outstanding_|^balloon_|^(orig_data_size|compr_data_size|mem_used_total|mem_limit|mem_used_max|same_pages|huge_pages|bd_count|recompressed_pages|incompressible_pages)$|^zbud_(pers|eph)_(zbytes|zpages|pageframes|buddied_count|unbuddied_count|zombie_count)$|^((stored(_incompressible)?|same_filled)_pages|pool_total_size|zswap|zswapped|(eph_)?pages_nr|pages_used|obj_allocated|obj_used|freeable|size_classes|huge_objects)$|^(eph_)?(buddied|unbuddied|full|headless|zombie)_count$|^zspages_|^log_(segments_free|live_pages)$)/

function difference(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, LEVEL.test(name) ? value : value - (before[name] ?? 0)]),
  )
}
