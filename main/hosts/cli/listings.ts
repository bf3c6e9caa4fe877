import {
  type AllocatorFacts,
  type BesideKernel,
  CALIBRATED_POOLS,
  type Calibration,
  type CodecFacts,
  type ComparedMetric,
  type Comparison,
  type GateResult,
  type HostCheck,
  type HostReport,
  type KernelComparison,
  type LaneComparison,
  type LaneFacts,
  type NamedWorkload,
  type PolicyFacts,
  type Preset,
  type RunSummary,
  type Trend,
} from '../../contract/index.ts'
import { besideFioText, howOf } from './beside-fio-text.ts'
import { lookingText } from './looking-text.ts'
import type { Readable } from './open-client.ts'
import { table } from './table.ts'

/** What the smaller commands print for a person. */

const yesNo = (available: boolean, reason: string | null) => (available ? 'yes' : `no: ${reason ?? 'unknown'}`)
const firstOf = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text)

/** A terminal's usual width, columns. */
const WIDTH = 100

/** Sentences too long for a table: indented, broken between words. */
function folded(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]
    if (line !== '' && line.length + word.length + 3 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`))
}

export function presetsText(presets: readonly Preset[]): string {
  const rows = presets.map(({ name, description, spec }) => [
    name,
    `${spec.lanes.length} × ${spec.trials}`,
    description,
  ])
  return table(['preset', 'lanes × trials', 'what it does'], rows)
}

export function workloadsText(workloads: readonly NamedWorkload[]): string {
  return table(
    ['workload', 'pages ÷ RAM', 'accesses', 'what it shows'],
    workloads.map(({ name, pagesPerFrame, access, description }) => [
      name,
      String(pagesPerFrame),
      access.pattern,
      description,
    ]),
    [1],
  )
}

export function lanesText(lanes: readonly LaneFacts[]): string {
  return lanes
    .map(({ lane, available, reason, description, needs }) =>
      [
        lane,
        ...folded(description),
        ...(available ? [] : folded(`cannot run here: ${reason ?? 'unknown'}`)),
        ...(needs.length > 0 ? folded(`needs ${needs.join(', ')}`) : []),
      ].join('\n'),
    )
    .join('\n\n')
}

export function policiesText(policies: readonly PolicyFacts[]): string {
  return policies
    .map(({ policy, rule, source, needs, parameters }) =>
      [
        policy,
        ...folded(rule),
        ...parameters.flatMap((p) =>
          folded(
            `${p.name} = ${p.default} ${p.unit} (${p.min} to ${p.max}): ${p.meaning}${p.source ? `; source: ${p.source}` : ''}`,
          ),
        ),
        ...needs.flatMap((need) => folded(`needs ${need}`)),
        ...folded(`from ${source}`),
      ].join('\n'),
    )
    .join('\n\n')
}

export function allocatorsText(allocators: readonly AllocatorFacts[]): string {
  return allocators
    .map(({ allocator, description, source, maxZpageBytes, zpagesPerFrame, frameOnDemand }) =>
      [
        allocator,
        ...folded(description),
        ...folded(`frames on demand: ${frameOnDemand ? 'yes' : 'no, so no policy that writes back by frame'}`),
        ...folded(`zpages in a frame: ${zpagesPerFrame === null ? 'as many as fit' : `at most ${zpagesPerFrame}`}`),
        ...folded(`largest zpage: ${maxZpageBytes} bytes`),
        ...folded(`from ${source}`),
      ].join('\n'),
    )
    .join('\n\n')
}

export function codecsText(codecs: readonly CodecFacts[]): string {
  return table(
    ['codec', 'available', 'version', 'library', 'Debian package'],
    codecs.map((codec) => [
      codec.codec,
      yesNo(codec.available, codec.reason),
      codec.version ?? '–',
      codec.library ?? '–',
      codec.package,
    ]),
  )
}

/** `searched`, `offset`: what was asked for; the history may hold more. */
export function runsText(
  { runs, total }: { runs: readonly RunSummary[]; total: number },
  { searched, offset }: { searched: boolean; offset: number },
): string {
  if (runs.length === 0 && (searched || offset > 0)) return 'No such runs. "swaplab list" shows all.'
  if (runs.length === 0) return 'No runs. "swaplab run --preset quick" makes the first.'
  const rows = runs.map((run) => [
    run.id,
    run.mode === 'simulate' ? `${run.status}, simulated` : run.status,
    run.startedAt.slice(0, 16).replace('T', ' '),
    `${run.trialsDone}/${run.trialsTotal}`,
    firstOf(run.name, 40),
    [...(run.baseline ? ['baseline'] : []), ...run.tags].join(', '),
  ])
  const older = total - offset - runs.length
  const more = older > 0 ? `\n${older} more; --limit and --offset show them.` : ''
  return `${table(['run', 'status', 'started (UTC)', 'trials', 'name', 'tags'], rows)}${more}`
}

export function hostText(host: HostReport, check: HostCheck, { readableBytes, readableNs }: Readable): string {
  const { device, cpu } = host
  const facts = [
    ['host', `${host.hostname} (${host.id})`],
    ['CPU', `${cpu.model}, ${cpu.cores} cores`],
    ['memory', readableBytes(host.memoryBytes)],
    ['kernel', `${host.kernel}, ${host.os}`],
    ['hypervisor', host.hypervisor ?? 'none'],
    ['disk', [device.device, device.model, device.firmware].filter((part) => part !== null).join(', ') || 'unknown'],
    ['file system', `${device.fileSystem} on ${device.mountPoint} (${device.mountOptions})`],
    ['free', `${readableBytes(device.freeBytes)} of ${readableBytes(device.totalBytes)}`],
    ['io_uring', host.ioUring.available ? 'yes' : `no: ${host.ioUring.reason ?? 'unknown'}`],
    ['clock', `${host.clock.source}, ${readableNs(host.clock.overheadNs)} a reading`],
  ]
  const rows = check.rows.map((row) => [row.level.toUpperCase(), row.name, row.reason, row.evidence])
  return `${table(['', ''], facts).trim()}\n\nBefore a measurement: ${check.level}\n${table(['', 'what', 'why', 'reading'], rows)}`
}

export function calibrationText(calibration: Calibration, { readableNs }: Readable): string {
  const { codecs, disk, skipped, clock, observer } = calibration
  const parts = [observer ? lookingText(observer, readableNs) : `Clock: ${readableNs(clock.overheadNs)} a reading.`]
  if (codecs.length > 0)
    parts.push(
      table(
        ['codec', 'pool', 'ratio', 'compress', 'in place', 'store', '÷', '÷ in place', 'decompress', 'load', '÷'],
        codecs.map((row) => [
          row.codec,
          row.pool,
          row.ratio.toFixed(2),
          readableNs(row.rawCompressNs),
          row.rawInPlaceNs === null ? '–' : readableNs(row.rawInPlaceNs),
          readableNs(row.storeNs),
          row.storeOverRaw.toFixed(3),
          row.rawInPlaceNs === null ? '–' : (row.storeNs / row.rawInPlaceNs).toFixed(3),
          readableNs(row.rawDecompressNs),
          readableNs(row.loadNs),
          row.loadOverRaw.toFixed(3),
        ]),
        [2, 3, 4, 5, 6, 7, 8, 9, 10],
      ),
      Object.entries(CALIBRATED_POOLS)
        .map(([pool, what]) => `${pool}: ${what}.`)
        .join('\n'),
    )
  if (disk.length > 0)
    parts.push(
      table(
        ['disk', 'KiB', 'sync', 'I/O', 'depth', 'p50', 'p99', 'per second'],
        disk.map((row) => [...howOf(row), readableNs(row.p50Ns), readableNs(row.p99Ns), row.perSecond.toFixed(0)]),
        [1, 4, 5, 6, 7],
      ),
    )
  if (disk.some((row) => row.vsFio)) parts.push(besideFioText(disk))
  if (calibration.kernel) parts.push(besideKernelText(calibration.kernel, readableNs))
  for (const { what, reason } of skipped) parts.push(`Not measured, ${what}: ${reason}`)
  return parts.join('\n\n')
}

function besideKernelText(comparison: KernelComparison, readableNs: Readable['readableNs']): string {
  const { kernel, compressor, corpus, pages, cpu } = comparison
  const spread = (ratios: number[]) => `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`
  const row = (name: string, { engineNs, codecNs, kernelNs, pathNs, overKernel, overNet, rounds }: BesideKernel) => [
    name,
    ...[engineNs, codecNs, kernelNs, pathNs].map(readableNs),
    overKernel.toFixed(2),
    spread(rounds.overKernel),
    overNet.toFixed(2),
    spread(rounds.overNet),
  ]
  const place = cpu === null ? 'not pinned' : `both on CPU ${cpu}`
  return [
    `The engine beside the kernel's zswap, ${compressor}, Linux ${kernel}, ${place}; ${pages} pages, ${corpus}. p50 of a page:`,
    table(
      ['', 'engine', 'its codec', 'kernel', 'path', '÷ kernel', 'rounds', '÷ (kernel − path)', 'rounds'],
      comparison.lanes.flatMap(({ lane, store, load }) => [row(`${lane} store`, store), row(`${lane} load`, load)]),
      [1, 2, 3, 4, 5, 7],
    ),
    'path: the kernel with a page of zeros, which needs neither codec nor pool.',
    table(
      ['writeback', 'how', 'flush', 'pages', 'pages per second', 'rounds', '÷ kernel', 'rounds'],
      comparison.writeback.map(({ who, how, flush, pages: written, pagesPerS, rounds, overKernel }) => [
        who,
        how,
        flush,
        String(written),
        pagesPerS.toFixed(0),
        `${Math.min(...rounds).toFixed(0)} … ${Math.max(...rounds).toFixed(0)}`,
        overKernel?.ratio.toFixed(2) ?? '',
        overKernel ? spread(overKernel.rounds) : '',
      ]),
      [3, 4, 6],
    ),
    '÷ kernel: beside its drain without a flush, in the same round.',
  ].join('\n\n')
}

