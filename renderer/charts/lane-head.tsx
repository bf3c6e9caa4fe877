import { LaneSwatch } from './lane-swatch.tsx'

/** Characters that stand in one line of a column. */
const SHORT = 22

interface LaneHeadProps {
  index: number
  label: string
  /** What it is the heading of: beside the name of a row is its line, above that of a column of figures. */
  of?: 'row' | 'column'
}

/** A lane's name with its line. */
export function LaneHead({ index, label, of = 'row' }: LaneHeadProps) {
  return (
    <div className="lane-head" data-of={of}>
      <LaneSwatch index={index} />
      <span className="lane-name" data-long={label.length > SHORT || undefined}>
        <bdi>{label}</bdi>
      </span>
    </div>
  )
}
