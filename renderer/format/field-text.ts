import { laneOfField } from '../../main/contract/index.ts'

/** A field by its path; one of a lane with the number that the lane has everywhere else, which begins at 1. */
export function fieldText(field: string): string {
  const place = laneOfField(field)
  return place === null ? field : `${field} (lane\u00a0${place + 1})`
}
