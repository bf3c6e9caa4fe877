import type { Comparison, GateResult, LaneComparison } from '../../contract/index.ts'

/**
 * Gates as JUnit XML, the form that CI systems read: one test case for each gate and lane, and what the comparison warns of. Written by hand, since five
 * elements need no library; the order of elements and attributes is that of the Jenkins schema (junit-10.xsd).
 */
export function junitXml(compared: Comparison | LaneComparison): string {
  const { gates, warnings } = compared
  const failures = gates.filter(({ broken }) => broken).length
  const name = suiteName(compared)
  const totals = `tests="${gates.length}" failures="${failures}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="swaplab" ${totals}>`,
    `  <testsuite name="${attribute(name)}" ${totals} skipped="0">`,
    ...gates.map(testCase),
    ...(warnings.length > 0 ? [`    <system-out>${text(warnings.join('\n'))}</system-out>`] : []),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteName(compared: Comparison | LaneComparison): string {
  const [{ mode }, sides] =
    'run' in compared
      ? [compared.run, `${compared.run.id}: ${compared.base} against ${compared.new}`]
      : [compared.base, `${compared.base.id} against ${compared.new.map(({ id }) => id).join(', ')}`]
  return mode === 'simulate' ? `${sides} (simulated)` : sides
}

function testCase({ gate, lane, newRun, broken, reason }: GateResult): string {
  const where = [newRun, lane].filter((part) => part !== '').join(', ') || 'no lane'
  const head = `    <testcase classname="${attribute(gate)}" name="${attribute(where)}">`
  const body = broken
    ? `      <failure message="${attribute(reason)}" type="gate">${text(reason)}</failure>`
    : `      <system-out>${text(reason)}</system-out>`
  return `${head}\n${body}\n    </testcase>`
}

/** What XML 1.0 cannot hold at all, not even escaped: control characters and halves of surrogate pairs. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

function text(value: string): string {
  return value.replace(FORBIDDEN, '\u{fffd}').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** White space inside an attribute would come back as blanks. */
function attribute(value: string): string {
  return text(value)
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (blank) => `&#${blank.charCodeAt(0)};`)
}
