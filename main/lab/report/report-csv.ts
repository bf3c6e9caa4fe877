import { type LaneReport, metricFacts, type RunDocument, SENSOR_NAMES, SENSORS } from '../../contract/index.ts'
import { counterUnit } from './counter-unit.ts'

/** RFC 4180; a leading = + - @ would be a formula to a spreadsheet, so text that begins so is quoted with an apostrophe. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One row for each metric, counter and sensor of each trial: long, so that any tool can pivot it. */
export function reportCsv(document: RunDocument): string {
  const rows: (string | number)[][] = [
    ['run', 'lane', 'trial', 'status', 'kind', 'name', 'unit', 'value', 'mode', 'block', 'mark'],
  ]
  const { mode } = document.run
  for (const lane of document.lanes)
    for (const trial of lane.trials) {
      const head = [document.run.id, lane.label, trial.order, trial.status]
      for (const [name, value] of Object.entries(trial.metrics))
        rows.push([
          ...head,
          'metric',
          name,
          metricFacts(name).unit,
          value,
          mode,
          trial.block,
          markOf(lane, trial.order, name),
        ])
      for (const [name, value] of Object.entries(trial.counters))
        rows.push([...head, 'counter', name, counterUnit(name), value, mode, trial.block, ''])
      for (const name of SENSOR_NAMES) {
        const reading = trial.sensors?.[name]
        if (reading !== undefined)
          rows.push([...head, 'sensor', name, SENSORS[name].unit, reading, mode, trial.block, ''])
      }
    }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Tukey's mark of a trial; empty where it lies among the others. */
function markOf({ outliers }: LaneReport, order: number, metric: string): string {
  return outliers.find((mark) => mark.order === order && mark.metric === metric)?.mark ?? ''
}
