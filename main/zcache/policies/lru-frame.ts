import type { Policy, PolicyEntry, PoolView } from './policy.ts'

/**
 * Oldest frame first, both its zpages: zcache2's order. It starts when fewer than HEADROOM frames are left under the pool's
 * limit and stops at twice that, so that stores keep finding room and the brim is not reached one page at a time.
 */
const HEADROOM_SHARE = 1 / 32
const HEADROOM_MIN_FRAMES = 16

class LruFrame implements Policy {
  onReclaim(pool: PoolView): number {
    const headroom = Math.min(
      Math.max(HEADROOM_MIN_FRAMES, Math.floor(pool.poolLimit * HEADROOM_SHARE)),
      pool.poolLimit >> 2,
    )
    const left = pool.poolLimit - pool.poolFrames
    return left >= headroom ? 0 : 2 * headroom - left
  }
}

export const lruFrame: PolicyEntry = {
  name: 'lru-frame',
  title: 'LRU by frame',
  rule: 'when the pool nears its limit, the frame with the oldest last store is written back, both its zpages',
  source: 'zcache2 (drivers/staging/zcache), February 2013',
  create: () => new LruFrame(),
}
