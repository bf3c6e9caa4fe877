import {
  type ExperimentSpec,
  type LaneReport,
  modelLane,
  type TrialReport,
  type Twin,
  type TwinFigure,
  type TwinRow,
  twinDifferences,
} from '../../contract/index.ts'
import { median } from '../statistics/index.ts'

/** The engine's zswap beside the kernel's, row by row, of the lanes of one run. */

type Reading = (trial: Pick<TrialReport, 'metrics' | 'counters'>) => number | undefined

interface RowFacts extends Pick<TwinRow, 'name' | 'title' | 'unit'> {
  model: Reading
  kernel: Reading
}

const counter =
  (name: string): Reading =>
  ({ counters }) =>
    counters[name]
const metric =
  (name: string): Reading =>
  ({ metrics }) =>
    metrics[name]
const both = (reading: Reading) => ({ model: reading, kernel: reading })

const ROWS: readonly RowFacts[] = [
  {
    name: 'stored',
    title: 'Stored in the pool',
    unit: 'pages',
    model: counter('frontswap_succ_stores'),
    kernel: counter('zswpout'),
  },
  {
    name: 'loaded',
    title: 'Loaded from the pool',
    unit: 'pages',
    // Not frontswap_loads: the model's writeback takes pages out by the same door.
    model: counter('faults_pool'),
    kernel: counter('zswpin'),
  },
  {
    name: 'written_back',
    title: 'Written back',
    unit: 'pages',
    model: counter('written_back_pages'),
    kernel: counter('zswpwb'),
  },
  {
    name: 'rejected',
    title: 'Rejected, to disk',
    unit: 'pages',
    model: counter('frontswap_failed_stores'),
    // What reached the disk without writeback.
    kernel: ({ counters: { pswpout, zswpwb } }) =>
      pswpout === undefined || zswpwb === undefined ? undefined : Math.max(0, pswpout - zswpwb),
  },
  { name: 'zero_stored', title: 'Zero map, out', unit: 'pages', ...both(counter('swpout_zero')) },
  { name: 'zero_loaded', title: 'Zero map, in', unit: 'pages', ...both(counter('swpin_zero')) },
  { name: 'pool_bytes', title: 'Pool at the end', unit: 'bytes', ...both(counter('pool_total_size')) },
  { name: 'ratio', title: 'Compression, pages ÷ pool', unit: 'ratio', ...both(metric('pool.ratio.effective')) },
  { name: 'fault_pool', title: 'Fault from the pool, p50', unit: 'ns', ...both(metric('fault.pool.ns.p50')) },
  { name: 'fault_disk', title: 'Fault from disk, p50', unit: 'ns', ...both(metric('fault.disk.ns.p50')) },
  { name: 'fault_zeromap', title: 'Fault from the zero map, p50', unit: 'ns', ...both(metric('fault.zeromap.ns.p50')) },
]

/** Each kernel zswap lane beside the first zswap lane with its codec: what the model predicts, what the kernel did. Lanes without such a partner are left out. */
export function twinsOf(spec: ExperimentSpec, lanes: readonly LaneReport[]): Twin[] {
  return spec.lanes.flatMap((kernelLane, index) => {
    if (kernelLane.lane !== 'kernel-zswap') return []
    const model = lanes[modelLane(spec.lanes, kernelLane)]
    const kernel = lanes[index]
    if (model?.spec.lane !== 'zswap') return []
    const rows = ROWS.map((row) => rowOf(row, model, kernel))
    return [
      {
        model: model.label,
        kernel: kernel.label,
        compares: kernelLane.reclaim === 'model' ? ('zswap' as const) : ('zswap and reclaim' as const),
        differences: [...twinDifferences(model.spec, kernelLane), ...unrepeated(rows)],
        rows,
      },
    ]
  })
}

/** A kernel whose pool was full does other things each time; one that wrote nothing back and refused nothing does not. */
function unrepeated(rows: readonly TwinRow[]): string[] {
  const range = (name: string) => {
    const kernel = rows.find((row) => row.name === name)?.kernel
    return kernel && kernel.high > 0 ? { ...kernel, words: `${kernel.low} to ${kernel.high}` } : null
  }
  const [back, rejected] = [range('written_back'), range('rejected')]
  const did = [
    ...(back ? [`wrote back ${back.words} pages`] : []),
    ...(rejected ? [`sent ${rejected.words} pages past its pool`] : []),
  ]
  const trials = back?.n ?? rejected?.n
  if (trials === undefined) return []
  return [
    `what the kernel does on a full pool follows its own timing and need not repeat: it ${did.join(' and ')} in ${trials} ${trials === 1 ? 'trial' : 'trials of the same accesses'}; read its ranges, not the medians and the deviations`,
  ]
}

function rowOf({ name, title, unit, ...readings }: RowFacts, modelLane: LaneReport, kernelLane: LaneReport): TwinRow {
  const model = figureOf(modelLane, readings.model)
  const kernel = figureOf(kernelLane, readings.kernel)
  const deviation = model && kernel && kernel.median !== 0 ? model.median / kernel.median - 1 : null
  return { name, title, unit, model, kernel, deviation }
}

function figureOf(lane: LaneReport, reading: Reading): TwinFigure | null {
  const values = lane.trials.flatMap((trial) => (trial.status === 'done' ? (reading(trial) ?? []) : []))
  if (values.length === 0) return null
  return { median: median(values), low: Math.min(...values), high: Math.max(...values), n: values.length }
}
