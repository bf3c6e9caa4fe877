import type { LoadSpec } from '../../contract/index.ts'
import { type Clock, FAULT_PATHS, type Mm, PATH_ZERO } from '../../mm/index.ts'
import type { Meters } from '../measure/meters.ts'
import { type AccessStream, FREE, READ, WRITE } from '../workloads/index.ts'
import type { LiveWorkload, PageContents, World } from '../world.ts'
import { Arrivals } from './arrivals.ts'
import type { Machine } from './machine.ts'

/** Accesses between two looks at the clock: a look costs about as much as two hits. */
const LOOK_EVERY = 64
/** Longest wait for an intended start between two looks, ns: samples and the policy's clock go on. */
const LOOK_NS = 1e6

export interface AccessObserver {
  /** op: READ, WRITE or FREE of an access stream. */
  access(vpn: number, op: number): void
  evict(vpn: number): void
}

/**
 * Carries out the accesses of a stream on a machine: touches pages, has mm answer faults, and checks what comes back. In a closed loop one follows the other; in an
 * open loop each waits for its intended start; live memory is touched without this loop.
 */
export class AccessLoop {
  /** null: a closed loop. */
  readonly arrivals: Arrivals | null
  /** Carried out so far, those that populate the address space included. */
  accesses = 0
  /** Time spent on the laboratory's own account inside the loop: checking pages, making contents, turns of the event loop. ns */
  asideNs = 0
  private readonly stream: AccessStream
  private readonly mm: Mm
  private readonly world: World
  private readonly clock: Clock
  private readonly contents: PageContents
  private readonly meters: Meters
  private readonly observer: AccessObserver | undefined
  private readonly live: { workload: LiveWorkload; accesses: Uint32Array } | null
  /** The access that waits for its intended start is in the stream already: drawing it takes time. */
  private drawn = false

  constructor(
    { mm, world, meters }: Machine,
    stream: AccessStream,
    { load, seed, observer }: { load: LoadSpec; seed: number; observer: AccessObserver | undefined },
  ) {
    this.stream = stream
    this.mm = mm
    this.world = world
    this.clock = world.clock
    this.contents = world.contents
    this.meters = meters
    this.observer = observer
    this.live = world.live && { workload: world.live, accesses: new Uint32Array(world.live.batch) }
    this.arrivals = load.kind === 'open' ? new Arrivals(load, seed) : null
  }

  /** Accesses between two looks at the clock. */
  get stretchLength(): number {
    return this.live?.workload.batch ?? LOOK_EVERY
  }

  /** Touches pages for the first time, in order. Returns their number. */
  populate(first: number, pages: number): number {
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

  /** Carries out the stream's next accesses, `most` of them or fewer. Returns their number. @throws LabError mismatch, io_error, out_of_memory */
  carryOut(most: number): number {
    if (this.arrivals) return this.openStretch(this.arrivals, most)
    return this.live ? this.liveStretch(this.live, most) : this.stretch(most)
  }

  /** The loop that everything is about: kept out of the async functions, which the compiler takes apart at every await. */
  private stretch(accesses: number): number {
    const { stream, mm } = this
    for (let i = 0; i < accesses; i++) {
      stream.next()
      if (stream.op === FREE) this.giveBack(stream.vpn)
      else {
        this.touch(stream.vpn, stream.op === WRITE)
        mm.step()
      }
    }
    return accesses
  }

  /** The same on real memory, which is touched without this loop; up to a page that is given back. */
  private liveStretch({ workload, accesses: batch }: NonNullable<AccessLoop['live']>, most: number): number {
    const { stream } = this
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

  /**
   * A stretch of an open loop: no access begins before its intended start, and each is timed. Its response counts from
   * the intended start, its service from its own; both end before the background work that follows it, which delays the next
   * access if it takes longer than the gap. While there is time left, background work goes on. The schedule is in time without asides: a
   * check of contents or a turn of the event loop makes nobody late. Returns the accesses made: fewer where a wait was long.
   */
  private openStretch(arrivals: Arrivals, accesses: number): number {
    const { stream, clock, mm, world } = this
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
      if (mm.isOfFile(frame)) contents.map(vpn)
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
}
