/**
 * Free frames at which reclaim starts and stops. Linux: min_free_kbytes = 4 x sqrt(RAM in KiB), low and high a quarter of
 * that above each other; the gap is at least a few pages so that background reclaim has room to work.
 */
export interface Watermarks {
  /** At or below: the faulting access reclaims by itself. */
  min: number
  /** Below: background reclaim is woken. */
  low: number
  /** Reached: it sleeps again. */
  high: number
}

/** @param frames RAM, in frames */
export function watermarksFor(frames: number): Watermarks {
  const min = Math.max(4, Math.floor(Math.sqrt(frames * 4)))
  const gap = Math.max(4, min >> 2)
  return { min, low: min + gap, high: min + 2 * gap }
}
