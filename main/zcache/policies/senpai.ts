import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { zpagesFor } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

/** Of Senpai v1: how far stall must be from its target before a step reaches its largest size. */
const COEFFICIENT_TIGHTEN = 10
const COEFFICIENT_LOOSEN = 20
const LEAST_STALL_NS = 1e3
/** The limit is never driven below this, frames: a pool of nothing cannot be loosened by a share of itself. */
const LEAST_FRAMES = 16

/**
 * Senpai drives memory.high by pressure; here it drives a limit of its own for the pool, below which zpages are written back, and
 * stall is the time accesses waited in faults. It begins at the pool's limit. A workload that swaps all the time stalls far
 * more than 10 ms in 6 s: the target has to be set to what it can bear.
 */
export const senpai: PolicyEntry<ParameterOf<'senpai'>> = {
  name: 'senpai',
  title: 'Senpai',
  rule: "the pool's own limit shrinks a little after every interval with less stall than the target and grows at once with more; what is over it is written back, oldest first",
  source: "Meta's Senpai v1, the controller of TMO (ASPLOS 2022): 10 ms in 6 s, steps of at most 1 %",
  parameters: POLICY_PARAMETERS.senpai,
  create({ target, tick, interval, tighten, loosen }) {
    const targetNs = target * 1e6
    let limit = Number.POSITIVE_INFINITY
    let stallSeen = 0
    let stall = 0
    let looksLeft = interval
    let nextLook = Number.NaN

    const look = (most: number) => {
      const far =
        stall > targetNs
          ? (stall / targetNs / COEFFICIENT_LOOSEN) ** 2
          : (targetNs / Math.max(stall, LEAST_STALL_NS) / COEFFICIENT_TIGHTEN) ** 2
      if (stall > targetNs) limit += limit * Math.min(1, far) * loosen
      else if (--looksLeft <= 0) limit -= limit * Math.min(1, far) * tighten
      else return
      limit = Math.min(most, Math.max(LEAST_FRAMES, limit))
      stall = 0
      looksLeft = interval
    }

    return {
      unit: 'zpage',
      onTick(view) {
        const { now } = view
        if (Number.isNaN(nextLook)) {
          nextLook = now + tick * 1e9
          limit = view.poolLimit
          stallSeen = view.stallNs
        } else if (now >= nextLook) {
          nextLook = now + tick * 1e9
          stall += view.stallNs - stallSeen
          stallSeen = view.stallNs
          look(view.poolLimit)
        }
        return zpagesFor(view, view.poolFrames - Math.floor(limit))
      },
    }
  },
}
