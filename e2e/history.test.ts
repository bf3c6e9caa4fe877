import { expect, test } from './fixtures.ts'
import { expectStatus, goTo, SMALL, startSpec } from './run-page.ts'

test('an empty history says what to do', async ({ lab: { page } }) => {
  await goTo(page, 'History')
  await expect(
    page
      .getByRole('main')
      .getByRole('link', { name: /run/i })
      .or(page.getByRole('main').getByRole('button', { name: /run/i }))
      .first(),
  ).toBeVisible()
  await expect(page.getByRole('main')).toContainText(/no run|nothing|empty|not.*yet/i)
})

test('a run is found again after a restart', async ({ lab }) => {
  await startSpec(lab.page, { ...SMALL, name: 'to be found' })
  await expectStatus(lab.page, 'done')
  const address = lab.page.url()
  await lab.restart()
  await goTo(lab.page, 'History')
  await lab.page.getByRole('link', { name: 'to be found' }).click()
  await expectStatus(lab.page, 'done')
  expect(new URL(lab.page.url()).hash).toBe(new URL(address).hash)
  await expect(lab.page.getByRole('region', { name: 'Verdict' })).toContainText('none differed')
})

test('a run is deleted, and brought back', async ({ lab: { page } }) => {
  await startSpec(page, { ...SMALL, name: 'regretted' })
  await expectStatus(page, 'done')
  await goTo(page, 'History')
  const run = page.getByRole('link', { name: 'regretted' })
  await expect(run).toBeVisible()
  await page.getByRole('button', { name: 'Delete run regretted' }).click()
  await expect(run).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(run).toBeVisible()
  await run.click()
  await expectStatus(page, 'done')
})
