import {
  collectedText,
  ioWords,
  laterBlocks,
  type Metric,
  type Observer,
  type RunDocument,
  trialsBehind,
} from '../../contract/index.ts'
import { readableMetric, readableNs } from '../readable.ts'

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
  const metricNames = [...new Set(lanes.flatMap((lane) => Object.keys(lane.metrics)))]
  const counterNames = [...new Set(lanes.flatMap((lane) => Object.keys(lane.counters)))].sort()
  const head = `<tr><th scope="col">Metric</th>${lanes.map((lane) => `<th scope="col">${escaped(lane.label)}</th>`).join('')}</tr>`
  const row = (name: string, cells: string[]) =>
    `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
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
    ['Verified', `${document.verified.pages} pages, ${document.verified.mismatches} mismatches`],
    ['Swaplab', run.version],
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(titled)} – Swaplab</title><style>${STYLE}</style></head><body>
<h1>${escaped(titled)}</h1>
${document.verdicts.map((verdict) => `<p class="verdict"><strong>${escaped(verdict.question)}</strong> ${escaped(verdict.sentence)}</p>`).join('\n')}
${run.fault ? `<p class="warning">${escaped(run.fault.message)}</p>` : ''}
${run.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`).join('\n')}
${run.collection ? `<p>${[collectedText(run.collection), ...laterBlocks(run.collection)].map(escaped).join('<br>')}</p>` : ''}
<h2>Metrics${simulated}</h2><p><small>Median of ${escaped(trialsBehind(lanes))}, with its 95 % bootstrap interval. * a trial lies apart from the others (Tukey), and is kept.</small></p>
<div class="scroll"><table><thead>${head}</thead><tbody>
${metricNames
  .map((name) =>
    row(
      name,
      lanes.map(
        (lane) => `${metricCell(lane.metrics[name])}${lane.outliers.some(({ metric }) => metric === name) ? ' *' : ''}`,
      ),
    ),
  )
  .join('\n')}
</tbody></table></div>
<h2>Counters${simulated}</h2><p><small>Median of the trials.</small></p>
<div class="scroll"><table><thead>${head}</thead><tbody>
${counterNames
  .map((name) =>
    row(
      name,
      lanes.map((lane) => (lane.counters[name] === undefined ? '–' : String(lane.counters[name]))),
    ),
  )
  .join('\n')}
</tbody></table></div>
<h2>${run.mode === 'simulate' ? 'What was simulated, and where' : 'What was measured, and where'}</h2><table><tbody>
${facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td style="text-align:left">${escaped(value)}</td></tr>`).join('\n')}
</tbody></table>
<h2>Specification</h2><pre>${escaped(yaml)}</pre>
</body></html>
`
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
