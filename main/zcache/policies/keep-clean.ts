import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { FrequencySketch } from './frequency-sketch.ts'
import { framesWithin, zpagesFor } from './headroom.ts'
import type { Policy, PolicyEntry, PolicyView } from './policy.ts'

/** Counters of a sketch row for each frame of the limit: about one for each zpage. */
const COLUMNS = 2
/** The most a neighbour stored later adds to a victim's score, in returns: none if of the same age, all if stored now. */
const YOUNG_NEIGHBOUR = 4
/** Frames under the limit that copies never take: a store under way may need one for each of its two tries. */
const LAST_FRAMES = 2
/** Copies given up for a store that found no room. */
const AT_THE_BRIM = 2
/** Of clean pages that are not worth a copy one in so many is kept all the same, to see whether that changes. */
const PROBE = 64
/** Copies of which so many are used, and that come back, once given up, so much more often than what was written back, rank with it. */
const MUCH_USED = 0.5
const MORE_WANTED = 0.2

/**
 * A page read from disk and not written is dropped when it leaves memory, and so is read from disk again, however often it returns. This policy keeps a compressed copy of it in the pool
 * beside the one on disk, if the page has come back before (FrequencySketch). Such a copy can be given up at once without a write; but where it stays instead of a page that is not on disk, that
 * one is written earlier, and perhaps once more.
 *
 * Whether that is worth it shows in what left. While less than the share `returns` of the pages written back lately have come back, or the copies are used and those given up come back still more, a copy
 * ranks as any other zpage, and of the oldest ones the one that returned least leaves. Otherwise copies get only room that is free anyway, and leave before anything is written. Even there each takes a place
 * beside a zpage that another could have had; so where hardly any copy is used before it is given up, hardly any is made.
 */
class KeepClean implements Policy {
  readonly unit = 'zpage'
  private readonly p: Readonly<Record<string, number>>
  private sketch = new FrequencySketch(1, 1)
  private copies = new Queue(1)
  private written = new Departures(1)
  private dropped = new Departures(1)
  /** Of the copies that left, those that a fault used. */
  private used = new Share(1)
  /** Clean pages not kept for want of use, up to PROBE. */
  private passed = 0
  private headroom = 0
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
    this.sketch = new FrequencySketch(COLUMNS * poolLimit, this.p.period)
    this.copies = new Queue(QUEUE * poolLimit)
    this.written = new Departures(WINDOW * poolLimit)
    this.dropped = new Departures(WINDOW * poolLimit)
    this.used = new Share(poolLimit)
  }

  onLoad(view: PolicyView, zpage: number): void {
    this.sketch.raise(view.ownerOf(zpage))
    if (view.onDiskToo(zpage)) this.used.count(true)
  }

  onDiskFault(_view: PolicyView, owner: number, pages: number): void {
    // What a read brings along with others is cheap to read again.
    if (pages > 1) return
    this.sketch.raise(owner)
    this.written.returned(owner)
    this.dropped.returned(owner)
  }

  keepClean(view: PolicyView, owner: number): boolean {
    const free = view.poolLimit - view.poolFrames
    const room = free > this.headroom || (free > LAST_FRAMES && this.copiesRank())
    const keeps = room && this.sketch.of(owner) > 0 && this.worthwhile()
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
    const zpage = this.choice(view)
    if (zpage < 0) return zpage
    if (view.onDiskToo(zpage)) {
      this.dropped.left(view.ownerOf(zpage))
      this.used.count(false)
    } else this.written.left(view.ownerOf(zpage))
    return zpage
  }

  private choice(view: PolicyView): number {
    if (view.cleanCopies > 0 && !this.copiesRank()) {
      const copy = this.oldestCopy(view)
      if (copy >= 0) return copy
    }
    const { neighbour } = this
    this.neighbour = -1
    return neighbour >= 0 && view.holds(neighbour) ? neighbour : this.coldest(view)
  }

  /** Whether copies stand in one line with all others. */
  private copiesRank(): boolean {
    const { written, dropped, used } = this
    return (
      written.share.atMost(this.p.returns) ||
      (used.smoothed() >= MUCH_USED && dropped.share.smoothed() >= written.share.smoothed() + MORE_WANTED)
    )
  }

  /** Whether copies are used often enough to make one more; now and then although they are not. */
  private worthwhile(): boolean {
    if (this.used.smoothed() >= this.p.used) return true
    if (++this.passed < PROBE) return false
    this.passed = 0
    return true
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
/** Pages written back, and copies given up, for each frame of the limit that are remembered. */
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

/** Observations that a share begins with, half of them true: so few would say nothing by themselves. */
const UNKNOWN = 16

/** The share of what was observed lately that was true: both counts are halved when the window is full. */
class Share {
  private readonly window: number
  private all = 0
  private true = 0

  constructor(window: number) {
    this.window = window
  }

  count(isTrue: boolean): void {
    if (isTrue) this.true++
    if (++this.all <= this.window) return
    this.all /= 2
    this.true /= 2
  }

  /** What was counted as false is true after all. */
  correct(): void {
    this.true++
  }

  atMost(share: number): boolean {
    return this.true <= share * this.all
  }

  smoothed(): number {
    return (this.true + UNKNOWN / 2) / (this.all + UNKNOWN)
  }
}

/**
 * Pages that left not long ago, and the share of them that came back. A newer one takes an older one's place, so it forgets by itself; of a page it knows
 * 16 bits beside its place.
 */
class Departures {
  readonly share: Share
  private readonly marks: Uint16Array

  constructor(window: number) {
    this.share = new Share(window)
    this.marks = new Uint16Array(Departures.entries(window))
  }

  static entries(window: number): number {
    let entries = 64
    while (entries < window) entries *= 2
    return entries
  }

  left(owner: number): void {
    const hash = hashOf(owner)
    this.marks[this.at(hash)] = markOf(hash)
    this.share.count(false)
  }

  returned(owner: number): void {
    const hash = hashOf(owner)
    const at = this.at(hash)
    if (this.marks[at] !== markOf(hash)) return
    this.marks[at] = 0
    this.share.correct()
  }

  private at(hash: number): number {
    return hash & (this.marks.length - 1)
  }
}

function hashOf(owner: number): number {
  const hash = Math.imul(owner, 0x9e37_79b1)
  return hash ^ (hash >>> 15)
}

/** Never 0, which is no page. */
function markOf(hash: number): number {
  return (hash >>> 16) | 1
}

export const keepClean: PolicyEntry<ParameterOf<'keep-clean'>> = {
  name: 'keep-clean',
  title: 'Keep clean copies',
  rule: 'pages that come back from disk unchanged are kept as copies, which go without a write; when reclaim finds less than the headroom left, the least returned of the oldest zpages goes, copy or not, while few of the pages written back come back or copies are wanted more, else copies first; where copies are not used hardly any is made',
  source: 'ours; the sketch is of TinyLFU, 2017; clean first after CFLRU, 2006',
  parameters: POLICY_PARAMETERS['keep-clean'],
  metadataBytes: (poolLimit) =>
    FrequencySketch.bytes(COLUMNS * poolLimit) + 4 * QUEUE * poolLimit + 2 * 2 * Departures.entries(WINDOW * poolLimit),
  create: (parameters) => new KeepClean(parameters),
}
