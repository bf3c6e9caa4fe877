import { z } from 'zod'

/** The lab's I/O beside fio's. */

/** Holds: the whole 95 % interval is within the limit; missed: none of it is; unclear: it reaches across, so that the difference is within its own noise. */
export const FioVerdict = z.enum(['holds', 'unclear', 'missed'])
export type FioVerdict = z.infer<typeof FioVerdict>

const FioFigure = z.object({
  low: z.number().nullable(),
  high: z.number().nullable().describe('95 % bootstrap interval of the ratio over turns; null with fewer than three'),
  verdict: FioVerdict,
})
/** Ours / fio, in turns on the same file and CPU. */
export const FioComparison = z.object({
  p50: z.number(),
  p99: z.number(),
  perSecond: z.number(),
  judged: z
    .object({
      turns: z.int().describe('of each side'),
      verdict: FioVerdict.describe('the worst of the three'),
      p50: FioFigure,
      p99: FioFigure,
      perSecond: FioFigure,
    })
    .optional()
    .describe('absent in older files'),
})
export type FioComparison = z.infer<typeof FioComparison>
/** Ours / fio may be at most this, and at least for the rate. */
export const FIO_LIMITS = { p50: 1.05, p99: 1.15, perSecond: 0.97 } as const
export const FIO_FIGURES = ['p50', 'p99', 'perSecond'] as const
const FIGURE_NAMES = { p50: 'p50', p99: 'p99', perSecond: 'rate' } as const

/** "holds", or which figures do not: "p99 missed, p50 and rate unclear". Null where it was not judged. */
export function fioVerdictWords({ judged }: FioComparison): string | null {
  if (!judged) return null
  const doubts = (['missed', 'unclear'] as const).flatMap((verdict) => {
    const figures = FIO_FIGURES.filter((name) => judged[name].verdict === verdict)
    if (figures.length === FIO_FIGURES.length) return `all ${verdict}`
    return figures.length === 0 ? [] : `${figures.map((name) => FIGURE_NAMES[name]).join(' and ')} ${verdict}`
  })
  return doubts.join(', ') || 'holds'
}

/** The rows that were judged, counted by verdict. */
export function countFioVerdicts(rows: readonly { vsFio?: FioComparison }[]): string {
  const verdicts = rows.flatMap(({ vsFio }) => vsFio?.judged?.verdict ?? [])
  const count = (verdict: FioVerdict) => verdicts.filter((one) => one === verdict).length
  return `Of ${verdicts.length} rows: held ${count('holds')}, missed ${count('missed')}, unclear ${count('unclear')}`
}

/** What no ratio of extents shows. */
export const EXTENTS_MEMORY =
  "Extents: the lab's buffer lies in one large page where the kernel has one, as the engine's memory does, and fio's in small pages, which take longer to transfer."
