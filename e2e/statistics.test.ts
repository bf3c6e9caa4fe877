import { expect, test } from './fixtures.ts'
import { expectStatus, goTo, SMALL, startSpec, trials, writeSpec } from './run-page.ts'

test('a run is pinned as baseline, followed over its runs, and the next one is compared with it', async ({
  lab: { page },
}) => {
  await startSpec(page, { ...SMALL, name: 'the base' })
  await expectStatus(page, 'done')
  await expect(page.getByRole('region', { name: 'Spread of the trials' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Lanes block by block' })).toContainText('accesses.per_s')
  const last = page.getByRole('region', { name: 'Measured on' })
  await expect(last).toBeVisible()
  await page.getByRole('navigation', { name: 'Parts of the report' }).getByText('Measured on').click()
  await expect(last).toBeFocused()
  await page.getByRole('button', { name: 'Pin as baseline' }).click()
  await expect(page.getByRole('button', { name: 'Unpin baseline' })).toBeVisible()

  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page.getByRole('button', { name: 'Cancel run' })).toBeVisible()
  await expectStatus(page, 'done')
  const against = page.getByRole('region', { name: 'Against the baseline' })
  await expect(against).toContainText('The baseline of this experiment on this host is "the base"')
  await against.getByRole('link', { name: 'Every metric' }).click()
  await expect(page.getByRole('region', { name: 'the base → the base' })).toContainText('Could show')

  await goTo(page, 'History')
  await expect(page.getByText('baseline', { exact: true })).toHaveCount(1)
  await page
    .getByRole('button', { name: /^Trend of the base/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { level: 1, name: 'Trend of the base' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Steps' })).toContainText('2 points: a step needs 6 on each side.')
  await page.getByLabel('Metric').selectOption('fault.ns.p50')
  await expect(page.getByRole('region', { name: 'fault.ns.p50 of raw' })).toBeVisible()

  // raw has no pool: from what there is no trend of, another can still be chosen.
  const lanes = page.getByLabel('Lane')
  await lanes.selectOption({ index: 1 })
  await page.getByLabel('Metric').selectOption('pool.ratio.effective')
  await expect(page.getByRole('region', { name: /^pool.ratio.effective of/ })).toBeVisible()
  await lanes.selectOption('raw')
  await expect(page.getByRole('alert')).toContainText('has pool.ratio.effective in the lane "raw"')
  await page.getByLabel('Metric').selectOption('fault.ns.p50')
  await page.getByRole('application', { name: /^fault.ns.p50 over the runs/ }).press('End')
  await page.keyboard.press('Enter')
  const spread = page.getByRole('region', { name: 'Spread of the trials' })
  await expect(spread).toBeInViewport()
  await expect(spread.getByLabel('Metric of the trials')).toHaveValue('fault.ns.p50')
  await expect(spread.getByRole('button', { name: 'raw' })).toHaveAttribute('aria-pressed', 'true')
  await expect(spread.getByRole('button', { pressed: false })).not.toHaveCount(0)
})

test('a lane is run against itself until it is settled, and says what was added', async ({ lab: { page } }) => {
  test.setTimeout(240_000)
  await writeSpec(page, { ...SMALL, adaptive: { limit: 8 } })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('region', { name: 'A/A' }).getByRole('button', { name: 'Run A/A' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'A/A small' })).toBeVisible()
  await expectStatus(page, 'done', 180_000)
  const verdict = page.getByRole('region', { name: 'Verdict' })
  await expect(verdict).toContainText('Is a lane the same as itself here (A/A)?')
  await expect(verdict).toContainText(/of \d+ metrics \d+ \(\d+\s%\) are the same/)
  await expect(verdict).toContainText('12 trials were planned')
  const { done, planned } = await trials(page)
  expect(done).toBe(planned)
  expect(done).toBeLessThanOrEqual(16)
})
