import type { HookFacts } from '../../contract/index.ts'
import type { Clock } from '../../mm/index.ts'
import type { Policy } from '../../zcache/index.ts'
import { Histogram, percentile } from './histogram.ts'

/** Calls of a hook that are all timed: a rare one would have no figure otherwise. */
const ALL = 64
/** Then one in so many, so that looking at the clock costs the others nothing; a power of two. */
const EVERY = 16

interface Watched {
  calls: number
  timed: Histogram
}

/** Time inside the hooks of a user's own policy, part of whatever calls them: faults, stores, reclaim. */
export class HookTime {
  private readonly clock: Clock
  private readonly hooks = new Map<string, Watched>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The same policy, watched. */
  over(policy: Policy): Policy {
    // Every field of a policy, so that the compiler misses none.
    const whole: { [Field in keyof Required<Policy>]: Policy[Field] } = {
      unit: policy.unit,
      repatriateOrder: policy.repatriateOrder,
      repatriateWindowNs: policy.repatriateWindowNs,
      begin: this.watch('begin', policy.begin),
      onFull: this.watch('onFull', policy.onFull),
      onLimit: this.watch('onLimit', policy.onLimit),
      onReclaim: this.watch('onReclaim', policy.onReclaim),
      onTick: this.watch('onTick', policy.onTick),
      onLoad: this.watch('onLoad', policy.onLoad),
      repatriate: this.watch('repatriate', policy.repatriate),
      onStore: this.watch('onStore', policy.onStore),
      onDiskFault: this.watch('onDiskFault', policy.onDiskFault),
      keepClean: this.watch('keepClean', policy.keepClean),
      accepts: this.watch('accepts', policy.accepts),
      admit: this.watch('admit', policy.admit),
      victim: this.watch('victim', policy.victim),
    }
    return whole
  }

  private watch<Args extends unknown[], Answer>(
    hook: string,
    call: ((...args: Args) => Answer) | undefined,
  ): ((...args: Args) => Answer) | undefined {
    if (!call) return undefined
    const watched: Watched = { calls: 0, timed: new Histogram() }
    this.hooks.set(hook, watched)
    const { clock } = this
    return (...args) => {
      if (++watched.calls > ALL && (watched.calls & (EVERY - 1)) !== 0) return call(...args)
      const start = clock.now()
      const answer = call(...args)
      watched.timed.record(clock.now() - start)
      return answer
    }
  }

  /** Forgets the warm-up. */
  clear(): void {
    for (const watched of this.hooks.values()) {
      watched.calls = 0
      watched.timed.clear()
    }
  }

  /** Of the hooks that were called, what took most first. @param elapsedNs time the shares are of */
  facts(elapsedNs: number): HookFacts[] {
    return [...this.hooks]
      .filter(([, { calls }]) => calls > 0)
      .map(([hook, { calls, timed }]) => {
        const data = timed.toData()
        const share = ((timed.sum / timed.count) * calls) / elapsedNs
        return { hook, calls, share, p50Ns: percentile(data, 0.5), p99Ns: percentile(data, 0.99) }
      })
      .sort((a, b) => b.share - a.share)
  }
}
