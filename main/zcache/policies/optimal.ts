import { zpagesFor } from './headroom.ts'
import type { Future, Policy, PolicyEntry, PolicyView } from './policy.ts'
import { PositionSet } from './position-set.ts'

/** Frames kept free under the limit, so that a store seldom has to wait for the way out of another. */
const SPARE = 1
/** Victims of a store that finds no room: two whole frames of two. */
const AT_THE_BRIM = 4
/** The zpages of the farthest next uses that are compared for a victim, at most. */
const SCAN = 256
/** What a zpage with a neighbour takes of its frame. */
const SHARED = 0.5

/**
 * L. Belady's MIN (IBM Systems Journal 1966) for the pool: it holds the pages that are used again soonest, dirty or clean; a page used later than all of them does not
 * enter; and it lets go of what takes the most room until its next use: the zpage with the farthest one, unless one that has a frame for itself is used later than half as far from now.
 * Where every zpage had the same room that would be the best a pool can do. With sizes, and with two that must leave before a frame is free, choosing well is NP-hard (D. Berger, N. Beckmann, M. Harchol-Balter,
 * "Practical bounds on optimal caching with variable object sizes", SIGMETRICS 2018), and which pages come to the pool is core mm's choice, as for every policy. So this is what can be
 * reached, and no proof; what nobody can go below is the metric disk.bytes_read.least.
 *
 * It minds reads alone, and writes whatever serves them.
 */
class Optimal implements Policy {
  readonly unit = 'zpage'
  private future: Future | null = null
  /** Next uses of the zpages. One may be gone: freed, or used. */
  private uses = new PositionSet(0)
  /** By page. */
  private zpageOf = new Int32Array(0)
  /** The zpage loaded last, and whether one was ever found that stayed. */
  private loaded = -1
  private loadedOwner = -1
  private staysWhenLoaded = false
  /** Position at which all zpages are looked for again, where they stay. */
  private nextLook = 0

  begin({ future }: PolicyView): void {
    if (future === null) throw new Error('optimal was not told the future')
    this.future = future
    this.uses = new PositionSet(future.operations + future.pages)
    this.zpageOf = new Int32Array(future.pages)
  }

  onStore(view: PolicyView, zpage: number): void {
    this.enter(view, zpage)
  }

  onLoad(view: PolicyView, zpage: number): void {
    const { loaded } = this
    // Stored anew meanwhile, under the same number, it would only seem to have stayed: then a look is for nothing.
    if (loaded >= 0 && view.holds(loaded) && view.ownerOf(loaded) === this.loadedOwner) this.staysWhenLoaded = true
    this.loaded = zpage
    this.loadedOwner = view.ownerOf(zpage)
  }

  onReclaim(view: PolicyView): number {
    if (this.staysWhenLoaded) this.lookAgain(view)
    const left = view.poolLimit - view.poolFrames
    return left < SPARE ? zpagesFor(view, 2 * SPARE - left) : 0
  }

  onFull(): number {
    return AT_THE_BRIM
  }

  admit(view: PolicyView, _bytes: number, owner: number): boolean {
    return this.comesSooner(view, owner)
  }

  keepClean(view: PolicyView, owner: number): boolean {
    return this.comesSooner(view, owner)
  }

  victim(view: PolicyView): number {
    const use = this.costliest(view)
    if (use < 0) return -1
    this.uses.delete(use)
    return this.zpageAt(use)
  }

  private enter(view: PolicyView, zpage: number): void {
    const owner = view.ownerOf(zpage)
    this.zpageOf[owner] = zpage
    this.uses.add(this.nextUse(owner))
  }

  /** Where gets are not exclusive a zpage stays, and each use of its page gives it another next one. Once in as many accesses as there are zpages all are entered anew. */
  private lookAgain(view: PolicyView): void {
    const position = this.future?.position ?? 0
    if (position < this.nextLook) return
    this.nextLook = position + view.zpages
    for (let zpage = view.oldest(); zpage >= 0; zpage = view.younger(zpage)) this.enter(view, zpage)
  }

  /** Whether a page is used again, and before what would have to make room. */
  private comesSooner(view: PolicyView, owner: number): boolean {
    const next = this.nextUse(owner)
    if (this.future === null || next >= this.future.operations) return false
    return view.poolLimit - view.poolFrames > 2 * SPARE || next < this.farthest(view)
  }

  /** The next use of the zpage that takes the most room until then; -1 where there is none. */
  private costliest(view: PolicyView): number {
    const { future, uses } = this
    let use = this.farthest(view)
    let costliest = use
    if (future === null || use >= future.operations) return costliest
    let most = 0
    for (let left = SCAN; left > 0 && use - future.position > most; left--) {
      if (this.isCurrent(view, use)) {
        const room = (use - future.position) * (view.neighbour(this.zpageAt(use)) < 0 ? 1 : SHARED)
        if (room > most) {
          most = room
          costliest = use
        }
      } else uses.delete(use)
      use = uses.before(use)
    }
    return costliest
  }

  /** -1 where there is no zpage. */
  private farthest(view: PolicyView): number {
    const { uses } = this
    let use = uses.greatest()
    for (; use >= 0 && !this.isCurrent(view, use); use = uses.greatest()) uses.delete(use)
    return use
  }

  /** Whether this is still the next use of a zpage of the pool. */
  private isCurrent(view: PolicyView, use: number): boolean {
    const owner = this.future?.pageAt(use) ?? -1
    const zpage = this.zpageAt(use)
    return this.nextUse(owner) === use && view.holds(zpage) && view.ownerOf(zpage) === owner
  }

  private zpageAt(use: number): number {
    return this.future === null ? -1 : this.zpageOf[this.future.pageAt(use)]
  }

  private nextUse(owner: number): number {
    return this.future === null ? 0 : this.future.nextUse(owner)
  }
}

export const optimal: PolicyEntry = {
  name: 'optimal',
  title: 'Optimal',
  rule: 'bound: knows all accesses to come, and writes back the zpage that takes the most room until its next use; a page used later than all of them does not enter',
  source: 'MIN, Belady 1966; room × time after Berger, Beckmann and Harchol-Balter, 2018',
  parameters: [],
  needs: 'future',
  create: () => new Optimal(),
}
