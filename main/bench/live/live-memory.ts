import { native } from '../../../native-bench/index.ts'
import { LabError } from '../../contract/index.ts'
import { type AddressSpace, type FaultPath, type Mm, PATH_SWAPCACHE, PATH_ZERO } from '../../mm/index.ts'
import { corpusPageOf } from '../workloads/index.ts'
import type { PageContents } from '../world.ts'

/** A place in what native.liveResume reports. */
const ASIDE_NS = 0
const VERIFIED = 1
const MISMATCH = 2

export interface LiveParts {
  pages: number
  seed: number
  /** 0: the engine's own thread touches. */
  threads: number
  /** Of mm's frames. */
  arena: number
  corpus: { arena: number; pages: number }
}

/**
 * The address space of a workload as real memory. A page is there only while mm has a frame for it; the frame keeps what was mapped, so that an unchanged
 * page need not be copied back. What pages must contain is kept beside them, by whoever touches them, and compared when they come back.
 *
 * same Uint8, touched Uint8; row = vpn. same: nothing was written since the page was mapped from its frame.
 */
export class LiveMemory implements AddressSpace, PageContents {
  readonly handle: number
  readonly threads: number
  verified = 0
  mismatches = 0
  private readonly arena: number
  private readonly pages: number
  private readonly same: Uint8Array
  private readonly touched: Uint8Array
  private readonly state = new Float64Array([0, 0, -1])

  constructor({ pages, seed, threads, arena, corpus }: LiveParts) {
    this.handle = native.liveOpen(pages, threads)
    this.threads = threads
    this.arena = arena
    this.pages = pages
    this.same = new Uint8Array(pages)
    this.touched = new Uint8Array(pages)
    native.liveContents(
      this.handle,
      corpus.arena,
      Uint32Array.from({ length: pages }, (_, vpn) => corpusPageOf(vpn, seed, corpus.pages)),
    )
  }

  close(): void {
    native.liveClose(this.handle)
  }

  // --- Faults --------------------------------------------------------------------------------------------------------

  /** Brings a missing page, as mm answers the fault. `write`: the hardware tells what kind of access it was. */
  answer(mm: Mm, vpn: number, write: boolean): FaultPath {
    let frame = mm.pte[vpn]
    let path: FaultPath = PATH_SWAPCACHE
    if (frame < 0) {
      frame = mm.fault(vpn)
      path = mm.lastPath
    } else mm.markRead(frame) // brought back by the backend: in a frame already, and mapped only now
    if (write) mm.markWritten(frame)
    this.same[vpn] = write || path === PATH_ZERO ? 0 : 1
    this.touched[vpn] = 1
    if (path === PATH_ZERO) native.liveZero(this.handle, vpn, path)
    else native.liveMap(this.handle, vpn, this.arena, frame, path, !write)
    return path
  }

  /** Ends the access of the engine's own thread that was missing its page. Returns the whole time of its touch, ns. */
  resume(): number {
    return native.liveResume(this.handle, this.state)
  }

  /** Time of checks since last asked, ns; what they compared is counted. @throws LabError mismatch */
  takeChecks(): number {
    const { state } = this
    const aside = state[ASIDE_NS]
    this.checked(state[VERIFIED], state[MISMATCH])
    state[ASIDE_NS] = 0
    state[VERIFIED] = 0
    return aside
  }

  /** What whoever touches has compared. @param mismatch vpn of a page with other content, -1 for none. @throws LabError mismatch */
  checked(verified: number, mismatch: number): void {
    this.verified += verified
    if (mismatch >= 0) this.wrong(mismatch, 'a fault')
  }

  // --- AddressSpace --------------------------------------------------------------------------------------------------

  written(vpn: number): boolean {
    const written = native.liveWritten(this.handle, vpn)
    if (written) this.same[vpn] = 0
    return written
  }

  unmap(vpn: number, frame: number): boolean {
    return native.liveUnmap(this.handle, vpn, this.arena, frame, this.same[vpn] === 1)
  }

  // --- PageContents --------------------------------------------------------------------------------------------------

  fill(vpn: number): void {
    throw new Error(`page ${vpn} is filled by whoever touches it`)
  }

  map(vpn: number): void {
    throw new Error(`page ${vpn} is of no file`)
  }

  change(vpn: number): void {
    throw new Error(`page ${vpn} is written by whoever touches it`)
  }

  forget(vpn: number): void {
    this.touched[vpn] = 0
    native.liveDiscard(this.handle, vpn)
  }

  isTouched(vpn: number): boolean {
    return this.touched[vpn] === 1
  }

  /** The page itself where it is mapped, else the frame. */
  verify(vpn: number, frame: number, from: string): void {
    this.verified++
    if (!native.liveVerify(this.handle, vpn, this.arena, frame)) this.wrong(vpn, from)
  }

  private wrong(vpn: number, from: string): never {
    this.mismatches++
    throw new LabError({
      code: 'mismatch',
      message: `Page ${vpn} came back from ${from} with other content than was last written.`,
      remedy: 'This is a defect of Swaplab, of the kernel or of the disk: keep the run, note its seed, and report it.',
    })
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** At rest: what is in memory is what mm has frames for, and nothing else. */
  audit(mm: Mm): string[] {
    const wrong: string[] = []
    native.liveFlush(this.handle)
    let mapped = 0
    for (let vpn = 0; vpn < this.pages; vpn++) {
      if (!native.liveMapped(this.handle, vpn)) continue
      mapped++
      if (mm.pte[vpn] < 0) wrong.push(`page ${vpn} is in memory, and mm has no frame for it`)
    }
    const present = native.livePresence(this.handle)
    if (present > mapped) wrong.push(`${present} pages are in memory, ${mapped} were brought and not taken out`)
    return wrong
  }
}
