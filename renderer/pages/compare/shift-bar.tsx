const WIDTH = 96
const HEIGHT = 18

interface ShiftBarProps {
  shift: number
  low: number | null
  high: number | null
  /** Half the width of the axis, as a share. */
  span: number
  tone: string
}

/** The shift with its interval on an axis that all rows share; zero in the middle. Decorative: the figures stand beside it. */
export function ShiftBar({ shift, low, high, span, tone }: ShiftBarProps) {
  const place = (value: number) => WIDTH / 2 + (Math.max(-span, Math.min(span, value)) / span) * (WIDTH / 2 - 4)
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true" style={{ display: 'block' }}>
      <line x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke="var(--swaplab-line)" />
      <line x1={WIDTH / 2} x2={WIDTH / 2} y1={1} y2={HEIGHT - 1} stroke="var(--mantine-color-dimmed)" />
      {low !== null && high !== null && (
        <line
          x1={place(low)}
          x2={place(high)}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
          stroke={tone}
          strokeWidth={5}
          opacity={0.55}
        />
      )}
      <circle cx={place(shift)} cy={HEIGHT / 2} r={4} fill={tone} />
    </svg>
  )
}
