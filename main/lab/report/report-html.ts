import {
  collectedText,
  ioWords,
  KEY_METRICS,
  type LaneReport,
  largestZpage,
  laterBlocks,
  type Metric,
  medianChunks,
  type Observer,
  type RunDocument,
  trialsBehind,
  zpageSizes,
} from '../../contract/index.ts'
import { readableBytes, readableMetric, readableNs } from '../readable.ts'

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1a1b1e; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { font-size: 1.1rem; border-left: 4px solid #0072b2; padding: .25rem .75rem; margin: .5rem 0 }
.warning { border-left: 4px solid #d55e00; padding: .25rem .75rem; margin: .5rem 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums } th, td { border: 1px solid #ced4da; padding: .25rem .6rem; text-align: right }
th { background: #f1f3f5 } th:first-child, td:first-child { text-align: left } small { color: #495057 }
pre { background: #f1f3f5; padding: 1rem; overflow: auto } .scroll { overflow-x: auto }
@media (prefers-color-scheme: dark) { body { color: #e9ecef; background: #1a1b1e } th, pre { background: #2c2e33 } th, td { border-color: #495057 } small { color: #adb5bd } }
`

/** The report as one file that needs nothing else: no scripts, no fonts, no network. */
export function reportHtml(document: RunDocument, yaml: string): string {
  const { run, lanes } = document
  const simulated = run.mode === 'simulate' ? ' (simulated)' : ''
  const titled = `${run.name}${simulated}`
  const facts: [string, string][] = [
    ['Run', `${run.id}, ${run.status}, ${run.startedAt}`],
    ['Host', `${run.host.hostname}: ${run.host.cpu.model}, ${run.host.cpu.cores} cores, Linux ${run.host.kernel}`],
    ...(run.mode === 'simulate'
      ? [['Mode', 'simulated'] satisfies [string, string]]
      : ([
          ['Disk', diskLine(document)],
          ['Swap file', swapfileLine(document)],
        ] satisfies [string, string][])),
    ...(document.observer ? [['Cost of looking', lookingLine(document.observer)] satisfies [string, string]] : []),
    ['Contents', run.corpus ? `${run.corpus.source}, ${run.corpus.pages} pages` : '–'],
    ['Verified', `${counts.format(document.verified.pages)} pages, ${document.verified.mismatches} mismatches`],
    ['Swaplab', run.version],
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(titled)} – Swaplab</title><style>${STYLE}</style></head><body>
<h1>${escaped(titled)}</h1>
<p><small>${escaped(`${run.startedAt.slice(0, 16).replace('T', ' ')} UTC · ${run.host.hostname} · ${run.status}, ${run.trialsDone} of ${run.trialsTotal} trials`)}</small></p>
${document.verdicts.map((verdict) => `<p class="verdict"><strong>${escaped(verdict.question)}</strong> ${escaped(verdict.sentence)}</p>`).join('\n')}
${run.fault ? `<p class="warning">${escaped(run.fault.message)}</p>` : ''}
${run.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`).join('\n')}
${run.collection ? `<p>${[collectedText(run.collection), ...laterBlocks(run.collection)].map(escaped).join('<br>')}</p>` : ''}
${figures(lanes, simulated)}
<h2>${run.mode === 'simulate' ? 'What was simulated, and where' : 'What was measured, and where'}</h2><table><tbody>
${facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td style="text-align:left">${escaped(value)}</td></tr>`).join('\n')}
</tbody></table>
<h2>Specification</h2><pre>${escaped(yaml)}</pre>
</body></html>
`
}

/** Digits of a counter in groups of three. */
const counts = new Intl.NumberFormat('en-GB')

/** Metrics, sizes and counters: one column for each lane. Headings say what was simulated, since tables are quoted without the page. */
function figures(lanes: readonly LaneReport[], simulated: string): string {
  if (lanes.every(({ trials }) => trials.every(({ status }) => status !== 'done')))
    return '<p>No valid trial was finished, so there are no figures.</p>'
  const labels = lanes.map(({ label }) => label)
  const metrics = [...new Set(lanes.flatMap((lane) => Object.keys(lane.metrics)))]
  const counters = [...new Set(lanes.flatMap((lane) => Object.keys(lane.counters)))].sort()
  const mark = ({ outliers }: LaneReport, name: string) => (outliers.some(({ metric }) => metric === name) ? ' *' : '')
  const row = (title: string, name: string): Row => [
    title,
    lanes.map((lane) => `${metricCell(lane.metrics[name])}${mark(lane, name)}`),
  ]
  return `<h2>Key figures${simulated}</h2><p><small>Median of ${escaped(trialsBehind(lanes))}, with its 95 % bootstrap interval. * a trial lies apart from the others (Tukey), and is kept.</small></p>
${table(
  'Figure',
  labels,
  KEY_METRICS.filter(([name]) => metrics.includes(name)).map(([name, title]) => row(title, name)),
)}
<h2>Metrics${simulated}</h2>
${table(
  'Metric',
  labels,
  metrics.map((name) => row(name, name)),
)}
${sizesTable(lanes, simulated)}<h2>Counters${simulated}</h2><p><small>Median of the trials.</small></p>
${table(
  'Counter',
  labels,
  counters.map((name) => [
    name,
    lanes.map((lane) => (lane.counters[name] === undefined ? '–' : counts.format(lane.counters[name]))),
  ]),
)}`
}

/** Chunks in a row of the table of sizes: an eighth of a frame. */
const STEP = 8

function sizesTable(lanes: readonly LaneReport[], simulated: string): string {
  const sizes = zpageSizes(lanes)
  if (sizes.length === 0) return ''
  const percent = (share: number) => readableMetric(share, 'share')
  return `<h2>Sizes of zpages${simulated}</h2><p><small>Swap pages stored, by the chunks of 64 bytes that each took of a frame with its handle: zcache's cumul_chunk_counts, all valid trials together, without warm-up. zbud puts at most two zpages into a frame of 64 chunks.</small></p>
${table(
  'Chunks (bytes of zpage)',
  sizes.map(({ label }) => label),
  [
    ['stored', sizes.map(({ stored }) => counts.format(stored))],
    ['half a frame or less', sizes.map(({ halfOrLess }) => percent(halfOrLess))],
    [
      'median',
      sizes.map((size) => `${medianChunks(size)} (${escaped(readableBytes(largestZpage(medianChunks(size))))})`),
    ],
    ...Array.from({ length: 64 / STEP }, (_, at): Row => {
      const [first, last] = [at * STEP + 1, Math.min(63, (at + 1) * STEP)]
      return [
        `${first} to ${last} (up to ${readableBytes(largestZpage(last))})`,
        sizes.map(({ counts, stored }) =>
          percent(counts.slice(first, last + 1).reduce((sum, count) => sum + count, 0) / stored),
        ),
      ]
    }),
  ],
)}
`
}

/** A name, and a cell of markup for each lane. */
type Row = readonly [name: string, cells: readonly string[]]

function table(of: string, labels: readonly string[], rows: readonly Row[]): string {
  const cells = rows.map(
    ([name, values]) =>
      `<tr><th scope="row">${escaped(name)}</th>${values.map((value) => `<td>${value}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll"><table><thead><tr><th scope="col">${of}</th>${labels.map((label) => `<th scope="col">${escaped(label)}</th>`).join('')}</tr></thead><tbody>
${cells.join('\n')}
</tbody></table></div>`
}

function metricCell(metric: Metric | undefined): string {
  if (!metric) return '–'
  const { low, high } = metric
  const range =
    low === null || high === null
      ? ''
      : ` <small>${escaped(readableMetric(low, metric.unit))} … ${escaped(readableMetric(high, metric.unit))}</small>`
  return `${escaped(readableMetric(metric.median, metric.unit))}${range}`
}

/** Each doing nothing. */
function lookingLine({ clockNs, nullFaultNs, nullStoreNs, nullLoadNs, nullIoNs }: Observer): string {
  const named = { clock: clockNs, fault: nullFaultNs, store: nullStoreNs, load: nullLoadNs, 'I/O': nullIoNs }
  return Object.entries(named)
    .flatMap(([name, ns]) => (ns === undefined ? [] : [`${name} ${readableNs(ns)}`]))
    .join(', ')
}

function diskLine({ run: { host } }: RunDocument): string {
  const { device } = host
  return `${device.model ?? device.device ?? 'unknown device'}, ${device.fileSystem} (${device.mountOptions})`
}

function swapfileLine({ run: { swapfile } }: RunDocument): string {
  if (!swapfile) return '–'
  return `${swapfile.directory}, ${swapfile.direct ? 'direct I/O' : 'buffered'}, ${ioWords(swapfile)}, sync ${swapfile.syncVerb}, engine on CPU ${swapfile.cpu ?? 'any'}`
}
