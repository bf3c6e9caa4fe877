import { FrequencySketch } from './frequency-sketch.ts'
import { framesWithin, HEADROOM, zpagesFor } from './headroom.ts'
import type { Policy, PolicyEntry, PolicyView } from './policy.ts'

/** Counters of a sketch row for each frame of the limit: about one for each zpage. */
const COLUMNS = 2
/** The oldest clean copies looked at for one to be given up. */
const CLEAN_SCAN = 16
/** A clean copy beside a dirty zpage counts as so many returns: without it no frame comes free. */
const DIRTY_NEIGHBOUR = 4
/** The most a neighbour stored later adds to a victim's score, in returns: none if of the same age, all if stored now. */
const YOUNG_NEIGHBOUR = 4
/** Frames above the headroom from which on clean copies are given more than slack. */
const DEAD_BAND = 8

/**
 * A page read from disk and not written is dropped when it leaves memory, and so is read from disk again, however often it returns. This policy keeps
 * a compressed copy of it beside the one on disk. Such a copy can be given up at once without a write, so it lives in the headroom that other policies leave
 * empty. How much more than that it gets is learnt as in ARC (N. Megiddo, D. Modha, FAST 2003): one frame more for each page that came back
 * soon after its copy was refused or given up, `weight` frames less for each that came back after it had been written to disk to make room.
 *
 * Which copies: those of pages that came back most lately (FrequencySketch), unless their reads bring neighbours along and so are cheap.
 */
class KeepClean implements Policy {
  readonly unit = 'zpage'
  private readonly p: Readonly<Record<string, number>>
  private sketch = new FrequencySketch(1, 1)
  private clean = new Queue(1)
  private cleanGhosts = new Ghosts(1)
  private dirtyGhosts = new Ghosts(1)
  private headroom = 0
  /** Frames that are free or hold clean copies, at least. */
  private target = 0
  private most = 0
  /** The clean copy that goes next; -1 where none is chosen. */
  private next = -1
  /** What shares a frame with the last victim. */
  private neighbour = -1
  /** Victims of this call that are to be clean copies. */
  private cleanWanted = 0
  private keeping = false

  constructor(parameters: Readonly<Record<string, number>>) {
    this.p = parameters
  }

  begin({ poolLimit }: PolicyView): void {
    this.headroom = framesWithin(poolLimit, this.p.headroom)
    this.target = this.headroom
    this.most = Math.max(this.headroom, Math.floor(poolLimit * this.p.most))
    this.sketch = new FrequencySketch(COLUMNS * poolLimit, this.p.period)
    this.clean = new Queue(QUEUE * poolLimit)
    this.cleanGhosts = new Ghosts(CLEAN_GHOSTS * poolLimit)
    this.dirtyGhosts = new Ghosts(DIRTY_GHOSTS * poolLimit)
  }

  onLoad(view: PolicyView, zpage: number): void {
    this.sketch.raise(view.ownerOf(zpage))
  }

  onDiskFault(_view: PolicyView, owner: number, pages: number): void {
    if (pages > 1) return
    this.sketch.raise(owner)
    if (this.dirtyGhosts.take(owner)) this.target = Math.max(this.headroom, this.target - this.p.weight)
    else if (this.cleanGhosts.take(owner)) this.target = Math.min(this.most, this.target + 1)
  }

  onStore(_view: PolicyView, zpage: number): void {
    if (this.keeping) this.clean.push(zpage)
    this.keeping = false
  }

  onFull(view: PolicyView): number {
    if (this.keeping || view.cleanCopies === 0) return 0
    this.cleanWanted = 2
    return 2
  }

  onReclaim(view: PolicyView): number {
    const { headroom, target } = this
    const free = view.poolLimit - view.poolFrames
    const freeOrClean = free + cleanFrames(view)
    this.cleanWanted = 0
    if (freeOrClean < target) return zpagesFor(view, Math.ceil(target + headroom - freeOrClean))
    if (free >= headroom) return 0
    this.cleanWanted = Math.min(view.cleanCopies, zpagesFor(view, 2 * headroom - free))
    return this.cleanWanted
  }

  keepClean(view: PolicyView, owner: number): boolean {
    this.keeping = this.worthKeeping(view, owner)
    if (!this.keeping && this.sketch.of(owner) > 0) this.cleanGhosts.add(owner)
    return this.keeping
  }

  victim(view: PolicyView): number {
    if (this.cleanWanted > 0) {
      this.cleanWanted--
      const zpage = isClean(view, this.next) ? this.next : this.coldestClean(view)
      this.next = -1
      if (zpage >= 0) this.cleanGhosts.add(view.ownerOf(zpage))
      return zpage
    }
    let zpage = this.neighbour
    if (zpage >= 0 && view.holds(zpage)) this.neighbour = -1
    else zpage = this.coldestDirty(view)
    if (zpage >= 0) (view.onDiskToo(zpage) ? this.cleanGhosts : this.dirtyGhosts).add(view.ownerOf(zpage))
    return zpage
  }

  private worthKeeping(view: PolicyView, owner: number): boolean {
    const returns = this.sketch.of(owner)
    const free = view.poolLimit - view.poolFrames
    if (returns === 0 || free <= 2) return false
    const kept = cleanFrames(view)
    if (free > 2 * this.headroom) {
      if (free + kept > this.target) return true
    } else if (this.target <= this.headroom + DEAD_BAND) return false
    if (kept < this.target) return true
    if (!isClean(view, this.next)) this.next = this.coldestClean(view)
    return this.next < 0 || returns > this.sketch.of(view.ownerOf(this.next))
  }

