import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { METRIC_NAMES, metricFacts, metricMeaning, metricProblem } from './metrics.ts'

/** First column of the table of "What is timed". */
function documented(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/measuring.md'), 'utf8')
  const table = text.slice(text.indexOf('## What is timed'), text.indexOf('## Open loop'))
  return [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
}

describe('the meaning of a metric', () => {
  it('is there for every one that docs/measuring.md lists', () => {
    expect(documented().length).toBeGreaterThan(30)
    expect(documented().filter((name) => metricMeaning(name) === null)).toEqual([])
  })
  it('is in docs/measuring.md in its long form', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/measuring.md'), 'utf8')
    expect(METRIC_NAMES.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
  it('says what the statistic is', () => {
    expect(metricMeaning('fault.pool.ns.p999')).toBe(
      'A fault whose page was decompressed from the pool. p99.9: all but one in 1000 are at most this.',
    )
  })
  it('is null for what is no metric', () => {
    for (const name of ['nothing', 'fault.ns.p42', 'toString', 'p99']) expect(metricMeaning(name)).toBeNull()
  })
})

describe('unit and better direction of a metric', () => {
  it('are those of its row, whichever statistic it is', () => {
    expect(metricFacts('accesses.per_s')).toEqual({ unit: 'per_s', better: 'higher' })
    for (const name of ['writeback.age.ns', 'writeback.age.ns.p99', 'writeback.age.ns.mean'])
      expect(metricFacts(name)).toEqual({ unit: 'ns', better: 'higher' })
    expect(metricFacts('of another version')).toEqual({ unit: 'count', better: 'lower' })
  })
})

describe('a name that is asked for', () => {
  it('is refused where no trial has it, with those that are near', () => {
    for (const [name, near] of [
      ['fault.p99', /near it are fault\.ns\.p99, /],
      ['acesses.per_s', /near it are faults\.per_s, accesses\.per_s\./],
      ['fault.ns', /near it are fault\.ns\.p50, /],
      ['accesses.per_s.p99', /near it is accesses\.per_s\./],
      ['latency', /they are named e\.g\. accesses\.per_s/],
    ] as const)
      expect(metricProblem(name)).toMatch(near)
  })
  it('is taken where one can have it', () => {
    for (const name of ['accesses.per_s', 'fault.ns.p9999', 'refault.distance.mean', 'path.store.ns.p50', 'cpu.user_s'])
      expect(metricProblem(name)).toBeNull()
  })
})
