import { laneLook } from '../lane-colour.ts'
import { useScheme } from '../shell/colour-scheme-switch.tsx'

/** A lane's line as drawn in the charts: colour and dash. Decorative beside the lane's name. */
export function LaneSwatch({ index }: { index: number }) {
  const { colour, dash } = laneLook(index, useScheme())
  return <LineSwatch colour={colour} dash={dash} />
}

export function LineSwatch({ colour, dash }: { colour: string; dash: readonly number[] }) {
  return (
    <svg className="swatch" viewBox="0 0 28 12" aria-hidden="true">
      <line x1="0" y1="6" x2="28" y2="6" stroke={colour} strokeWidth="3" strokeDasharray={dash.join(' ')} />
    </svg>
  )
}
