import {
  collectedText,
  ioWords,
  KEY_METRICS,
  type LaneReport,
  largestZpage,
  laterBlocks,
  type Metric,
  medianChunks,
  type RunDocument,
  trialsBehind,
  zpageSizes,
} from '../../contract/index.ts'
import { lookingText } from './looking-text.ts'
import type { Readable } from './open-client.ts'
import { table } from './table.ts'
import { twinText } from './twin-text.ts'

/** Lanes beside each other before the table is broken. */
const LANES_PER_TABLE = 3

/** The report of a run for a terminal: verdict first, figures next, then what casts doubt on them. */
export function reportText(document: RunDocument, readable: Readable): string {
  const { run, lanes, verdicts, verified } = document
  const lines: string[] = []
  if (run.status !== 'done')
    lines.push(`This run is ${run.status}: ${run.trialsDone} of ${run.trialsTotal} trials are kept.`)
  if (run.fault) lines.push(run.fault.message, ...(run.fault.remedy ? [run.fault.remedy] : []), '')
  for (const verdict of verdicts) lines.push(`${verdict.question} ${verdict.sentence}`)
  if (verdicts.length > 0) lines.push('')
  for (let from = 0; from < lanes.length; from += LANES_PER_TABLE) {
    const text = metricsTable(lanes.slice(from, from + LANES_PER_TABLE), readable)
    if (text !== null) lines.push(text, '')
  }
  for (const twin of document.twin) lines.push(twinText(twin, readable), '')
  const figures = lanes.flatMap(({ metrics }) => Object.values(metrics))
  if (figures.length > 0)
    lines.push(
      figures.some(({ low }) => low !== null)
        ? `Median of ${trialsBehind(lanes)}, with its 95 % bootstrap interval from three on; a percentile without one is of all trials merged.`
        : `Median of ${trialsBehind(lanes)}: too few for an interval.`,
    )
  if (run.collection) lines.push(collectedText(run.collection), ...laterBlocks(run.collection))
  lines.push(...marked(lanes), ...sizes(lanes, readable))
  if (verified.pages > 0)
    lines.push(`Every page that came back was compared: ${verified.pages} pages, ${verified.mismatches} mismatches.`)
  lines.push(...looking(document, readable), ...setting(document, readable), '')
  for (const warning of run.warnings) lines.push(`Warning: ${warning}`)
  for (const lane of lanes) for (const note of lane.notes) lines.push(`Note, ${lane.label}: ${note}`)
  return lines.join('\n')
}

/** Trials far from their lane's others in a metric shown: which ones, and in how much of it. The metrics stand in --json. */
function marked(lanes: readonly LaneReport[]): string[] {
  const titles = new Map<string, string>(KEY_METRICS)
  const ofLanes = lanes.flatMap(({ label, outliers }) => {
    const trials = Map.groupBy(
      outliers.filter(({ metric }) => titles.has(metric)),
      ({ order }) => order,
    )
    const words = [...trials]
      .sort(([a], [b]) => a - b)
      .map(([order, marks]) => {
        const what = marks.length === 1 ? titles.get(marks[0].metric) : `${marks.length} figures`
        return `${order + 1} (${what}${marks.some(({ mark }) => mark === 'far') ? ', far' : ''})`
      })
    return words.length === 0 ? [] : [`  ${label}: ${words.join(', ')}`]
  })
  return ofLanes.length === 0 ? [] : ["Trials apart from their lane's others (Tukey), and kept:", ...ofLanes]
}

/** How the zpages of each zbud came to share frames; their counts by size stand in --json. */
function sizes(lanes: readonly LaneReport[], { readableBytes, readableMetric }: Readable): string[] {
  return zpageSizes(lanes).map((size) => {
    const median = medianChunks(size)
    return `Zpages of ${size.label}: ${size.stored} stored, ${readableMetric(size.halfOrLess, 'share')} of them in half a frame or less; half of them in at most ${median} chunks (${readableBytes(largestZpage(median))}).`
  })
}

function metricsTable(lanes: readonly LaneReport[], readable: Readable): string | null {
  const rows = KEY_METRICS.flatMap(([metric, title]) =>
    lanes.some((lane) => lane.metrics[metric])
      ? [[title, ...lanes.map((lane) => metricCell(lane.metrics[metric], readable))]]
      : [],
  )
  if (rows.length === 0) return null
  return table(
    ['', ...lanes.map((lane) => lane.label)],
    rows,
    lanes.map((_, column) => column + 1),
  )
}

function metricCell(metric: Metric | undefined, { readableMetric }: Readable): string {
  if (!metric) return '–'
  const { median, low, high, unit } = metric
  const range = low === null || high === null ? '' : ` (${readableMetric(low, unit)} … ${readableMetric(high, unit)})`
  return `${readableMetric(median, unit)}${range}`
}

/** The cost of looking, beside the figures it is part of. */
function looking({ observer }: RunDocument, { readableNs }: Readable): string[] {
  if (!observer) return []
  return [lookingText(observer, readableNs)]
}

function setting({ run, spec }: RunDocument, { readableBytes }: Readable): string[] {
  const { device, cpu, hypervisor } = run.host
  if (run.mode === 'simulate')
    return [`SIMULATED, not measured: device ${spec.simulate.device}, sizes ${spec.simulate.sizes}.`]
  const lines = [
    `Host: ${cpu.model}, ${cpu.cores} cores${hypervisor ? `, under ${hypervisor}` : ''}; disk: ${device.model ?? device.device ?? 'unknown'}, ${device.fileSystem}.`,
  ]
  if (run.swapfile) {
    const { direct, syncVerb, directory, bytes, cpu: pinned } = run.swapfile
    lines.push(
      `Swap file: ${readableBytes(bytes)} in ${directory}, ${direct ? 'direct I/O' : 'BUFFERED I/O: the page cache was measured'}, ${ioWords(run.swapfile)}, sync ${spec.swapfile.sync} by ${syncVerb}. Engine on CPU ${pinned ?? 'any'}.`,
    )
  }
  if (run.swapfile?.precondition) {
    const { bytes, passes, reason } = run.swapfile.precondition
    lines.push(
      `Preconditioned at file level (not SNIA PTS): ${readableBytes(bytes)} of random 4 KiB writes, ${passes.toFixed(2)} times the swap file. ${reason}`,
    )
  }
  if (run.corpus) lines.push(`Page contents: ${run.corpus.source}, ${run.corpus.pages} pages.`)
  return lines
}
