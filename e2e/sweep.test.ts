import { expect, test } from './fixtures.ts'
import { expectStatus, goTo, SMALL, writeSpec } from './run-page.ts'

test('values are swept, and the best of them is taken back to be measured', async ({ lab: { page } }) => {
  await writeSpec(page, { ...SMALL, name: 'how large a pool' })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('link', { name: 'Sweep…' }).click()
  await page.getByRole('combobox', { name: 'Field' }).fill('memory.pool')
  await page.getByRole('textbox', { name: /^Values/ }).fill('128, 4000')
  // The second is more than the RAM has.
  await expect(page.getByText('must be at most 90 % of memory.frames')).toBeVisible()
  await page.getByRole('textbox', { name: /^Values/ }).fill('128, 320')
  await expect(page.getByText('2 points × 3 lanes')).toBeVisible()
  await page.getByRole('button', { name: 'Start sweep' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'how large a pool' })).toBeVisible()
  await expectStatus(page, 'done')
  await expectStatus(page, 'simulated')
  await expect(page.getByRole('region', { name: 'Best' })).toHaveText(
    /^Lowest fault\.ns\.p99: .*at memory\.pool: (128|320)\./,
  )
  const points = page.getByRole('table', { name: 'Points of the sweep' })
  // Two points of three lanes each, below the head.
  await expect(points.getByRole('row')).toHaveCount(7)
  await page.getByLabel('Metric').selectOption('accesses.per_s')
  await points.getByRole('button', { name: 'memory.pool' }).click()
  // What is chosen stands in the address.
  await page.reload()
  await expect(page.getByRole('region', { name: 'accesses.per_s by memory.pool' })).toBeVisible()
  await expect(points.getByRole('columnheader', { name: 'memory.pool' })).toHaveAttribute('aria-sort', 'ascending')
  await points.getByRole('button', { name: 'Measure it: 320' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'New run' })).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused()
  await expect(page.getByLabel('Pool limit (pages)')).toHaveValue('320')
  await expect(page.getByLabel('Mode', { exact: true })).toHaveValue('measure')

  // The best of all lanes, as one experiment: it has the one pool of the best.
  await page.goBack()
  await page.getByRole('button', { name: 'Measure the best 3' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'New run' })).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(/^how large a pool: best of sweep /)
  await expect(page.getByLabel('Mode', { exact: true })).toHaveValue('measure')
  await expect(
    page.getByText(/They were the best at memory\.pool: (128|320), which one experiment has once/),
  ).toBeVisible()

  // The whole of it, to be swept with other values.
  await page.goBack()
  await page.getByRole('button', { name: 'Edit and sweep' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'New sweep' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: /^Values/ })).toHaveValue('128, 320')
  await expect(page.getByText('2 points × 3 lanes')).toBeVisible()
  await goTo(page, 'New run')
  await expect(page.getByLabel('Mode', { exact: true })).toHaveValue('measure')
})

test('who has gone to another page is told when a sweep has ended', async ({ lab: { page } }) => {
  await writeSpec(page, { ...SMALL, name: 'waited for' })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('link', { name: 'Sweep…' }).click()
  await page.getByRole('combobox', { name: 'Field' }).fill('memory.pool')
  // Longer than the lab is asked again after.
  const values = Array.from({ length: 48 }, (_, at) => 128 + 4 * at)
  await page.getByRole('textbox', { name: /^Values/ }).fill(values.join(', '))
  await page.getByRole('button', { name: 'Start sweep' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'waited for' })).toBeVisible()
  await goTo(page, 'Host')
  await expect(page.getByRole('region', { name: 'Running now' })).toContainText(/waited for.*Sweep/s)
  const told = page.getByRole('alert').filter({ hasText: 'Sweep done' })
  await expect(told).toContainText('48 points', { timeout: 90_000 })
  await told.getByRole('link', { name: 'waited for' }).click()
  await expectStatus(page, 'done')
  await expect(told).toHaveCount(0)
})
