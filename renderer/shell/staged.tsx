import { Skeleton } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'

/** Of the element around a part. */
export const partId = (name: string): string => `part-${name}`

export interface Stage {
  name: string
  /** Height that is held until the part is drawn, px. */
  height: number
  /** null: not known yet; it and what follows wait. */
  content: ReactNode | null
}

/**
 * Draws the parts of a heavy page one per task, from the top: drawn at once, the charts and tables of a report would block
 * the window for longer than the 100 ms a person notices.
 */
export function Staged({ stages }: { stages: readonly Stage[] }) {
  const [drawn, setDrawn] = useState(0)
  const unknown = stages.findIndex(({ content }) => content === null)
  const known = unknown < 0 ? stages.length : unknown
  useEffect(() => {
    if (drawn >= known) return
    const timer = setTimeout(() => setDrawn(drawn + 1))
    return () => clearTimeout(timer)
  }, [drawn, known])
  return stages.map(({ name, height, content }, at) => (
    <div key={name} id={partId(name)} style={{ display: 'contents' }}>
      {at < drawn && at < known ? content : <Skeleton h={height} animate={false} />}
    </div>
  ))
}
