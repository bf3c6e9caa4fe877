/** What a step of the suite came to. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
  /** Names of what failed, where the step knows them. */
  broken: string[]
  /** What was not tested, and why. */
  notTested: string[]
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, broken: [], notTested: [] }

/** A step that is one check: lint, types. */
export const oneCheck = (ok: boolean): Tally => ({ ...NOTHING, passed: ok ? 1 : 0, failed: ok ? 0 : 1 })

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    broken: [...a.broken, ...b.broken],
    notTested: [...a.notTested, ...b.notTested],
  }
}

/** The last line of `npm test`; tools read it. */
export const summaryLine = ({ passed, failed, skipped }: Tally) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** A runner that failed without naming a failed test (a crash, an error outside any test) still failed. */
const withExit = (tally: Tally, ok: boolean): Tally => (ok || tally.failed > 0 ? tally : { ...tally, failed: 1 })

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

/** @param text Vitest's JSON report; null where it wrote none. @param ok its exit code was 0. */
export function tallyOfVitest(text: string | null, ok: boolean): Tally {
  if (text === null) return oneCheck(false)
  const report: VitestReport = JSON.parse(text)
  // A file that could not be loaded has no failed test of its own.
  const unloaded = report.testResults
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .map((file) => file.name)
  const named = (...states: string[]) =>
    report.testResults.flatMap((file) =>
      file.assertionResults.filter((test) => states.includes(test.status)).map((test) => test.fullName),
    )
  return withExit(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloaded.length,
      skipped: report.numPendingTests + report.numTodoTests,
      broken: [...unloaded, ...named('failed')],
      notTested: named('skipped', 'pending'),
    },
    ok,
  )
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[]
  specs?: {
    title: string
    tests: {
      projectName: string
      status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
      annotations: { type: string; description?: string }[]
    }[]
  }[]
}
interface PlaywrightReport {
  suites: PlaywrightSuite[]
  errors: unknown[]
}

/** @param text Playwright's JSON report; null where it wrote none. @param ok its exit code was 0. */
export function tallyOfPlaywright(text: string | null, ok: boolean): Tally {
  if (text === null) return oneCheck(false)
  const report: PlaywrightReport = JSON.parse(text)
  let tally: Tally = { ...NOTHING, failed: report.errors.length }
  const visit = (suite: PlaywrightSuite): void => {
    for (const inner of suite.suites ?? []) visit(inner)
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests)
        switch (test.status) {
          case 'expected':
            tally = add(tally, { ...NOTHING, passed: 1 })
            break
          // A test that passes only sometimes has not passed.
          case 'flaky':
          case 'unexpected':
            tally = add(tally, {
              ...NOTHING,
              failed: 1,
              broken: [`${test.projectName}: ${spec.title}: ${test.status}`],
            })
            break
          case 'skipped': {
            const reason = test.annotations.find((note) => note.type === 'skip')?.description ?? 'no reason given'
            tally = add(tally, { ...NOTHING, skipped: 1, notTested: [`${test.projectName}: ${spec.title}: ${reason}`] })
          }
        }
  }
  for (const suite of report.suites) visit(suite)
  return withExit(tally, ok)
}
