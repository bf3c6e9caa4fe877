import type { ComparedMetric } from '../../../main/contract/index.ts'

/** What a compared metric says in a word: a difference is better or worse by the metric's own direction. */
export const READINGS = ['better', 'worse', 'same', 'unknown'] as const
export type Reading = (typeof READINGS)[number]

export function readingOf({ verdict, better, base, new: fresh }: ComparedMetric): Reading {
  if (verdict !== 'different') return verdict
  const grew = fresh > base
  return grew === (better === 'higher') ? 'better' : 'worse'
}

/** Cliff's delta in words (Romano et al. 2006: 0.147, 0.33, 0.474). */
export function effectWord(delta: number): 'negligible' | 'small' | 'medium' | 'large' {
  const size = Math.abs(delta)
  if (size < 0.147) return 'negligible'
  if (size < 0.33) return 'small'
  return size < 0.474 ? 'medium' : 'large'
}

/** Half the width of the shift axis that all rows share: the widest interval, at least ±5 %, at most ±200 %. */
export function shiftSpan(metrics: readonly ComparedMetric[]): number {
  const widest = Math.max(
    0,
    ...metrics.flatMap(({ shift, low, high }) => [shift, low, high].map((value) => Math.abs(value ?? 0))),
  )
  return Math.min(2, Math.max(0.05, widest))
}

/** What the rows of a comparison can be ordered by; each begins at the end where one looks first. */
const SORT_KEYS = {
  verdict: { first: 'ascending', of: ({ reading }) => URGENCY.indexOf(reading) },
  shift: { first: 'descending', of: ({ metric }) => metric.shift },
  effect: { first: 'descending', of: ({ metric }) => metric.cliffsDelta },
  p: { first: 'ascending', of: ({ metric }) => metric.pAdjusted },
  detectable: { first: 'descending', of: ({ metric }) => (metric.verdict === 'different' ? null : metric.detectable) },
} as const satisfies Record<string, { first: Direction; of: (row: ReadRow) => number | null }>

/** What was lost, what was won, what is not known. */
const URGENCY: readonly Reading[] = ['worse', 'better', 'unknown', 'same']

type Direction = 'ascending' | 'descending'
interface ReadRow {
  metric: ComparedMetric
  reading: Reading
}
export type SortKey = keyof typeof SORT_KEYS
/** null: in the order of the metrics. */
export type Sort = { by: SortKey; direction: Direction } | null

/** Reads what `sortText` writes; anything else is the order of the metrics. */
export function sortAt(text: string | null): Sort {
  const [, sign, name] = /^(-?)(.+)$/.exec(text ?? '') ?? []
  if (!isSortKey(name)) return null
  return { by: name, direction: sign === '-' ? 'descending' : 'ascending' }
}

const isSortKey = (name: string | undefined): name is SortKey => name !== undefined && name in SORT_KEYS

export const sortText = (sort: Sort): string =>
  sort === null ? '' : sort.direction === 'descending' ? `-${sort.by}` : sort.by

/** By another column; once more, the other way round; a third time, as at first. */
export function nextSort(sort: Sort, by: SortKey): Sort {
  const { first } = SORT_KEYS[by]
  if (sort?.by !== by) return { by, direction: first }
  return sort.direction === first ? { by, direction: first === 'ascending' ? 'descending' : 'ascending' } : null
}

/** What a row does not have comes last in both directions; equals stay in the order of the metrics. */
export function inOrder<R extends ReadRow>(rows: readonly R[], sort: Sort): readonly R[] {
  if (sort === null) return rows
  const sign = sort.direction === 'ascending' ? 1 : -1
  const { of } = SORT_KEYS[sort.by]
  return rows.toSorted((a, b) => {
    const [first, second] = [of(a), of(b)]
    if (first === null || second === null) return Number(first === null) - Number(second === null)
    return sign * (first - second)
  })
}
