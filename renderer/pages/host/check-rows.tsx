import { Box, Group, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import type { CheckRow, HostCheck } from '../../../main/contract/index.ts'

const LOOKS = {
  green: { word: 'good', tone: 'var(--swaplab-good)', icon: IconCircleCheck },
  amber: { word: 'careful', tone: 'var(--swaplab-warn)', icon: IconAlertTriangle },
  red: { word: 'bad', tone: 'var(--swaplab-bad)', icon: IconCircleX },
} as const satisfies Record<CheckRow['level'], unknown>

const SEVERITY = { red: 0, amber: 1, green: 2 } as const satisfies Record<CheckRow['level'], number>

/** The check's rows, worst first; each with icon, word, reason and the reading itself. */
export function CheckRows({ check }: { check: HostCheck }) {
  const rows = check.rows.toSorted((a, b) => SEVERITY[a.level] - SEVERITY[b.level])
  return (
    <List listStyleType="none" spacing="xs" aria-label="Host check">
      {rows.map((row) => {
        const { word, tone, icon: Icon } = LOOKS[row.level]
        return (
          <List.Item key={row.name} styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}>
            <Group gap="xs" wrap="nowrap" align="flex-start">
              <Box c={tone} style={{ flex: 'none' }} mt={2}>
                <Icon size={18} aria-hidden />
              </Box>
              <Stack gap={0} style={{ minWidth: 0 }}>
                <Text size="sm">
                  <Text component="span" fw={600}>
                    {row.name}
                  </Text>{' '}
                  <Text component="span" size="xs" c={tone}>
                    {word}
                  </Text>
                </Text>
                <Text size="sm">{row.reason}</Text>
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {row.evidence}
                </Text>
              </Stack>
            </Group>
          </List.Item>
        )
      })}
    </List>
  )
}
