import { Table } from '@mantine/core'
import { type KEY_METRICS, type LaneReport, metricMeaning, trialsBehind } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { Panel } from '../../shell/panel.tsx'
import { Median } from './median.tsx'

/** Of the key metrics those that fit a line: the price, what a fault costs, the wear of the disk and what the pool saves; the responses are of an open loop. */
const IN_A_LINE = [
  ['accesses.per_s', 'Accesses'],
  ['access.ns.p50', 'Response p50'],
  ['access.ns.p99', 'Response p99'],
  ['fault.ns.p50', 'Fault p50'],
  ['fault.ns.p99', 'Fault p99'],
  ['disk.bytes_written', 'Written to disk'],
  ['pool.ratio.effective', 'Pool ratio'],
] as const satisfies readonly (readonly [name: (typeof KEY_METRICS)[number][0], title: string])[]

const FEW = 'no such event in this lane, or too few for this percentile'

const ANSWERS =
  'The answers above compare the lanes within each block: their percentages need not be those of these medians.'

/** A line for each lane, before anything is scrolled. `answered`: there are verdicts above. */
export function KeyFiguresPanel({ lanes, answered }: { lanes: readonly LaneReport[]; answered: boolean }) {
  const columns = IN_A_LINE.flatMap(([name, title]) => {
    const better = lanes.find(({ metrics }) => metrics[name])?.metrics[name].better
    return better ? [{ name, title, better }] : []
  })
  if (columns.length === 0) return null
  return (
    <Panel
      title="Key figures"
      lead={`Median of ${trialsBehind(lanes)}, below it the 95 % interval from three on.${answered ? ` ${ANSWERS}` : ''}`}
    >
      <FigureTable
        caption="Key figures by lane"
        className="names-stay key-figures"
        cards
        verticalSpacing={6}
        horizontalSpacing={6}
        highlightOnHover
      >
        <Table.Thead>
          <Table.Tr>
            <ColumnHead>Lane</ColumnHead>
            {columns.map(({ name, title, better }) => (
              <ColumnHead key={name} numeric title={`${name}: ${metricMeaning(name)}`}>
                {`${title}\u00a0`}
                <span aria-hidden>{better === 'higher' ? '↑' : '↓'}</span>
                <span className="unseen">{better} is better</span>
              </ColumnHead>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lanes.map((lane, index) => (
            <Table.Tr key={lane.label}>
              <Table.Th scope="row" fw={500}>
                <LaneHead index={index} label={lane.label} />
              </Table.Th>
              {columns.map(({ name, title }) => (
                <Table.Td key={name} className="numeric" data-title={title}>
                  <Median metric={lane.metrics[name]} lane={lane} absent={name.includes('.ns.') ? FEW : undefined} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </FigureTable>
    </Panel>
  )
}
