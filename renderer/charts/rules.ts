import type { ChartType, Plugin } from 'chart.js'

/** A vertical line with its label, where something other than the drawn values changed. */
export interface Rule {
  x: number
  label: string
}

/** A line above the chart for as long as something was under way. */
export interface Span {
  from: number
  to: number
  colour: string
  dash: readonly number[]
}

interface RulesOptions {
  rules?: readonly Rule[]
  spans?: readonly Span[]
  colour?: string
  ground?: string
}

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    rules?: RulesOptions
  }
}

/** px */
const FONT = 11
const GAP = 4
/** Rules between spans that stand closer than this on average only hide the chart: the spans tell where they are, px. */
const CLOSEST = 9
/** Kept free above a chart with spans, px. */
export const SPANS_HEIGHT = 10
const SPAN_WIDTH = 4

/** Left and right end of what is shown, px. */
interface Area {
  left: number
  right: number
}

/** A rule that is drawn at a place, px; its label has room or not. */
interface Placed {
  rule: Rule
  at: number
  labelled: boolean
}

/** Of rules from left to right those of what is shown. A label that would touch the one before is left out. */
export function placeRules(rules: readonly Rule[], { left, right }: Area, pixel: (x: number) => number): Placed[] {
  const shown = rules
    .map((rule) => ({ rule, at: Math.round(pixel(rule.x)) + 0.5 }))
    .filter(({ at }) => at >= left && at <= right + 1)
  let free = left
  return shown.map(({ rule, at }) => {
    const labelled = rule.label !== '' && at - GAP - FONT >= free
    if (labelled) free = at
    return { rule, at, labelled }
  })
}

/** Whether so many rules only hide what is drawn. */
export const areCrowded = (placed: readonly Placed[], { left, right }: Area): boolean =>
  placed.length > 1 && (right - left) / placed.length < CLOSEST

/** What is shown of each span, px. */
export const placeSpans = (spans: readonly Span[], { left, right }: Area, pixel: (x: number) => number) =>
  spans.flatMap((span) => {
    const [from, to] = [Math.max(left, pixel(span.from)), Math.min(right, pixel(span.to))]
    return to > from ? [{ span, from, to }] : []
  })

/** Draws `options.plugins.rules` over the chart; a label is cut to the chart's height. */
export const rulesPlugin: Plugin<ChartType, RulesOptions> = {
  id: 'rules',
  afterDatasetsDraw({ ctx, chartArea, scales }, _args, { rules = [], spans = [], colour = '', ground = '' }) {
    const { top, bottom } = chartArea
    const pixel = (x: number) => scales.x.getPixelForValue(x)
    ctx.save()
    ctx.lineWidth = SPAN_WIDTH
    for (const { span, from, to } of placeSpans(spans, chartArea, pixel)) {
      ctx.strokeStyle = span.colour
      ctx.setLineDash([...span.dash])
      ctx.beginPath()
      ctx.moveTo(from, top - SPANS_HEIGHT / 2)
      ctx.lineTo(to, top - SPANS_HEIGHT / 2)
      ctx.stroke()
    }
    ctx.lineWidth = 1
    ctx.strokeStyle = colour
    ctx.fillStyle = colour
    ctx.font = `${FONT}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.setLineDash([4, 3])
    const placed = placeRules(rules, chartArea, pixel)
    for (const { rule, at, labelled } of spans.length > 0 && areCrowded(placed, chartArea) ? [] : placed) {
      ctx.beginPath()
      ctx.moveTo(at, spans.length > 0 ? top - SPANS_HEIGHT : top)
      ctx.lineTo(at, bottom)
      ctx.stroke()
      if (!labelled) continue
      let shown = rule.label
      while (shown.length > 1 && ctx.measureText(shown).width > bottom - top - 2 * GAP) shown = `${shown.slice(0, -2)}…`
      ctx.save()
      ctx.translate(at - GAP, top + GAP)
      ctx.rotate(-Math.PI / 2)
      ctx.setLineDash([])
      ctx.strokeStyle = ground
      ctx.lineWidth = 4
      ctx.strokeText(shown, 0, 0)
      ctx.fillText(shown, 0, 0)
      ctx.restore()
    }
    ctx.restore()
  },
}
