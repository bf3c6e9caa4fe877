import { type ComparedMetric, type LaneReport, metricFacts, type Verdict } from '../../contract/index.ts'
import { digits, readableBytes, readableNs } from '../readable.ts'
import {
  BAND,
  type Judgement,
  judgeBlocked,
  judgeBlockedAll,
  MIN_BLOCKS,
  median,
  relativeShiftInterval,
} from '../statistics/index.ts'
import { compareLanes, pairedBlocks } from './blocks.ts'
import { type Question, questionsOf } from './questions.ts'

/** Fewest trials from which anything at all is said. */
const MIN_INDICATION = 3

/** What the run answers; the first is the headline. Nothing where nothing was measured. */
export function verdictsOf(lanes: readonly LaneReport[]): Verdict[] {
  if (!lanes.some(({ trials }) => trials.some(({ status }) => status === 'done'))) return []
  const questions = questionsOf(lanes)
  const judged = judgedTogether(questions.filter(({ kind }) => kind === 'one of many'))
  return questions.map((question) =>
    question.kind === 'itself' ? itself(question) : faster(question, judged.get(question)),
  )
}

/** Of many lanes some would differ from the first by chance alone: p is adjusted for their number, as for that of metrics. */
function judgedTogether(questions: readonly Question[]): ReadonlyMap<Question, Judgement> {
  const asked = questions.flatMap((question) => {
    const { base, next, measure } = question
    const sides = pairedBlocks(base, next, measure.metric)
    return sides.base.length < MIN_BLOCKS ? [] : [{ question, sides }]
  })
  const judged = judgeBlockedAll(
    asked.map(({ question: { next, measure }, sides }) => ({
      lane: next.label,
      metric: measure.metric,
      ...metricFacts(measure.metric),
      ...sides,
    })),
  )
  return new Map(asked.map(({ question }, index) => [question, judged[index]]))
}

const tooFew = (question: string, n: number): Verdict => ({
  question,
  answer: 'unknown',
  sentence: `Unknown: ${n === 0 ? 'no trial' : `only ${n} ${n === 1 ? 'trial' : 'trials'}`} of both lanes finished, and ${MIN_INDICATION} is the least from which anything follows.`,
})

/** Names of metrics beyond these are counted only. */
const NAMED = 4

/** Two lanes that are one: every metric must be the same, and one that is different speaks against lab or host. */
function itself({ question, base, next, measure }: Question): Verdict {
  const metrics = compareLanes(base, next)
  const speed = metrics.find(({ metric }) => metric === measure.metric)
  const n = speed?.n.new ?? 0
  if (!speed || n < MIN_INDICATION) return tooFew(question, n)
  const named = (verdict: ComparedMetric['verdict']) => {
    const names = metrics.flatMap((row) => (row.verdict === verdict ? [row.metric] : []))
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
    return names.length === 0 ? `none` : `${names.length} (${names.slice(0, NAMED).join(', ')}${more})`
  }
  const same = metrics.filter(({ verdict }) => verdict === 'same').length
  const share = Math.round((same / metrics.length) * 100)
  const different = metrics.some(({ verdict }) => verdict === 'different')
  const answer = different ? 'no' : speed.verdict === 'same' ? 'same' : 'unknown'
  const word = { no: 'No', same: 'Same', unknown: 'Unknown, collect more trials' }[answer]
  return {
    question,
    answer,
    sentence:
      `${word}: of ${metrics.length} metrics ${same} (${share} %) are the same, ${named('different')} different, ${named('unknown')} unknown; ` +
      `${measure.metric} differs by ${signed(speed.shift ?? 0)} %${interval(speed)}${detectable(speed)}; ${n} trials a lane.`,
  }
}

function faster(
  { question, base, next, baseName, nextName: name, measure }: Question,
  together: Judgement | undefined,
): Verdict {
  const { metric, betterIs, claim } = measure
  const values = pairedBlocks(base, next, metric)
  const n = values.base.length
  if (n < MIN_INDICATION) return tooFew(question, n)
  if (next.counters.pgfault === 0 && base.counters.pgfault === 0)
    return {
      question,
      answer: 'unknown',
      sentence: 'Unknown: the workload fits in the RAM, so nothing was swapped. Give it more pages than memory.frames.',
    }
  const judged =
    together ?? (n >= MIN_BLOCKS ? judgeBlocked(values.base, values.new, { betterIs }) : indication(values))
  const side = sideFigures(next, base)
  const than = `than ${baseName}`
  const figures = `${capital(name)} ${claim(judged.shift)} ${than}${interval(judged)}${side}`
  const trials = `${n} trials a lane`
  switch (judged.verdict) {
    case 'different': {
      const better = betterIs === 'higher' ? (judged.shift ?? 0) > 0 : (judged.shift ?? 0) < 0
      return {
        question,
        answer: better ? 'yes' : 'no',
        sentence: `${better ? 'Yes' : 'No'}${n < MIN_BLOCKS ? ' (an indication: six trials can prove it)' : ''}: ${lower(figures)}; ${trials}.`,
      }
    }
    case 'same':
      return {
        question,
        answer: 'same',
        sentence: `It makes no difference of ${BAND * 100} % or more: ${lower(figures)}${detectable(judged)}; ${trials}.`,
      }
    case 'unknown':
      return {
        question,
        answer: 'unknown',
        sentence: `Unknown, collect more trials: ${lower(figures)}${detectable(judged)}; ${trials}.`,
      }
  }
}

type Judged = Pick<Judgement, 'shift' | 'low' | 'high' | 'verdict' | 'detectable'>

/**
 * Fewer than six blocks cannot carry 95 % confidence. What is so clear that every trial of one lane beats every one of the
 * other, and the whole interval lies beyond 5 %, is still worth saying; called an indication.
 */
function indication({ base, new: next }: { base: number[]; new: number[] }): Judged {
  const { shift, low, high } = relativeShiftInterval(base, next)
  const apart = Math.min(...next) > Math.max(...base) || Math.max(...next) < Math.min(...base)
  const clear = low !== null && high !== null && (low > BAND || high < -BAND)
  return { shift, low, high, detectable: null, verdict: apart && clear ? 'different' : 'unknown' }
}

/** p99 of all faults and bytes written, of both lanes, where both were measured. */
function sideFigures(next: LaneReport, base: LaneReport): string {
  const pair = (metric: string) => {
    const { base: a, new: b } = pairedBlocks(base, next, metric)
    return a.length > 0 ? ([median(b), median(a)] as const) : null
  }
  const p99 = pair('fault.ns.p99')
  const written = pair('disk.bytes_written')
  return [
    p99 ? `, p99 fault ${readableNs(p99[0])} against ${readableNs(p99[1])}` : '',
    written ? `, ${readableBytes(written[0])} written against ${readableBytes(written[1])} a trial` : '',
  ].join('')
}

function interval({ low, high }: Judged): string {
  if (low === null || high === null) return ''
  return ` (${signed(low)} to ${signed(high)} %)`
}

/** What so many trials of this noise can show, beside a verdict that found nothing. */
function detectable({ detectable: change }: Judged): string {
  return change === null ? '' : `; a change of ${digits(change * 100)} % would show in 4 of 5 such runs`
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${digits(Math.abs(value) * 100)}`
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
