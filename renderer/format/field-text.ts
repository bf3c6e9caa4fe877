/** A field by its path; one of a lane with the number that the lane has everywhere else, which begins at 1. */
export function fieldText(field: string): string {
  const place = laneOf(field)
  return place === null ? field : `${field} (lane\u00a0${place + 1})`
}

/** Place of the lane that a field is of, 0-based; null where it is of none, or of all. */
export function laneOf(field: string): number | null {
  const [, place] = /^lanes\.(\d+)(?:\.|$)/.exec(field) ?? []
  return place === undefined ? null : Number(place)
}
