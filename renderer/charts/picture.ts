import { LINE_SWATCH } from './lane-swatch.tsx'
import type { LegendEntry } from './legend.tsx'

/** px */
const MARGIN = 16
const TITLE = 28
const LEGEND_LINE = 22
const SWATCH = { width: 28, gap: 6, after: 20 }
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'

interface Picture {
  /** As it is drawn in the window. */
  plot: HTMLCanvasElement
  title: string
  legend: readonly LegendEntry[]
  text: string
  ground: string
}

/** A chart as it stands, with its title and legend: what is put into a mail or a report. Rejects where the browser makes no PNG of it. */
export async function pictureOf({ plot, title, legend, text, ground }: Picture): Promise<Blob> {
  const ratio = plot.width / plot.clientWidth
  const { clientWidth: width, clientHeight: height } = plot
  const canvas = document.createElement('canvas')
  const draw = canvas.getContext('2d')
  if (!draw) throw new Error('no canvas')
  draw.font = `12px ${FONT}`
  const places = placesOf(legend, width, (name) => draw.measureText(name).width)
  const lines = (places.at(-1)?.line ?? -1) + 1
  const above = MARGIN + TITLE + lines * LEGEND_LINE
  canvas.width = (width + 2 * MARGIN) * ratio
  canvas.height = (above + height + MARGIN) * ratio
  draw.scale(ratio, ratio)
  draw.fillStyle = ground
  draw.fillRect(0, 0, canvas.width, canvas.height)
  draw.fillStyle = text
  draw.textBaseline = 'middle'
  draw.font = `600 14px ${FONT}`
  draw.fillText(title, MARGIN, MARGIN + TITLE / 2 - 4, width)
  draw.font = `12px ${FONT}`
  for (const [at, { x, line }] of places.entries()) {
    const y = MARGIN + TITLE + line * LEGEND_LINE + LEGEND_LINE / 2
    drawSwatch(draw, legend[at], { x: MARGIN + x, y })
    draw.fillStyle = text
    draw.fillText(legend[at].name, MARGIN + x + SWATCH.width + SWATCH.gap, y)
  }
  draw.drawImage(plot, MARGIN, above, width, height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png'),
  )
}

/** Entries beside one another, in as many lines as they take; `x` from the left of the plot, px. */
export function placesOf(
  legend: readonly Pick<LegendEntry, 'name'>[],
  width: number,
  widthOf: (name: string) => number,
): { x: number; line: number }[] {
  let x = 0
  let line = 0
  return legend.map(({ name }) => {
    const takes = SWATCH.width + SWATCH.gap + widthOf(name)
    if (x > 0 && x + takes > width) {
      x = 0
      line += 1
    }
    const place = { x, line }
    x += takes + SWATCH.after
    return place
  })
}

function drawSwatch(draw: CanvasRenderingContext2D, entry: LegendEntry, { x, y }: { x: number; y: number }): void {
  const { as = 'line', colour, dash = [], point } = entry
  draw.save()
  draw.translate(x, y)
  draw.strokeStyle = colour
  draw.fillStyle = colour
  draw.lineWidth = 2
  if (as === 'box') draw.fillRect(0, -6, 12, 12)
  else if (as === 'ring') {
    draw.beginPath()
    draw.arc(6, 0, 4.75, 0, 2 * Math.PI)
    draw.stroke()
  } else {
    draw.setLineDash([...dash])
    draw.beginPath()
    draw.moveTo(0, 0)
    draw.lineTo(SWATCH.width, 0)
    draw.stroke()
    draw.setLineDash([])
    draw.translate(0, -LINE_SWATCH.middle)
    const shape = point && new Path2D(LINE_SWATCH.points[point])
    draw.lineWidth = 1.5
    if (shape) draw.fill(shape)
    if (shape) draw.stroke(shape)
  }
  draw.restore()
}
