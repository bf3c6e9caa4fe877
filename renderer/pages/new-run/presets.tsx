import { Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconAdjustments, IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { laneLabel, type Preset } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { formatCount, pagesAsBytes } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'

interface PresetsProps {
  /** Name of the preset that is being started, or 'draft'. */
  starting: string | null
  onRun: (preset: Preset) => void
  onCustomise: (preset: Preset) => void
}

/** Ready experiments; one click starts. */
export function Presets({ starting, onRun, onCustomise }: PresetsProps) {
  const presets = useQuery(queries.presets.queryOptions({ staleTime: 60_000 }))
  if (presets.error)
    return (
      <ErrorAlert title="The presets could not be loaded" error={presets.error} onRetry={() => presets.refetch()} />
    )
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, md: 3, xl: 5 }} component="section" aria-label="Presets">
      {presets.data?.map((preset, index) => {
        const { spec } = preset
        return (
          <Paper key={preset.name} withBorder p="md" component="article" aria-labelledby={`preset-${preset.name}`}>
            <Stack h="100%" gap="sm">
              <Title order={2} id={`preset-${preset.name}`}>
                {preset.title}
              </Title>
              <Text size="sm">{preset.description}</Text>
              <Stack gap={4}>
                {spec.lanes.map((lane, at) => (
                  <Group key={laneLabel(lane)} gap="xs" wrap="nowrap">
                    <LaneSwatch index={at} />
                    <Text size="xs">{laneLabel(lane)}</Text>
                  </Group>
                ))}
              </Stack>
              <Text size="xs" c="dimmed" mt="auto">
                {spec.trials} trials of {formatCount(spec.workload.operations)} accesses ·{' '}
                {pagesAsBytes(spec.memory.frames)} RAM for {pagesAsBytes(spec.workload.pages)}
              </Text>
              <Group gap="xs">
                <Button
                  variant={index === 0 ? 'filled' : 'default'}
                  leftSection={<IconPlayerPlay size={16} aria-hidden />}
                  loading={starting === preset.name}
                  disabled={starting !== null && starting !== preset.name}
                  onClick={() => onRun(preset)}
                >
                  Run {preset.name}
                </Button>
                <Button
                  variant="subtle"
                  leftSection={<IconAdjustments size={16} aria-hidden />}
                  aria-label={`Customise ${preset.name}`}
                  onClick={() => onCustomise(preset)}
                >
                  Customise
                </Button>
              </Group>
            </Stack>
          </Paper>
        )
      }) ??
        ['quick', 'standard', 'thorough', 'remote', 'twin'].map((name) => (
          <Paper key={name} withBorder p="md">
            <Skeleton h={{ base: 265, sm: 386, md: 443, lg: 388, xl: 504 }} />
          </Paper>
        ))}
    </SimpleGrid>
  )
}
