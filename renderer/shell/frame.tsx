import { AppShell, Box, Burger, Group, NavLink, ScrollArea, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowsExchange, IconCpu, IconGridDots, IconHistory, IconPlayerPlay, IconScale } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { queries } from '../lab-client.ts'
import { ActiveRuns } from './active-runs.tsx'
import { ColourSchemeSwitch } from './colour-scheme-switch.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { splitHash } from './hash-location.ts'
import { useFocusKept } from './keep-focus.ts'
import { KeyboardHelp } from './keyboard-help.tsx'

/** `within`: pages that are reached from this one. */
const PLACES = [
  { path: '/new', label: 'New run', icon: IconPlayerPlay, within: /^$/ },
  { path: '/history', label: 'History', icon: IconHistory, within: /^\/(runs\/|trend$)/ },
  { path: '/compare', label: 'Compare', icon: IconScale, within: /^$/ },
  { path: '/sweeps', label: 'Sweeps', icon: IconGridDots, within: /^\/sweeps\// },
  { path: '/host', label: 'Host', icon: IconCpu, within: /^$/ },
] as const

/** The window around every page: skip link, navigation, what is running, connection banner. */
export function Frame({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false)
  const [path] = useLocation()
  useFocusKept('main')
  const about = useQuery(queries.about.queryOptions({ staleTime: Number.POSITIVE_INFINITY }))

  // Another place: the menu closes, and another page starts at its top; a choice on a page leaves it where it is.
  useEffect(() => {
    const arrive = ({ oldURL, newURL }: HashChangeEvent) => {
      close()
      if (pathOf(oldURL) !== pathOf(newURL)) window.scrollTo(0, 0)
    }
    window.addEventListener('hashchange', arrive)
    return () => window.removeEventListener('hashchange', arrive)
  }, [close])

  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <button type="button" className="skip-link" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <AppShell.Header hiddenFrom="sm" px="sm">
        <Group h="100%" gap="sm">
          <Burger opened={opened} onClick={toggle} size="sm" aria-label="Navigation" aria-expanded={opened} />
          <Brand />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Main" component="nav" className={opened ? undefined : 'menu-closed'}>
        <Box visibleFrom="sm" px="xs" py="sm">
          <Brand />
        </Box>
        <AppShell.Section grow component={ScrollArea}>
          <Stack gap={2}>
            {PLACES.map(({ path: to, label, icon: Icon, within }) => (
              <NavLink
                key={to}
                component={Link}
                href={to}
                label={label}
                leftSection={<Icon size={18} aria-hidden />}
                active={path === to || within.test(path)}
                aria-current={path === to ? 'page' : within.test(path) ? 'true' : undefined}
              />
            ))}
          </Stack>
          <ActiveRuns />
        </AppShell.Section>
        <AppShell.Section>
          <ColourSchemeSwitch />
          <Group justify="space-between">
            <Text size="xs" c="dimmed" mt="xs" h="1.4em" title={about.data?.dataDir}>
              {about.data ? `Swaplab ${about.data.version}` : ''}
            </Text>
            <KeyboardHelp />
          </Group>
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <ConnectionBanner />
        <Box maw={1480} mx="auto">
          {children}
        </Box>
      </AppShell.Main>
    </AppShell>
  )
}

const pathOf = (address: string): string => splitHash(new URL(address).hash).path

function Brand() {
  return (
    <Group gap={8} wrap="nowrap">
      <IconArrowsExchange size={22} aria-hidden color="var(--mantine-color-anchor)" />
      <Text fw={700}>Swaplab</Text>
    </Group>
  )
}
