import { List, Table, Text } from '@mantine/core'
import { type LaneReport, SENSOR_NAMES, SENSORS, type TrialReport } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ABSENT, formatMetric, formatSensor } from '../../format/quantity.ts'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { Panel } from '../../shell/panel.tsx'

const STATUS_TONES = {
  done: undefined,
  failed: 'var(--swaplab-bad)',
  cancelled: 'var(--swaplab-warn)',
  invalid: 'var(--swaplab-bad)',
} as const satisfies Record<TrialReport['status'], string | undefined>

/** More rows than this scroll, px. */
const TALLEST = 420

/** Old runs kept nothing of a trial but its figures. */
export const tellsOfTrials = (lanes: readonly LaneReport[]): boolean =>
  lanes.some(({ trials }) => trials.some((trial) => trial.steady || trial.sensors || trial.load || trial.invalid))

/** Every trial by itself, in the order carried out: whether it may be used, came to rest, and what the host did meanwhile. */
export function TrialsPanel({ lanes }: { lanes: readonly LaneReport[] }) {
  const trials = lanes
    .flatMap((lane, index) => lane.trials.map((trial) => ({ trial, lane, index })))
    .sort((a, b) => a.trial.order - b.trial.order)
  const sensors = SENSOR_NAMES.filter((name) => trials.some(({ trial }) => trial.sensors?.[name] !== undefined))
  const open = trials.some(({ trial }) => trial.load)
  const accessTitle = open ? 'Response p99' : 'Accesses'
  const metric = open ? 'access.ns.p99' : 'accesses.per_s'
  return (
    <Panel
      title="Trials"
      lead="In the order carried out. Steady state is looked for in the measured part; the host is watched meanwhile. Flagged trials stay in every figure, those that are not valid are in none."
    >
      <FigureTable
        caption="Trials in the order carried out"
        maxHeight={TALLEST}
        className="trials"
        cards
        fz="xs"
        verticalSpacing={6}
        horizontalSpacing={6}
        highlightOnHover
        stickyHeader
      >
        <Table.Thead>
          <Table.Tr>
            <ColumnHead numeric>Trial</ColumnHead>
            <ColumnHead>Lane</ColumnHead>
            <ColumnHead numeric title="One trial of each lane: the number in Spread of the trials and Over time">
              Block
            </ColumnHead>
            <ColumnHead numeric>{accessTitle}</ColumnHead>
            {open && <ColumnHead numeric>Rate held</ColumnHead>}
            <ColumnHead title="The first round from which the figures keep still">Steady from</ColumnHead>
            {sensors.map((name) => (
              <ColumnHead key={name} numeric title={SENSORS[name].title}>
                {SENSORS[name].short}
              </ColumnHead>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {trials.map(({ trial, lane, index }) => (
            <Table.Tr key={trial.order}>
              <Table.Td className="numeric" data-title="Trial">
                {trial.order + 1}
              </Table.Td>
              <Table.Th scope="row" fw={400} miw={200}>
                <LaneHead index={index} label={lane.label} />
                <Doubts trial={trial} />
              </Table.Th>
              <Table.Td className="numeric" data-title="Block">
                {trial.block + 1}
              </Table.Td>
              <Table.Td className="numeric" data-title={accessTitle}>
                {trial.metrics[metric] === undefined
                  ? ABSENT
                  : formatMetric(trial.metrics[metric], open ? 'ns' : 'per_s')}
              </Table.Td>
              {open && (
                <Table.Td className="numeric" data-title="Rate held">
                  {trial.load
                    ? `${formatMetric(trial.load.achievedPerS, 'per_s')} of ${formatMetric(trial.load.askedPerS, 'per_s')}`
                    : ABSENT}
                </Table.Td>
              )}
              <Table.Td
                className="words"
                data-title="Steady from"
                title={trial.steady?.reason}
                style={{ whiteSpace: 'nowrap' }}
              >
                {steadyWords(trial)}
              </Table.Td>
              {sensors.map((name) => {
                const reading = trial.sensors?.[name]
                return (
                  <Table.Td key={name} className="numeric" data-title={SENSORS[name].short}>
                    {reading === undefined ? ABSENT : formatSensor(name, reading)}
                  </Table.Td>
                )
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </FigureTable>
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
