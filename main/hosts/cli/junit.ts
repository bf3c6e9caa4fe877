import type { Comparison, GateResult } from '../../contract/index.ts'

/**
 * Gates as JUnit XML, the form that CI systems read: one test case for each gate and lane. Written by hand, since four
 * elements need no library; the order of elements and attributes is that of the Jenkins schema (junit-10.xsd).
 */
export function junitXml({ base, new: fresh, gates }: Comparison): string {
  const failures = gates.filter(({ broken }) => broken).length
  const simulated = base.mode === 'simulate' ? ' (simulated)' : ''
  const name = `${base.id} against ${fresh.map(({ id }) => id).join(', ')}${simulated}`
  const totals = `tests="${gates.length}" failures="${failures}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="swaplab" ${totals}>`,
    `  <testsuite name="${attribute(name)}" ${totals} skipped="0">`,
    ...gates.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
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
