import { describe, expect, it } from 'vitest'
import type { Comparison, GateResult, LaneComparison } from '../../contract/index.ts'
import { junitXml } from './junit.ts'

const gate = (changes: Partial<GateResult> = {}): GateResult => ({
  gate: 'fault.ns.p99<=+5%',
  newRun: 'n',
  lane: 'raw',
  metric: 'fault.ns.p99',
  shift: 0.01,
  broken: false,
  reason: '+1.0 % against a limit of +5.0 %.',
  ...changes,
})
const comparison = (gates: GateResult[]): Comparison => ({
  base: { id: 'b', name: 'base', mode: 'measure' },
  new: [{ id: 'n', name: 'new', mode: 'measure' }],
  warnings: [],
  metrics: [],
  gates,
})

describe('gates as JUnit XML', () => {
  it('are one test case for each gate and lane, failed where broken', () => {
    const xml = junitXml(comparison([gate(), gate({ lane: 'zcache', broken: true, reason: '+9.0 % > +5.0 %' })]))
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="swaplab" tests="2" failures="1" errors="0">
  <testsuite name="b against n" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="fault.ns.p99&lt;=+5%" name="n, raw">
      <system-out>+1.0 % against a limit of +5.0 %.</system-out>
    </testcase>
    <testcase classname="fault.ns.p99&lt;=+5%" name="n, zcache">
      <failure message="+9.0 % &gt; +5.0 %" type="gate">+9.0 % &gt; +5.0 %</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
  })

  it('have what the comparison warns of behind them', () => {
    const warned = {
      ...comparison([gate()]),
      warnings: ['n was measured on another host (b&c).', 'n swapped other page contents.'],
    }
    expect(junitXml(warned)).toContain(`    </testcase>
    <system-out>n was measured on another host (b&amp;c).
n swapped other page contents.</system-out>
  </testsuite>`)
  })

  it('name the two lanes of one run', () => {
    const lanes: LaneComparison = {
      run: { id: 'r', name: 'one run', mode: 'measure' },
      lanes: ['raw', 'zcache'],
      base: 'raw',
      new: 'zcache',
      warnings: [],
      metrics: [],
      gates: [gate({ newRun: 'r', lane: 'zcache' })],
    }
    expect(junitXml(lanes)).toContain('<testsuite name="r: raw against zcache" tests="1"')
  })

  it('take no label for markup, and hold nothing that XML cannot', () => {
    const nasty = `"><x a='1'>&amp;\u0000\u001b]]>\ud800\n`
    const xml = junitXml(comparison([gate({ lane: nasty, reason: nasty, broken: true })]))
    expect(xml).toContain(`name="n, &quot;&gt;&lt;x a='1'&gt;&amp;amp;\ufffd\ufffd]]&gt;\ufffd&#10;"`)
    expect(xml).toContain(`>"&gt;&lt;x a='1'&gt;&amp;amp;\ufffd\ufffd]]&gt;\ufffd\n</failure>`)
  })

  it('say where nothing was measured', () => {
    const { base, ...rest } = comparison([gate()])
    expect(junitXml({ ...rest, base: { ...base, mode: 'simulate' } })).toContain(
      '<testsuite name="b against n (simulated)"',
    )
  })

  it('name a gate that watches nothing', () => {
    expect(junitXml(comparison([gate({ lane: '', newRun: '', broken: true })]))).toContain('name="no lane"')
  })
})
