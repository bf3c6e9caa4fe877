import { expect, test } from './fixtures.ts'
import { ENDLESS, expectStatus, startSpec } from './run-page.ts'

declare global {
  interface Window {
    longTasks: number[]
  }
}

/** ms; what the window may spend on one piece of work while a run is measured. */
const LIMIT_MS = 100
const WATCHED_MS = 12_000

test('the window stays responsive while a run is measured', async ({ lab: { page } }) => {
  await startSpec(page, ENDLESS)
  await expectStatus(page, 'running')
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/Measuring|Warming/, { timeout: 60_000 })
  await page.evaluate(() => {
    window.longTasks = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longTasks.push(entry.duration)
    }).observe({ type: 'longtask', buffered: false })
  })
  await page.waitForTimeout(WATCHED_MS)
  const tasks = await page.evaluate(() => window.longTasks)
  expect(tasks.filter((duration) => duration > LIMIT_MS)).toEqual([])
})
