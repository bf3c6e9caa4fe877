import { Alert } from '@mantine/core'
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'

const LOOKS = {
  bad: { tone: 'var(--swaplab-bad)', icon: IconCircleX },
  warn: { tone: 'var(--swaplab-warn)', icon: IconAlertTriangle },
  info: { tone: 'var(--mantine-color-dimmed)', icon: IconInfoCircle },
} as const

interface NoticeProps {
  tone: keyof typeof LOOKS
  title: string
  /** 'alert' interrupts a screen reader, for what has just gone wrong; a region is only found. */
  role: 'alert' | 'region' | 'none'
  icon?: ReactNode
  children: ReactNode
}

/** A framed message. The text keeps the page's own colours, which have the contrast; only frame and icon are toned. */
export function Notice({ tone, title, role, icon, children }: NoticeProps) {
  const { tone: colour, icon: Icon } = LOOKS[tone]
  return (
    <Alert
      role={role}
      aria-label={role === 'region' ? title : undefined}
      variant="outline"
      icon={icon ?? <Icon aria-hidden />}
      title={title}
      styles={{
        root: { background: 'var(--mantine-color-body)', borderColor: colour },
        icon: { color: colour },
        title: { color: 'var(--mantine-color-text)' },
        message: { color: 'var(--mantine-color-text)' },
      }}
    >
      {children}
    </Alert>
  )
}
