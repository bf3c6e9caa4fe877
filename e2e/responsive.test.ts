import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { ENDLESS, expectStatus, startSpec } from './run-page.ts'

/** ms of CPU time; what the window may spend on one piece of work while a run is measured. */
const LIMIT_MS = 50
const WATCHED_MS = 12_000

/** Of Chromium's trace; times in µs, `tdur` in CPU time. */
interface TraceEvent {
  name: string
  pid: number
  tid: number
  tdur?: number
  args: { name?: string }
}
interface TraceEnd {
  dataLossOccurred: boolean
}

/** CPU time of each piece of work of the window's own thread, ms: how long it took says as much of what else is at work on the machine. */
async function tasksDuring(page: Page, ms: number): Promise<number[]> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<TraceEnd>((go) => session.once('Tracing.tracingComplete', go))
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel'] },
    transferMode: 'ReportEvents',
  })
  await page.waitForTimeout(ms)
  await session.send('Tracing.end')
  expect((await complete).dataLossOccurred).toBe(false)
  await session.detach()
  const place = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`
  const drawing = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(place),
  )
  return events.flatMap((event) =>
    event.name === 'ThreadControllerImpl::RunTask' && drawing.has(place(event)) ? [(event.tdur ?? 0) / 1000] : [],
  )
}

test('the window stays responsive while a run is measured', async ({ lab: { page } }) => {
  await startSpec(page, ENDLESS)
  await expectStatus(page, 'running')
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/Measuring|Warming/, { timeout: 60_000 })
  const tasks = await tasksDuring(page, WATCHED_MS)
  // The figures of a run under way were drawn.
  expect(tasks.filter((spent) => spent > 1).length).toBeGreaterThan(10)
  expect(tasks.filter((spent) => spent > LIMIT_MS)).toEqual([])
})
