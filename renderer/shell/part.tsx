import { Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** A part of a panel under a heading of its own. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={3} mb={4}>
        {title}
      </Title>
      {children}
    </section>
  )
}
