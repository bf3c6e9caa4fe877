import { Box, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/** A group inside a group: a heading and a line, no second box. */
export function Part({ legend, children }: { legend: string; children: ReactNode }) {
  const id = useId()
  return (
    <Box role="group" aria-labelledby={id} className="form-part">
      <Title order={3} size="sm" id={id} mb="xs">
        {legend}
      </Title>
      {children}
    </Box>
  )
}