const percent = (share: number | null) =>
  share === null ? '–' : `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`

/** Columns of one compared metric, from its name on. */
const METRIC_HEAD = ['metric', 'base', 'new', 'shift', '95 % interval', 'verdict', 'could show']

function metricCells(row: ComparedMetric, { readableMetric }: Readable): string[] {
  return [
    row.metric,
    readableMetric(row.base, row.unit),
    readableMetric(row.new, row.unit),
    percent(row.shift),
    row.low === null ? '–' : `${percent(row.low)} … ${percent(row.high)}`,
    row.verdict,
    row.verdict === 'different' || row.detectable === null ? '' : `${(row.detectable * 100).toFixed(1)} %`,
  ]
}

const COULD_SHOW = '"could show": the change that so many trials of this noise show as different in 4 of 5 comparisons.'

/** A run by id and name; what was not measured says so. */
const sideText = ({ id, name, mode }: Comparison['base']) =>
  `${id} (${name}${mode === 'simulate' ? ', simulated' : ''})`

/** Stands under figures of a simulation that have no report around them. */
export const SIMULATED = 'SIMULATED on a virtual clock, not measured.'

export function comparisonText(comparison: Comparison, readable: Readable): string {
  const several = comparison.new.length > 1
  const rows = comparison.metrics.map((row) => [
    ...(several ? [row.newRun] : []),
    row.lane,
    ...metricCells(row, readable),
  ])
  const head = [...(several ? ['run'] : []), 'lane', ...METRIC_HEAD]
  const first = several ? 3 : 2
  const parts = [
    `${sideText(comparison.base)} against ${comparison.new.map(sideText).join(', ')}`,
    ...comparison.warnings.map((warning) => `Warning: ${warning}`),
  ]
  if (rows.length > 0) parts.push(table(head, rows, [first, first + 1, first + 2, first + 5]), COULD_SHOW)
  if (comparison.base.mode === 'simulate') parts.push(SIMULATED)
  for (const gate of comparison.gates) parts.push(gateText(gate, several ? `${gate.newRun}, ${gate.lane}` : gate.lane))
  return parts.join('\n')
}

