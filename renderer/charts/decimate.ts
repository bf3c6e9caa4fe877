export interface Point {
  x: number
  y: number
}

/** More points than this on one line no screen shows, and drawing them would block the window. */
export const MAX_POINTS = 400

/**
 * At most `limit` points that look the same: of every bucket of neighbours the lowest and the highest are kept, in their
 * order, so that no spike is lost. The first and the last point stay.
 */
export function decimate<P extends Point>(points: readonly P[], limit: number = MAX_POINTS): readonly P[] {
  if (points.length <= limit) return points
  const buckets = Math.max(1, Math.floor((limit - 2) / 2))
  const inner = points.length - 2
  const kept: P[] = [points[0]]
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * inner) / buckets)
    const to = 1 + Math.floor(((bucket + 1) * inner) / buckets)
    let low = from
    let high = from
    for (let at = from; at < to; at += 1) {
      if (points[at].y < points[low].y) low = at
      if (points[at].y > points[high].y) high = at
    }
    kept.push(points[Math.min(low, high)])
    if (low !== high) kept.push(points[Math.max(low, high)])
  }
  kept.push(points[points.length - 1])
  return kept
}
