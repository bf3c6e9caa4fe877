import { HELD_SHARE, type LoadFacts, type OpenLoad } from '../../contract/index.ts'
import { Random } from '../workloads/index.ts'

/** Random stream of the arrivals; 1 to 5 are the accesses', the contents', the trial order's and the device's. */
const ARRIVAL_RANDOM = 6
/** The last part of the accesses, in which a lane that keeps up has caught up at least once. */
const END_PART = 0.1

// Places in `ns`.
const DUE = 0
const FIRST = 1
const LAST_DUE = 2
const LAST_BEGUN = 3
const LATE_MAX = 4
const LEAST_LATE_END = 5

/**
 * The schedule of an open loop: when each access is meant to begin, whatever became of the ones before, and how far behind
 * the accesses fell. Its time stands still while the laboratory is busy for itself (checks, turns of the event loop).
 *
 * ns Float64Array, one place for each moment above: a double kept in a field is boxed anew at every change.
 */
export class Arrivals {
  private readonly random: Random
  private readonly poisson: boolean
  private readonly gapNs: number
  private readonly ns = new Float64Array(6)
  private begun = 0
  private endFrom = 0

  constructor(load: OpenLoad, seed: number) {
    this.random = new Random(seed, ARRIVAL_RANDOM)
    this.poisson = load.arrivals === 'poisson'
    this.gapNs = 1e9 / load.rate
  }

  /** A new part of `accesses` accesses begins now; what the one before was behind is forgotten. */
  start(now: number, accesses: number): void {
    this.begun = 0
    this.endFrom = Math.floor(accesses * (1 - END_PART))
    this.ns.fill(0)
    this.ns[FIRST] = now
    this.ns[LEAST_LATE_END] = Number.POSITIVE_INFINITY
    this.ns[DUE] = now + this.gap()
  }

  /** When the next access is meant to begin. */
  get due(): number {
    return this.ns[DUE]
  }

  /** The next access has begun at `now`. Returns when it was meant to. */
  begin(now: number): number {
    const { ns } = this
    const due = ns[DUE]
    const late = now - due
    ns[LAST_DUE] = due
    ns[LAST_BEGUN] = now
    if (late > ns[LATE_MAX]) ns[LATE_MAX] = late
    if (++this.begun > this.endFrom && late < ns[LEAST_LATE_END]) ns[LEAST_LATE_END] = late
    ns[DUE] = due + this.gap()
    return due
  }

  /**
   * How the rate was kept since start(). `invalid`: it was not: less than HELD_SHARE of it was achieved, or over the whole last
   * tenth of the accesses the lane was behind by more than a gap, so that its response times only tell how long the trial was.
   */
  facts(): { load: LoadFacts; invalid: string | null } {
    const { ns, begun, gapNs } = this
    const per = (end: number) => (begun / (end - ns[FIRST])) * 1e9
    const load: LoadFacts = {
      askedPerS: per(ns[LAST_DUE]),
      achievedPerS: per(ns[LAST_BEGUN]),
      lateMaxNs: ns[LATE_MAX],
      lateEndNs: ns[LAST_BEGUN] - ns[LAST_DUE],
    }
    const share = load.achievedPerS / load.askedPerS
    if (share < HELD_SHARE)
      return {
        load,
        invalid: `The rate was not held: ${load.achievedPerS.toFixed(0)} of ${load.askedPerS.toFixed(0)} accesses per second (${(share * 100).toFixed(1)} %, at least ${HELD_SHARE * 100} % are needed).`,
      }
    if (ns[LEAST_LATE_END] > gapNs)
      return {
        load,
        invalid: `The rate was not held: over the last ${END_PART * 100} % of the accesses the lane was behind all the time, at the end by ${(load.lateEndNs / 1e6).toFixed(2)} ms.`,
      }
    return { load, invalid: null }
  }

  /** Exponential gaps make a Poisson process; 1 − x is never 0. */
  private gap(): number {
    return this.poisson ? -Math.log(1 - this.random.float()) * this.gapNs : this.gapNs
  }
}