export function laneComparisonText(
  { run, base, new: fresh, warnings, metrics, gates }: LaneComparison,
  readable: Readable,
): string {
  return [
    `"${base}" against "${fresh}" in ${sideText(run)}, block by block`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    table(
      METRIC_HEAD,
      metrics.map((row) => metricCells(row, readable)),
      [1, 2, 3, 6],
    ),
    COULD_SHOW,
    ...(run.mode === 'simulate' ? [SIMULATED] : []),
    ...gates.map((gate) => gateText(gate, gate.lane)),
  ].join('\n')
}

const gateText = ({ broken, gate, reason }: GateResult, where: string) =>
  `${broken ? 'BROKEN' : 'kept'}  ${gate}  ${where}: ${reason}`

/** Runs shown on each side of a step, and at the end; --json has all. */
const AROUND_STEP = 3
const NEWEST = 10

export function trendText(trend: Trend, { readableMetric }: Readable): string {
  const { points, steps, unit, better } = trend
  const shown = new Set(points.map((_, index) => index).slice(-NEWEST))
  for (const { index } of steps)
    for (let near = index - AROUND_STEP; near < index + AROUND_STEP; near++) if (points[near]) shown.add(near)
  for (const [index, { changed }] of points.entries()) if (changed.length > 0) shown.add(index)
  const stepAt = new Map(steps.map((step) => [step.index, step]))
  const rows = [...shown]
    .sort((a, b) => a - b)
    .map((index) => {
      const { run, startedAt, median, low, high, n, changed } = points[index]
      const step = stepAt.get(index)
      const range = low === null || high === null ? '–' : `${readableMetric(low, unit)} … ${readableMetric(high, unit)}`
      return [
        run,
        startedAt.slice(0, 16).replace('T', ' '),
        readableMetric(median, unit),
        range,
        String(n),
        [step ? `step ${percent(step.shift)}` : '', run === trend.baseline ? 'baseline' : '', ...changed]
          .filter(Boolean)
          .join(', '),
      ]
    })
  const left = points.length - rows.length
  return [
    `${trend.metric} of "${trend.lane}" over ${trend.runs} ${trend.runs === 1 ? 'run' : 'runs'} of ${trend.name} on ${trend.hostname}; ${better} is better`,
    table(['run', 'started (UTC)', 'median', '95 % interval', 'trials', ''], rows, [2, 4]),
    ...(left > 0 ? [`${left} more ${left === 1 ? 'run' : 'runs'} between and before them; --json has all.`] : []),
    ...steps.map(
      ({ index, before, after, shift, changed }) =>
        `Step at ${points[index].run}: ${readableMetric(before, unit)} → ${readableMetric(after, unit)} (${percent(shift)})${changed.length > 0 ? `; with it ${changed.join(', ')}` : ''}.`,
    ),
    trend.reason,
    ...(trend.mode === 'simulate' ? [SIMULATED] : []),
  ].join('\n')
}
