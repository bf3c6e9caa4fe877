import type { Point } from './decimate.ts'

/** A part of an x axis. */
export interface Range {
  min: number
  max: number
}

/** The points of a part, and one on each side of it, so that the line reaches its edges. @param points by x */
export function within<P extends Point>(points: readonly P[], range: Range | null): readonly P[] {
  if (!range) return points
  const first = points.findIndex(({ x }) => x >= range.min)
  const last = points.findLastIndex(({ x }) => x <= range.max)
  if (first === -1 || last === -1) return []
  return points.slice(Math.max(0, Math.min(first, last + 1) - 1), Math.max(last, first - 1) + 2)
}

/** The part `factor` times as long around a place, or around its middle. */
export function zoomed({ min, max }: Range, factor: number, around: number | null): Range {
  const middle = around ?? (min + max) / 2
  return { min: middle - (middle - min) * factor, max: middle + (max - middle) * factor }
}

/** What of a part lies in the whole; null where that is all of it, or nothing. */
export function inside({ min, max }: Range, whole: Range): Range | null {
  const part = { min: Math.max(min, whole.min), max: Math.min(max, whole.max) }
  return part.min >= part.max || (part.min === whole.min && part.max === whole.max) ? null : part
}

/** The whole of an axis: as far as it is drawn in any case, else from the first point to the last. */
export function wholeOf(lines: readonly { points: readonly Point[] }[], { min, max }: Partial<Range>): Range {
  const whole = { min: min ?? Number.POSITIVE_INFINITY, max: max ?? Number.NEGATIVE_INFINITY }
  for (const { points } of lines)
    for (const { x } of points) {
      whole.min = Math.min(whole.min, x)
      whole.max = Math.max(whole.max, x)
    }
  return whole
}

/** Places that stand apart, of lines with points at other places each, and the last of all: End leads there. @param places ascending */
export function placesApart(
  places: readonly number[],
  pixelOf: (place: number) => number,
  apart: number,
): readonly number[] {
  let before = Number.NEGATIVE_INFINITY
  return places.filter((place, at) => {
    const pixel = pixelOf(place)
    if (at < places.length - 1 && pixel - before < apart) return false
    before = pixel
    return true
  })
}

/** Places passed at once with Page Up and Page Down. */
const LEAP = 10

/**
 * Where a key leads from one place to another, of all there are; from none, to the first or the last. undefined: it is no such key, or there is no place.
 * @param places ascending
 */
export function cursorAfter(key: string, from: number | null, places: readonly number[]): number | undefined {
  const steps: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    PageUp: LEAP,
    PageDown: -LEAP,
    End: places.length,
    Home: -places.length,
  }
  const step = steps[key]
  if (step === undefined || places.length === 0) return undefined
  if (from === null) return key === 'Home' || (step > 0 && key !== 'End') ? places[0] : places[places.length - 1]
  // After a zoom the place may be gone: from the next one.
  const at = places.findIndex((place) => place >= from)
  return places[Math.min(places.length - 1, Math.max(0, (at === -1 ? places.length : at) + step))]
}
