import { describe, expect, it } from 'vitest'
import type { ComparedMetric } from '../../contract/index.ts'
import { GateResult, LabError } from '../../contract/index.ts'
import { evaluateGate, parseGate } from './gate.ts'
import { judge } from './judge.ts'
import { judgeBlocked } from './judge-blocked.ts'

const row = (shift: number | null, low: number | null, high: number | null, lane = 'zcache'): ComparedMetric => ({
  lane,
  metric: 'fault.ns.p99',
  unit: 'ns',
  base: 1000,
  new: 1000 * (1 + (shift ?? 0)),
  shift,
  low,
  high,
  cliffsDelta: 0,
  p: 1,
  pAdjusted: 1,
  verdict: 'unknown',
  better: 'lower',
  n: { base: 5, new: 5 },
  detectable: null,
})
const broken = (gate: string, ...rows: ComparedMetric[]): boolean[] =>
  evaluateGate(parseGate(gate), rows, 'lanes').map((result) => GateResult.omit({ newRun: true }).parse(result).broken)

describe('reading a gate', () => {
  it.each([
    ['fault.ns.p99<=+5%', 'fault.ns.p99', '<=', 0.05],
    ['accesses.per_s >= -3.5 %', 'accesses.per_s', '>=', -0.035],
    ['pool.ratio.true>=0%', 'pool.ratio.true', '>=', 0],
  ] as const)('%s', (text, metric, relation, limit) => {
    expect(parseGate(text)).toEqual({ text, metric, relation, limit })
  })

  it.each(['', 'fault.ns.p99', 'fault.ns.p99<5%', 'fault.ns.p99<=5', '<=5%', 'p99<=+5%; rm', 'p99<=five%', 'p99==5%'])(
    'refuses "%s" and says what is allowed',
    (text) => {
      const refusal = (() => {
        try {
          return parseGate(text)
        } catch (error) {
          return error
        }
      })()
      if (!(refusal instanceof LabError)) throw new Error('was accepted')
      expect(refusal.code).toBe('bad_input')
      expect(refusal.remedy).toContain('fault.ns.p99<=+5%')
    },
  )
})

describe('holding a gate', () => {
  it('is broken where the whole interval lies beyond the limit', () => {
    expect(broken('fault.ns.p99<=+5%', row(0.09, 0.06, 0.12))).toEqual([true])
    expect(broken('fault.ns.p99>=-5%', row(-0.09, -0.12, -0.06))).toEqual([true])
  })

  it('holds at the limit itself', () => {
    expect(broken('fault.ns.p99<=+5%', row(0.05, 0.05, 0.05))).toEqual([false])
    expect(broken('fault.ns.p99>=-5%', row(-0.05, -0.05, -0.05))).toEqual([false])
  })

  it('holds where the shift is within the limit, however wide the interval', () => {
    expect(broken('fault.ns.p99<=+5%', row(0.04, -0.3, 0.4))).toEqual([false])
    expect(broken('fault.ns.p99<=+5%', row(-0.5, -0.6, -0.4))).toEqual([false])
  })

  it('holds where noise may have done it, and asks for more trials', () => {
    const [result] = evaluateGate(parseGate('fault.ns.p99<=+5%'), [row(0.09, 0.01, 0.2)], 'runs')
    expect(result.broken).toBe(false)
    expect(result.reason).toBe(
      '+9.0 % against a limit of +5.0 %, but not proven: 95 % interval +1.0 % to +20.0 % reaches the limit. Collect more trials.',
    )
  })

  it('goes by the shift alone where there is no interval', () => {
    expect(broken('fault.ns.p99<=+5%', row(0.09, null, null), row(0.01, null, null, 'raw'))).toEqual([true, false])
  })

  it('is broken on a metric nobody has, and names those there are', () => {
    const [result] = evaluateGate(parseGate('fault.ns.p9<=+5%'), [row(0, 0, 0)], 'runs')
    expect(result).toMatchObject({ broken: true, shift: null })
    expect(result.reason).toContain('fault.ns.p99')
  })

  const judged = (base: number[], next: number[]): ComparedMetric[] => [
    { ...row(0, null, null), ...judge(base, next) },
    { ...row(0, null, null), ...judgeBlocked(base, next) },
  ]

  it('from a base of 0 is broken by anything that is shown to have grown', () => {
    expect(broken('fault.ns.p99<=+5%', ...judged([0, 0, 0], [3, 4, 5]))).toEqual([true, true])
    expect(broken('fault.ns.p99<=+5%', ...judged([0, 0, 0], [0, 0, 0]))).toEqual([false, false])
    const [result] = evaluateGate(
      parseGate('fault.ns.p99<=+5%'),
      judged([0, 0, 0, 0, 1, 7], [0, 0, 1, 2, 0, 3]),
      'runs',
    )
    expect(result).toMatchObject({ broken: false, shift: null })
    expect(result.reason).toMatch(
      /^The base is 0, the new median 0.5 ns, but not proven: values of 0 leave no interval/,
    )
  })

  it('is held to the trials that an interval needs: 3 of two runs, 6 of two lanes', () => {
    const [rows] = judged([0, 0, 100, 100, 100], [0, 100, 110, 110, 120])
    const gate = parseGate('fault.ns.p99<=+5%')
    expect(evaluateGate(gate, [rows], 'runs')).toMatchObject([
      { broken: false, reason: expect.stringContaining('not proven') },
    ])
    expect(evaluateGate(gate, [rows], 'lanes')).toMatchObject([
      { broken: true, reason: expect.stringContaining('too few') },
    ])
  })

  it('takes the medians where a value of 0 leaves no interval, and says nothing untrue of the base', () => {
    const base = [100, 101, 102, 103, 104, 105, 106, 107]
    const fell = judged(base, [0, 50, 51, 52, 53, 54, 55, 56])
    expect(broken('fault.ns.p99<=+5%', ...fell)).toEqual([false, false])
    expect(broken('fault.ns.p99>=-5%', ...fell)).toEqual([true, true])
    const [, lanes] = evaluateGate(parseGate('fault.ns.p99>=-5%'), fell, 'runs')
    expect(lanes.reason).toBe('−49.3 % against a limit of −5.0 %; values of 0 leave no interval, p 0.0078.')
    const noise = judged([0, 90, 200, 10, 120, 80, 0, 140], [140, 0, 80, 120, 10, 200, 90, 70])
    expect(broken('fault.ns.p99>=+50%', ...noise)).toEqual([false, false])
    const [{ reason }] = evaluateGate(parseGate('fault.ns.p99>=+50%'), noise, 'runs')
    expect(reason).toContain('not proven')
    expect(reason).not.toContain('too few trials')
  })
})
