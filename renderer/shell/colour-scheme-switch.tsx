import { SegmentedControl, useComputedColorScheme, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'
import type { Scheme } from '../lane-colour.ts'

const CHOICES = [
  { value: 'light', title: 'Light', icon: IconSun },
  { value: 'dark', title: 'Dark', icon: IconMoon },
  { value: 'auto', title: 'As the system', icon: IconDeviceDesktop },
] as const

export function ColourSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={(value) => {
        const choice = CHOICES.find((entry) => entry.value === value)
        if (choice) setColorScheme(choice.value)
      }}
      data={CHOICES.map(({ value, title, icon: Icon }) => ({
        value,
        label: (
          <span title={title}>
            <Icon size={16} aria-hidden style={{ display: 'block', margin: '1px auto' }} />
            <VisuallyHidden>{title}</VisuallyHidden>
          </span>
        ),
      }))}
    />
  )
}

/** The scheme in force, 'auto' resolved. */
export function useScheme(): Scheme {
  return useComputedColorScheme('light', { getInitialValueInEffect: false })
}
