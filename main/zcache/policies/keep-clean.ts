import { FrequencySketch } from './frequency-sketch.ts'
import { framesWithin, HEADROOM, zpagesFor } from './headroom.ts'
import type { Policy, PolicyEntry, PolicyView } from './policy.ts'

/** Counters of a sketch row for each frame of the limit: about one for each zpage. */
const COLUMNS = 2
/** The most a neighbour stored later adds to a victim's score, in returns: none if of the same age, all if stored now. */
const YOUNG_NEIGHBOUR = 4
/** Frames under the limit that copies never take: a store under way may need one for each of its two tries. */
const LAST_FRAMES = 2
/** Copies given up for a store that found no room. */
const AT_THE_BRIM = 2

/**
 * A page read from disk and not written is dropped when it leaves memory, and so is read from disk again, however often it returns. This policy keeps a compressed copy of it in the pool
 * beside the one on disk, if the page has come back before (FrequencySketch). Such a copy can be given up at once without a write; but where it stays instead of a page that is not on disk, that
 * one is written earlier, and perhaps once more.
 *
 * Whether that is worth it shows in what was written back: of pages that nobody wants again, hardly any return. So while less than the share `returns` of the pages written back lately have come
 * back, a copy ranks as any other zpage, and of the oldest ones the one that returned least leaves. Otherwise copies get only room that is free anyway, and leave before anything is written.
 */
class KeepClean implements Policy {
  readonly unit = 'zpage'
  private readonly p: Readonly<Record<string, number>>
  private sketch = new FrequencySketch(1, 1)
  private copies = new Queue(1)
  private written = new Ghosts(1)
  private headroom = 0
  /** Pages written back, and of them come back, both halved when the first reaches the window. */
  private departures = 0
  private returns = 0
  private window = 0
  /** What shares a frame with the last victim. */
  private neighbour = -1
  /** The page whose copy was asked for last; -1 once its store has begun. */
  private asked = -1
  /** The store under way is that copy's. */
  private keeping = false

  constructor(parameters: Readonly<Record<string, number>>) {
    this.p = parameters
  }

  begin({ poolLimit }: PolicyView): void {
    this.headroom = framesWithin(poolLimit, this.p.headroom)
    this.window = WINDOW * poolLimit
    this.sketch = new FrequencySketch(COLUMNS * poolLimit, this.p.period)
    this.copies = new Queue(QUEUE * poolLimit)
    this.written = new Ghosts(WINDOW * poolLimit)
  }

  onLoad(view: PolicyView, zpage: number): void {
    this.sketch.raise(view.ownerOf(zpage))
  }

  onDiskFault(_view: PolicyView, owner: number, pages: number): void {
    // What a read brings along with others is cheap to read again.
    if (pages > 1) return
    this.sketch.raise(owner)
    if (this.written.take(owner)) this.returns++
  }

  keepClean(view: PolicyView, owner: number): boolean {
    const free = view.poolLimit - view.poolFrames
    const room = free > this.headroom || (free > LAST_FRAMES && this.copiesRank())
    const keeps = room && this.sketch.of(owner) > 0
    this.asked = keeps ? owner : -1
    return keeps
  }

  admit(_view: PolicyView, _bytes: number, owner: number): boolean {
    this.keeping = owner === this.asked
    this.asked = -1
    return true
  }

  onStore(_view: PolicyView, zpage: number): void {
    if (this.keeping) this.copies.push(zpage)
  }

  onFull(view: PolicyView): number {
    return this.keeping ? 0 : Math.min(AT_THE_BRIM, view.cleanCopies)
  }

  onReclaim(view: PolicyView): number {
    const free = view.poolLimit - view.poolFrames
    if (free >= this.headroom) return 0
    const wanted = zpagesFor(view, 2 * this.headroom - free)
    // A copy beside another zpage leaves room but no frame: the next look shows whether something must be written.
    return view.cleanCopies > 0 && !this.copiesRank() ? Math.min(wanted, view.cleanCopies) : wanted
  }

  victim(view: PolicyView): number {
    let zpage = view.cleanCopies > 0 && !this.copiesRank() ? this.oldestCopy(view) : -1
    if (zpage >= 0) return zpage
    zpage = this.neighbour
    this.neighbour = -1
    if (zpage < 0 || !view.holds(zpage)) zpage = this.coldest(view)
    if (zpage >= 0 && !view.onDiskToo(zpage)) this.departed(view.ownerOf(zpage))
    return zpage
  }

  /** Whether what is written back is wanted again so seldom that copies stand in one line with all others. */
  private copiesRank(): boolean {
    return this.returns <= this.p.returns * this.departures
  }

  private departed(owner: number): void {
    this.written.add(owner)
    if (++this.departures <= this.window) return
    this.departures /= 2
    this.returns /= 2
  }

  /** -1 where none is left in the queue. */
  private oldestCopy(view: PolicyView): number {
    // What was loaded or freed since still stands in it.
    while (this.copies.size > 0) {
      const zpage = this.copies.pop()
      if (view.holds(zpage) && view.onDiskToo(zpage)) return zpage
    }
    return -1
  }

  /** Of the oldest zpages the one whose frame came back least; what came back more often by `spare` goes round once more. */
  private coldest(view: PolicyView): number {
    const { sketch, p } = this
    const { now } = view
    let coldest = -1
    let neighbour = -1
    let least = Number.POSITIVE_INFINITY
    let zpage = view.oldest()
    for (let left = p.scan; left > 0 && zpage >= 0; left--) {
      const younger = view.younger(zpage)
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
      zpage = younger
    }
    this.neighbour = neighbour
    return coldest
  }
}

/** Entries for each frame of the limit. */
const QUEUE = 1
/** Pages written back for each frame of the limit that are remembered. */
const WINDOW = 2

/** First in, first out, in a ring; for what does not fit the oldest is forgotten. */
class Queue {
  size = 0
  private readonly ring: Int32Array
  private head = 0

  constructor(capacity: number) {
    this.ring = new Int32Array(capacity)
  }

  push(entry: number): void {
    const { ring } = this
    if (this.size === ring.length) this.pop()
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
  rule: 'pages that come back from disk unchanged are kept as copies, which go without a write; when reclaim finds less than the headroom left, the least returned of the oldest zpages goes, copy or not, while few of the pages written back come back, else copies first',
  source: 'ours; the sketch is of TinyLFU, 2017; clean first after CFLRU, 2006',
  parameters: [
    HEADROOM,
    {
      name: 'returns',
      default: 0.3,
      min: 0,
      max: 1,
      unit: 'share',
      meaning:
        'of the pages written back lately that may have come back for copies to rank with all others; with 1 they always do',
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
    FrequencySketch.bytes(COLUMNS * poolLimit) + 4 * (QUEUE * poolLimit + Ghosts.entries(WINDOW * poolLimit)),
  create: (parameters) => new KeepClean(parameters),
}
