import { Anchor, Group, List, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import { checkSpec, type ExperimentSpec, type LabFault, laneLabel } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { fieldText } from '../../format/field-text.ts'
import { formatCount, pagesAsBytes } from '../../format/quantity.ts'
import { inWords } from '../../lab/fault.ts'
import { Panel } from '../../shell/panel.tsx'
import { problemsOf, type SpecValues } from '../../spec-form/values.ts'

interface BasePanelProps {
  values: SpecValues
  /** What the lab says of it; null where it has nothing against it. */
  fault: LabFault | null
}

/** The experiment that is varied, in a few words: the draft of the New run page. */
export function BasePanel({ values, fault }: BasePanelProps) {
  const simulated = { ...values, mode: 'simulate' }
  const { data } = checkSpec(simulated)
  const problems = data ? new Map(fault ? [[fault.field ?? '', inWords(fault)]] : []) : problemsOf(simulated)
  return (
    <Panel
      title="Experiment"
      lead="As it stands on New run; its mode will be simulate."
      controls={
        <Anchor component={Link} href="/new" size="sm" underline="always">
          Change it on New run
        </Anchor>
      }
    >
      <Stack gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          <bdi>{String(values.name)}</bdi>
        </Text>
        {data && <Words spec={data} />}
        <div aria-live="polite">
          {problems.size > 0 && (
            <>
              <Text size="sm" fw={600} c="var(--mantine-color-error)">
                This cannot be simulated as it stands
              </Text>
              <List size="sm" spacing={2} style={{ overflowWrap: 'anywhere' }}>
                {[...problems].map(([path, message]) => (
                  <List.Item key={path}>
                    <strong>{fieldText(path) || 'specification'}</strong> {message}
                  </List.Item>
                ))}
              </List>
            </>
          )}
        </div>
      </Stack>
    </Panel>
  )
}

function Words({ spec: { lanes, memory, workload, trials } }: { spec: ExperimentSpec }) {
  return (
    <>
      <Group gap="4px 16px">
        {lanes.map((lane, index) => (
          <Group key={laneLabel(lane)} gap={6} wrap="nowrap">
            <LaneSwatch index={index} />
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              <bdi>{laneLabel(lane)}</bdi>
            </Text>
          </Group>
        ))}
      </Group>
      <Text size="sm">
        {formatCount(memory.frames)} frames of RAM ({pagesAsBytes(memory.frames)}), pool of {formatCount(memory.pool)},
        for {formatCount(workload.pages)} pages ({pagesAsBytes(workload.pages)})
      </Text>
      <Text size="sm">
        {formatCount(workload.operations)} accesses, {workload.access.pattern}, contents by {workload.content.source};{' '}
        {trials} trial{trials === 1 ? '' : 's'} a lane
      </Text>
    </>
  )
}
