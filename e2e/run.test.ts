import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import {
  ENDLESS,
  expectStatus,
  goTo,
  MANY_TRIALS,
  SMALL,
  startSpec,
  trials,
  trialsDone,
  writeSpec,
} from './run-page.ts'

test('an experiment from the form to its report', async ({ lab: { page } }) => {
  await page.getByRole('button', { name: 'Customise quick' }).click()
  await page.getByLabel('Name', { exact: true }).fill('from the form')
  await page.getByLabel('Accesses', { exact: true }).fill('6000')
  await page.getByLabel('Trials', { exact: true }).fill('3')
  await expect(page.getByRole('region', { name: 'Estimate' })).toContainText('Swap file')
  await page.getByRole('button', { name: 'Start run' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'from the form' })).toBeVisible()
  await expectStatus(page, 'done')
  // The watch's last word may be drawn a moment before the report is.
  await expect.poll(() => trialsDone(page)).toBe(9)
  // The answer comes first, then what it rests on.
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText(/writeback/i)
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('none differed')
  for (const panel of ['Latency', 'Where fault time goes', 'Counters', 'Measured on'])
    await expect(page.getByRole('region', { name: panel })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Counters' }).getByRole('row')).not.toHaveCount(0)
  await expect(page.getByText('Whole', { exact: true })).toBeVisible()
})

test('the quick preset in one click, on pages captured from a live process', async ({ lab: { page } }) => {
  test.setTimeout(240_000)
  await page.getByRole('button', { name: 'Run quick' }).click()
  await expect(page.getByRole('button', { name: 'Cancel run' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/Measuring|Filling|Warming/, {
    timeout: 60_000,
  })
  await expectStatus(page, 'done', 200_000)
  // The watch's last word may be drawn a moment before the report is.
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('none differed')
  await expect
    .poll(async () => {
      const { done, planned } = await trials(page)
      return planned - done
    })
    .toBe(0)
  const { done } = await trials(page)
  // Three lanes, at least three trials each.
  expect(done).toBeGreaterThanOrEqual(9)
  const facts = page.getByRole('region', { name: 'Measured on' })
  await expect(facts).toContainText(/capture/)
  await expect(facts).toContainText('direct (O_DIRECT)')
  await expect(facts).toContainText('fdatasync')
})

test('a run is cancelled, and what was measured is kept', async ({ lab: { page } }) => {
  await startSpec(page, MANY_TRIALS)
  await expect.poll(() => trialsDone(page), { timeout: 90_000 }).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Cancel run' }).click()
  await page.getByRole('button', { name: 'Yes, cancel' }).click()
  await expectStatus(page, 'cancelled')
  expect(await trialsDone(page)).toBeGreaterThan(0)
  await expect(page.getByRole('region', { name: 'Latency' })).toBeVisible()
})

test('a run is repeated and edited on the disk that it measured', async ({ lab: { page, dataDir } }) => {
  const disk = join(dataDir, 'other-disk')
  mkdirSync(disk)
  await writeSpec(page, { ...SMALL, name: 'on another disk' })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByLabel('Swap directory').fill(disk)
  await page.getByRole('button', { name: 'Start run' }).click()
  await expectStatus(page, 'done')
  const first = page.url()
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page).not.toHaveURL(first)
  await expectStatus(page, 'done')
  await expect(page.getByRole('region', { name: 'Measured on' })).toContainText(disk)

  await goTo(page, 'New run')
  await page.getByLabel('Swap directory').fill('')
  await page.goBack()
  await page.getByRole('button', { name: 'Edit and run' }).click()
  await expect(page.getByLabel('Swap directory')).toHaveValue(disk)
})

test('a cancel can be thought better of', async ({ lab: { page, engines } }) => {
  await startSpec(page, ENDLESS)
  await page.getByRole('button', { name: 'Cancel run' }).click()
  await page.getByRole('button', { name: 'Keep running' }).click()
  await expect(page.getByRole('button', { name: 'Cancel run' })).toBeVisible()
  await expect.poll(() => engines().length).toBe(1)
})

test('two runs are measured one after the other', async ({ lab: { page, engines } }) => {
  await startSpec(page, ENDLESS)
  await expect.poll(() => engines().length).toBe(1)
  await startSpec(page, { ...SMALL, name: 'the next' })
  await expectStatus(page, 'queued')
  expect(engines()).toHaveLength(1)
  await goTo(page, 'History')
})

test('who has gone to another page sees how far a run is, and is told when it has ended', async ({ lab: { page } }) => {
  await startSpec(page, { ...SMALL, name: 'waited for' })
  await goTo(page, 'Host')
  await expect(page.getByRole('region', { name: 'Running now' })).toContainText(/waited for.*(\d+\s%|Queued)/s)
  await expect(page).toHaveTitle(/^\d+\s% · Host · Swaplab$/)
  const told = page.getByRole('alert').filter({ hasText: 'Run done' })
  await told.getByRole('link', { name: 'waited for' }).click({ timeout: 90_000 })
  await expectStatus(page, 'done')
  await expect(told).toHaveCount(0)
  await expect(page).toHaveTitle('waited for · Swaplab')
})
