import { describe, expect, test } from 'vitest'
import { add, oneCheck, summaryLine, tallyOfPlaywright, tallyOfVitest } from './tally.ts'

const counts = ({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }) => [
  passed,
  failed,
  skipped,
]

describe('counting unit tests', () => {
  const report = (files: object[], passed = 3, failed = 0, pending = 0) =>
    JSON.stringify({
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: pending,
      numTodoTests: 0,
      testResults: files,
    })

  test('takes the runner’s own figures', () => {
    const files = [{ status: 'passed', assertionResults: [{ status: 'skipped', fullName: 'needs fio' }] }]
    const tally = tallyOfVitest(report(files, 3, 0, 1), true)
    expect(counts(tally)).toEqual([3, 0, 1])
    expect(tally.notTested).toEqual(['needs fio'])
  })

  test('counts a file that could not be loaded', () => {
    const files = [{ name: 'broken.test.ts', status: 'failed', assertionResults: [] }]
    const tally = tallyOfVitest(report(files), false)
    expect(counts(tally)).toEqual([3, 1, 0])
    expect(tally.broken).toEqual(['broken.test.ts'])
  })

  test('names what failed', () => {
    const files = [{ name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'holds' }] }]
    expect(tallyOfVitest(report(files, 3, 1), false).broken).toEqual(['holds'])
  })

  test('counts a run that failed without a failed test', () => {
    expect(counts(tallyOfVitest(report([]), false))).toEqual([3, 1, 0])
  })

  test('counts a run that left no report', () => expect(counts(tallyOfVitest(null, false))).toEqual([0, 1, 0]))
})

describe('counting end-to-end tests', () => {
  const spec = (status: string, annotations: object[] = []) => ({
    title: 'a test',
    tests: [{ projectName: 'web', status, annotations }],
  })
  const report = (specs: object[], errors: object[] = []) =>
    JSON.stringify({ suites: [{ suites: [{ specs }] }], errors })

  test('a flaky test has failed; a skipped one names its reason', () => {
    const tally = tallyOfPlaywright(
      report([
        spec('expected'),
        spec('flaky'),
        spec('unexpected'),
        spec('skipped', [{ type: 'skip', description: 'no display' }]),
      ]),
      false,
    )
    expect(counts(tally)).toEqual([1, 2, 1])
    expect(tally.notTested).toEqual(['web: a test: no display'])
    expect(tally.broken).toEqual(['web: a test: flaky', 'web: a test: unexpected'])
  })

  test('an error outside any test has failed', () => {
    expect(counts(tallyOfPlaywright(report([spec('expected')], [{}]), false))).toEqual([1, 1, 0])
    expect(counts(tallyOfPlaywright(report([spec('expected')]), false))).toEqual([1, 1, 0])
    expect(counts(tallyOfPlaywright(null, false))).toEqual([0, 1, 0])
  })
})

test('the last line adds everything up', () => {
  expect(summaryLine(add(oneCheck(true), add(oneCheck(false), { ...oneCheck(true), skipped: 2 })))).toBe(
    '2 passed, 1 failed, 2 skipped',
  )
})
