import type { PolicyView } from './policy.ts'

/**
 * How much the policies that work during reclaim write back: when less than the headroom is left under the pool's limit, until
 * twice the headroom is. It keeps stores from meeting the brim, where every one of them would wait for one writeback.
 */

/** The headroom in frames. */
export function framesWithin(poolLimit: number, headroom: number): number {
  return Math.min(Math.max(16, Math.floor(poolLimit * headroom)), poolLimit >> 2)
}

/** Frames to give back now. */
export function framesWanted(view: PolicyView, headroom: number): number {
  const frames = framesWithin(view.poolLimit, headroom)
  const left = view.poolLimit - view.poolFrames
  return left >= frames ? 0 : 2 * frames - left
}

/** Zpages that give back so many frames, at the pool's present density. */
export function zpagesFor(view: PolicyView, frames: number): number {
  return view.poolFrames === 0 || frames <= 0 ? 0 : Math.ceil((frames * view.zpages) / view.poolFrames)
}

/** Zpages to write back now. */
export function zpagesWanted(view: PolicyView, headroom: number): number {
  return zpagesFor(view, framesWanted(view, headroom))
}
