import type { SweepAxis } from '../../main/contract/index.ts'
import { fieldText } from './field-text.ts'
import { formatCount } from './quantity.ts'

export type AxisValue = SweepAxis['values'][number]

/** A value as a person wrote it. */
export function valueText(value: AxisValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Values that are named one by one. */
const MOST_NAMED = 4

/** What is varied of an axis: "memory.pool: 512, 1024, 2048", or the first and the last of many. */
export function axisText({ field, values }: SweepAxis): string {
  const texts = values.map(valueText)
  if (texts.length <= MOST_NAMED) return `${fieldText(field)}: ${texts.join(', ')}`
  return `${fieldText(field)}: ${texts[0]} … ${texts[texts.length - 1]}, ${formatCount(texts.length)} values`
}
