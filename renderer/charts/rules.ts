import type { ChartType, Plugin } from 'chart.js'

/** A vertical line with its label, where something other than the drawn values changed. */
export interface Rule {
  x: number
  label: string
}

interface RulesOptions {
  rules?: readonly Rule[]
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

/** Draws `options.plugins.rules` over the chart; a label is cut to the chart's height, and left out where it would touch the one before. */
export const rulesPlugin: Plugin<ChartType, RulesOptions> = {
  id: 'rules',
  afterDatasetsDraw({ ctx, chartArea, scales }, _args, { rules = [], colour = '', ground = '' }) {
    const { top, bottom, left } = chartArea
    let free = left
    ctx.save()
    ctx.strokeStyle = colour
    ctx.fillStyle = colour
    ctx.font = `${FONT}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.setLineDash([4, 3])
    for (const { x, label } of rules) {
      const at = Math.round(scales.x.getPixelForValue(x)) + 0.5
      ctx.beginPath()
      ctx.moveTo(at, top)
      ctx.lineTo(at, bottom)
      ctx.stroke()
      if (at - GAP - FONT < free) continue
      let shown = label
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
      free = at
    }
    ctx.restore()
  },
}
