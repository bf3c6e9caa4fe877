import { Table, Text } from '@mantine/core'
import { type LaneReport, type Observer, trialsBehind } from '../../../main/contract/index.ts'
import { formatNs } from '../../format/quantity.ts'
import { FigureTable } from '../../shell/figure-table.tsx'
import { MetricName } from '../../shell/metric-name.tsx'
import { Panel } from '../../shell/panel.tsx'
import { LaneColumns, laneCount, widthOf } from './lane-columns.tsx'
import { Median } from './median.tsx'

const LATENCY = /\.ns\.(p\d+|mean)$/

/** Throughput and cost: every metric that is not a latency, one column per lane. */
export function MetricsPanel({ lanes, observer }: { lanes: readonly LaneReport[]; observer: Observer | null }) {
  const names = [...new Set(lanes.flatMap(({ metrics }) => Object.keys(metrics)))].filter((name) => !LATENCY.test(name))
  if (names.length === 0) return null
  return (
    <Panel
      title="Throughput and cost"
      lead={`Median of ${trialsBehind(lanes)}, with its 95 % interval from three on. The arrow says which way is better; a click on a name says what it is.`}
    >
      <FigureTable
        caption="Throughput and cost by lane"
        minWidth={widthOf(lanes)}
        className="names-stay lane-columns"
        verticalSpacing={6}
        highlightOnHover
        style={laneCount(lanes)}
      >
        <LaneColumns of="Metric" lanes={lanes} />
        <Table.Tbody>
          {names.map((name) => {
            const better = lanes.find(({ metrics }) => metrics[name])?.metrics[name].better
            return (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} style={{ whiteSpace: 'nowrap' }}>
                  <MetricName name={name} better={better} />
                </Table.Th>
                {lanes.map((lane) => (
                  <Table.Td key={lane.label} className="numeric">
                    <Median metric={lane.metrics[name]} lane={lane} />
                  </Table.Td>
                ))}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </FigureTable>
      {observer && (
        <Text size="xs" c="dimmed" mt="xs">
          Cost of looking inside these: {formatNs(observer.clockNs)} for each look at the clock, two for a fault, and
          two more for every access of an open loop.
        </Text>
      )}
    </Panel>
  )
}