  /** Of the oldest clean copies the one that came back least; the others go round. */
  private coldestClean(view: PolicyView): number {
    const { clean, sketch } = this
    let coldest = -1
    let least = Number.POSITIVE_INFINITY
    let seen = 0
    // What was loaded or freed since still stands in the queue.
    for (let left = 4 * CLEAN_SCAN; left > 0 && seen < CLEAN_SCAN && clean.size > 0; left--) {
      const zpage = clean.pop()
      if (zpage === coldest || !isClean(view, zpage)) continue
      seen++
      const other = view.neighbour(zpage)
      let score = sketch.of(view.ownerOf(zpage))
      if (other >= 0) score += view.onDiskToo(other) ? sketch.of(view.ownerOf(other)) / 2 : DIRTY_NEIGHBOUR
      if (score < least) {
        if (coldest >= 0) clean.push(coldest)
        coldest = zpage
        least = score
      } else clean.push(zpage)
    }
    return coldest
  }

  /** Of the oldest others the one whose frame came back least; what came back more often by `spare` goes round once more. */
  private coldestDirty(view: PolicyView): number {
    const { sketch, p } = this
    const { now } = view
    let coldest = -1
    let neighbour = -1
    let least = Number.POSITIVE_INFINITY
    let dirty = 0
    let zpage = view.oldest()
    for (let left = 4 * p.scan; left > 0 && zpage >= 0 && dirty < p.scan; left--) {
      const younger = view.younger(zpage)
      if (view.onDiskToo(zpage)) view.rotate(zpage)
      else {
        dirty++
        const other = view.neighbour(zpage)
        let score = sketch.of(view.ownerOf(zpage))
        if (other >= 0) {
          const later = Math.max(0, view.storedAt(other) - view.storedAt(zpage))
          score += sketch.of(view.ownerOf(other)) + (YOUNG_NEIGHBOUR * later) / (now - view.storedAt(zpage) + 1)
        }
        if (score < least) {
          if (coldest >= 0 && least > score + p.spare) view.rotate(coldest)
          coldest = zpage
          neighbour = other
          least = score
        } else if (score > least + p.spare) view.rotate(zpage)
      }
      zpage = younger
    }
    this.neighbour = neighbour
    return coldest
  }
}

function isClean(view: PolicyView, zpage: number): boolean {
  return zpage >= 0 && view.holds(zpage) && view.onDiskToo(zpage)
}

/** Frames that clean copies take, at the pool's present density. */
function cleanFrames(view: PolicyView): number {
  return view.zpages === 0 ? 0 : (view.cleanCopies * view.poolFrames) / view.zpages
}

/** Entries for each frame of the limit. */
const QUEUE = 1
const CLEAN_GHOSTS = 0.5
const DIRTY_GHOSTS = 1

/** First in, first out, in a ring; what does not fit is forgotten. */
class Queue {
  size = 0
  private readonly ring: Int32Array
  private head = 0

  constructor(capacity: number) {
    this.ring = new Int32Array(capacity)
  }

  push(entry: number): void {
    const { ring } = this
    if (this.size === ring.length) return
    const at = this.head + this.size++
    ring[at < ring.length ? at : at - ring.length] = entry
  }

  /** Only of one that is not empty. */
  pop(): number {
    const entry = this.ring[this.head]
    if (++this.head === this.ring.length) this.head = 0
    this.size--
    return entry
  }
}

/** Pages that left not long ago. A newer one takes an older one's place, so it forgets by itself. */
class Ghosts {
  private readonly owners: Int32Array

  constructor(atLeast: number) {
    this.owners = new Int32Array(Ghosts.entries(atLeast)).fill(-1)
  }

  static entries(atLeast: number): number {
    let entries = 64
    while (entries < atLeast) entries *= 2
    return entries
  }

  add(owner: number): void {
    this.owners[this.at(owner)] = owner
  }

  /** Whether it is there; afterwards it is not. */
  take(owner: number): boolean {
    const at = this.at(owner)
    if (this.owners[at] !== owner) return false
    this.owners[at] = -1
    return true
  }

  private at(owner: number): number {
    return (Math.imul(owner, 0x9e37_79b1) >>> 8) & (this.owners.length - 1)
  }
}

export const keepClean: PolicyEntry = {
  name: 'keep-clean',
  title: 'Keep clean copies',
  rule: 'pages that return from disk unchanged are kept in the headroom as copies that can go without a write, and in more of the pool where that is seen to pay; else the zpage that returned least among the oldest is written back',
  source: 'ours; the sketch is of TinyLFU, 2017, the learning of ARC, 2003',
  parameters: [
    HEADROOM,
    {
      name: 'most',
      default: 0.5,
      min: 0,
      max: 0.9,
      unit: 'share',
      meaning: 'of the limit that clean copies and free frames may be given',
    },
    {
      name: 'weight',
      default: 8,
      min: 1,
      max: 1024,
      unit: 'frames',
      meaning: 'taken from clean copies for a written page that came back; higher writes less',
    },
    {
      name: 'scan',
      default: 16,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'the oldest so many are compared for each victim',
    },
    {
      name: 'spare',
      default: 2,
      min: 0,
      max: 64,
      unit: 'count',
      meaning: 'returns more than the victim, from which on one goes round once more',
    },
    {
      name: 'period',
      default: 4,
      min: 1,
      max: 64,
      unit: 'count',
      meaning: 'returns, for each column of the sketch, in which all its counts are halved',
    },
  ],
  metadataBytes: (poolLimit) =>
    FrequencySketch.bytes(COLUMNS * poolLimit) +
    4 * (QUEUE * poolLimit + Ghosts.entries(CLEAN_GHOSTS * poolLimit) + Ghosts.entries(DIRTY_GHOSTS * poolLimit)),
  create: (parameters) => new KeepClean(parameters),
}
