import { z } from 'zod'

/** The lab's I/O beside fio's. */

/** Holds: the whole interval is within the limit; missed: none of it is; unclear: it reaches across, so that the difference is within its own noise. */
export const FioVerdict = z.enum(['holds', 'unclear', 'missed'])
export type FioVerdict = z.infer<typeof FioVerdict>

const FioFigure = z.object({
  low: z.number().nullable(),
  high: z.number().nullable().describe('bootstrap interval of the ratio over turns; null with fewer than three'),
  verdict: FioVerdict,
})
/** Why a row got no more turns: it is decided, or as many were taken, or as long, as is allowed. */
export const FioEnd = z.enum(['decided', 'turns', 'time'])
export type FioEnd = z.infer<typeof FioEnd>

/** Ours / fio, in turns on the same file and CPU. */
export const FioComparison = z.object({
  p50: z.number(),
  p99: z.number(),
  perSecond: z.number(),
  judged: z
    .object({
      turns: z.int().describe('of each side'),
      looks: z.int().optional().describe('after each portion of the turns one; absent in older files'),
      level: z.number().default(0.95).describe('of the intervals of one look, wider than 0.95 for their number'),
      ended: FioEnd.optional().describe('absent in older files'),
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

const END_WORDS = {
  decided: '',
  turns: ', at the limit of turns',
  time: ', no time for more turns',
} as const satisfies Record<FioEnd, string>

/** "holds", or which figures do not: "p99 missed, p50 and rate unclear", and why it stayed so. Null where it was not judged. */
export function fioVerdictWords({ judged }: FioComparison): string | null {
  if (!judged) return null
  const doubts = (['missed', 'unclear'] as const).flatMap((verdict) => {
    const figures = FIO_FIGURES.filter((name) => judged[name].verdict === verdict)
    if (figures.length === FIO_FIGURES.length) return `all ${verdict}`
    return figures.length === 0 ? [] : `${figures.map((name) => FIGURE_NAMES[name]).join(' and ')} ${verdict}`
  })
  return `${doubts.join(', ') || 'holds'}${END_WORDS[judged.ended ?? 'decided']}`
}

/** The rows that were judged, counted by verdict. */
export function countFioVerdicts(rows: readonly { vsFio?: FioComparison }[]): string {
  const verdicts = rows.flatMap(({ vsFio }) => vsFio?.judged?.verdict ?? [])
  const count = (verdict: FioVerdict) => verdicts.filter((one) => one === verdict).length
  return `Of ${verdicts.length} rows: held ${count('holds')}, missed ${count('missed')}, unclear ${count('unclear')}`
}

/** What the intervals of these rows say, all of them judged alike: "98.9 % intervals over the turns at each look, 95 % over all looks together". */
export function fioIntervalWords(rows: readonly { vsFio?: FioComparison }[]): string {
  const level = rows.find(({ vsFio }) => vsFio?.judged)?.vsFio?.judged?.level ?? 0.95
  const percent = `${Number((100 * level).toFixed(1))} %`
  return `${percent} intervals over the turns${level > 0.95 ? ' at each look, 95 % for all looks together' : ''}`
}

/** What a row came to that is neither held nor missed. */
export const FIO_UNCLEAR =
  'Unclear: the interval reaches across the limit, the difference is within its own noise; such rows get more turns, as long as turns and time allow.'
