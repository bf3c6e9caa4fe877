import { z } from 'zod'
import { SeriesSample } from '../main/contract/index.ts'

/** Samples of an older version lack what was added since: the contract has its value. */
const Samples = z.array(SeriesSample)
const Columns = z.record(z.string(), z.array(z.unknown()))

/** Samples as they are kept: a column for each field, by its name, which a text of rows would say again for every sample. */
export function seriesToJson(samples: readonly SeriesSample[]): string {
  const names = Object.keys(SeriesSample.shape) as (keyof SeriesSample)[]
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, samples.map((sample) => sample[name])])))
}

/** @throws ZodError where it was written by nobody of this history */
export function seriesFromJson(json: string): SeriesSample[] {
  const columns = Object.entries(Columns.parse(JSON.parse(json)))
  const length = Math.max(0, ...columns.map(([, values]) => values.length))
  return Samples.parse(
    Array.from({ length }, (_, i) => Object.fromEntries(columns.map(([name, values]) => [name, values[i]]))),
  )
}
