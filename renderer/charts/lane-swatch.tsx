import { laneLook, type PointShape } from '../lane-colour.ts'
import { useScheme } from '../shell/colour-scheme-switch.tsx'

/** A lane's line as drawn in the charts: colour, dash and point. Decorative beside the lane's name. */
export function LaneSwatch({ index }: { index: number }) {
  const { colour, dash, point } = laneLook(index, useScheme())
  return <LineSwatch colour={colour} dash={dash} point={point} />
}

/** The points of Chart.js around (14, 6). Those of one line each are stroked, the others filled. */
const POINTS: Record<PointShape, string> = {
  circle: 'M10.5 6a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0Z',
  rect: 'M11 3h6v6h-6Z',
  triangle: 'M14 1.8L18 8.8H10Z',
  rectRot: 'M14 1.6L18.4 6L14 10.4L9.6 6Z',
  star: 'M14 2V10M10 6H18M11.2 3.2L16.8 8.8M16.8 3.2L11.2 8.8',
  cross: 'M14 1.5V10.5M9.5 6H18.5',
}

/** For a picture: the middle of its height, px, and its points. */
export const LINE_SWATCH = { middle: 6, points: POINTS }

interface LineSwatchProps {
  colour: string
  dash: readonly number[]
  point?: PointShape
}

export function LineSwatch({ colour, dash, point }: LineSwatchProps) {
  return (
    <svg className="swatch" viewBox="0 0 28 12" aria-hidden="true">
      <line x1="0" y1="6" x2="28" y2="6" stroke={colour} strokeWidth="2" strokeDasharray={dash.join(' ')} />
      {point && (
        <path
          d={POINTS[point]}
          fill={colour}
          stroke={colour}
          strokeWidth={point === 'star' || point === 'cross' ? 1.5 : 0}
        />
      )}
    </svg>
  )
}

/** What is drawn as an area. */
export function BoxSwatch({ colour }: { colour: string }) {
  return (
    <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true" style={{ width: 12 }}>
      <rect width="12" height="12" rx="1" fill={colour} />
    </svg>
  )
}

/** What is ringed in a chart. */
export function RingSwatch({ colour }: { colour: string }) {
  return (
    <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true" style={{ width: 12 }}>
      <circle cx="6" cy="6" r="4.75" fill="none" stroke={colour} strokeWidth="2" />
    </svg>
  )
}
