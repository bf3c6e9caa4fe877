import { List, Table, Text } from '@mantine/core'
import { type LaneReport, SENSOR_NAMES, SENSORS, type TrialReport } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ABSENT, formatMetric, formatSensor } from '../../format/quantity.ts'
import { Panel } from '../../shell/panel.tsx'

const STATUS_TONES = {
  done: undefined,
  failed: 'var(--swaplab-bad)',
  cancelled: 'var(--swaplab-warn)',
  invalid: 'var(--swaplab-bad)',
} as const satisfies Record<TrialReport['status'], string | undefined>

/** More rows than this scroll, px. */
const TALLEST = 420

/** Every trial by itself, in the order carried out: whether it may be used, came to rest, and what the host did meanwhile. */
export function TrialsPanel({ lanes }: { lanes: readonly LaneReport[] }) {
  const trials = lanes
    .flatMap((lane, index) => lane.trials.map((trial) => ({ trial, lane, index })))
    .sort((a, b) => a.trial.order - b.trial.order)
  const told = trials.some(({ trial }) => trial.steady || trial.sensors || trial.load || trial.invalid)
  if (!told) return null
  const sensors = SENSOR_NAMES.filter((name) => trials.some(({ trial }) => trial.sensors?.[name] !== undefined))
  const open = trials.some(({ trial }) => trial.load)
  const metric = open ? 'access.ns.p99' : 'accesses.per_s'
  return (
    <Panel
      title="Trials"
      lead="In the order carried out. Steady state is looked for in the measured part; the host is watched meanwhile. Flagged trials stay in every figure, those that are not valid are in none."
    >
      <Table.ScrollContainer
        minWidth={520 + sensors.length * 62}
        maxHeight={TALLEST}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 }, offsetScrollbars: 'y' }}
      >
        <Table className="trials" fz="xs" verticalSpacing={6} horizontalSpacing={6} highlightOnHover stickyHeader>
          <caption className="unseen">Trials in the order carried out</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className="numeric">
                Trial
              </Table.Th>
              <Table.Th scope="col">Lane</Table.Th>
              <Table.Th scope="col" className="numeric">
                {open ? 'Response p99' : 'Accesses'}
              </Table.Th>
              {open && (
                <Table.Th scope="col" className="numeric">
                  Rate held
                </Table.Th>
              )}
              <Table.Th scope="col" title="The first round from which the figures keep still">
                Steady from
              </Table.Th>
              {sensors.map((name) => (
                <Table.Th key={name} scope="col" className="numeric" title={SENSORS[name].title}>
                  {SENSORS[name].short}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {trials.map(({ trial, lane, index }) => (
              <Table.Tr key={trial.order}>
                <Table.Td className="numeric">{trial.order + 1}</Table.Td>
                <Table.Th scope="row" fw={400} miw={200}>
                  <LaneHead index={index} label={lane.label} />
                  <Doubts trial={trial} />
                </Table.Th>
                <Table.Td className="numeric">
                  {trial.metrics[metric] === undefined
                    ? ABSENT
                    : formatMetric(trial.metrics[metric], open ? 'ns' : 'per_s')}
                </Table.Td>
                {open && (
                  <Table.Td className="numeric">
                    {trial.load
                      ? `${formatMetric(trial.load.achievedPerS, 'per_s')} of ${formatMetric(trial.load.askedPerS, 'per_s')}`
                      : ABSENT}
                  </Table.Td>
                )}
                <Table.Td title={trial.steady?.reason} style={{ whiteSpace: 'nowrap' }}>
                  {steadyWords(trial)}
                </Table.Td>
                {sensors.map((name) => {
                  const reading = trial.sensors?.[name]
                  return (
                    <Table.Td key={name} className="numeric">
                      {reading === undefined ? ABSENT : formatSensor(name, reading)}
                    </Table.Td>
                  )
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  )
}

function steadyWords({ steady }: TrialReport): string {
  if (!steady) return ABSENT
  return steady.fromRound === null ? 'not reached' : `round ${steady.fromRound} of ${steady.values.length}`
}

/** Why a trial is to be read with care, under its lane. */
function Doubts({ trial: { status, invalid, flags } }: { trial: TrialReport }) {
  return (
    <>
      {status !== 'done' && (
        <Text size="xs" c={STATUS_TONES[status]}>
          {status}
          {invalid && `: ${invalid}`}
        </Text>
      )}
      {flags && (
        <List size="xs" c="var(--swaplab-warn)" aria-label="Flags">
          {flags.map((flag) => (
            <List.Item key={flag}>{flag}</List.Item>
          ))}
        </List>
      )}
    </>
  )
}
