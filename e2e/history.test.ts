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
  const figures = lab.page.getByRole('table', { name: 'Key figures by lane' })
  await expect(figures.getByRole('row').filter({ hasText: /raw.*\/s.*µs|raw.*\/s.*ms/ })).toHaveCount(1)
  // By status: the choice stands in the address, and coming back finds it.
  await goTo(lab.page, 'History')
  await lab.page.getByLabel('Status').selectOption('failed')
  await expect(lab.page.getByText('No failed run.')).toBeVisible()
  await lab.page.reload()
  await expect(lab.page.getByText('No failed run.')).toBeVisible()
  await lab.page.getByLabel('Status').selectOption('done')
  await expect(lab.page.getByRole('link', { name: 'to be found' })).toBeVisible()
})

test('a run is deleted, and brought back', async ({ lab: { page } }) => {
  await startSpec(page, { ...SMALL, name: 'kept' })
  await expectStatus(page, 'done')
  await startSpec(page, { ...SMALL, name: 'regretted' })
  await expectStatus(page, 'done')
  await goTo(page, 'History')
  const run = page.getByRole('link', { name: 'regretted' })
  await expect(run).toBeVisible()
  // What is chosen to be compared is still chosen when one comes back.
  const chosen = page.getByRole('checkbox', { name: /^Compare kept/ })
  await chosen.check()
  await goTo(page, 'New run')
  await page.goBack()
  await expect(chosen).toBeChecked()
  await page.getByRole('checkbox', { name: /^Compare regretted/ }).check()
  // With the keyboard: the focus goes on to the run beside it.
  await page.getByRole('button', { name: 'Delete run regretted' }).press('Enter')
  await expect(run).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'kept' })).toBeFocused()
  await expect(page.getByText('kept chosen; choose another')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await page.keyboard.press('Control+z')
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  await expect(run).toBeVisible()
  await run.click()
  await expectStatus(page, 'done')
})

test('a narrow window shows of every run what a wide one does, without scrolling sideways', async ({
  lab: { page },
}) => {
  const name = 'a name that takes more than one line where there is room for half of it'
  await startSpec(page, { ...SMALL, name })
  await expectStatus(page, 'done')
  await goTo(page, 'History')
  await page.setViewportSize({ width: 400, height: 800 })
  // Behind its button nothing of the menu takes the focus.
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0)
  const run = page.getByRole('list', { name: 'Runs, newest first' }).getByRole('listitem')
  await expect(run).toContainText(/done.*\d{1,2} \w+ \d{4}, \d\d:\d\d · [\d.]+\sm?s · 3 lanes/s)
  // Title, search and choice take no more of the window than they need.
  expect((await run.boundingBox())?.y).toBeLessThan(450)
  const chosen = run.getByRole('checkbox')
  await chosen.check()
  await expect(page.getByText(`${name} chosen; choose another`)).toBeVisible()
  for (const width of [400, 1000]) {
    await page.setViewportSize({ width, height: 800 })
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(beyond, `${width} px wide`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  await expect(page.getByRole('table', { name: 'Runs, newest first' }).getByRole('checkbox')).toBeChecked()
})

test('tags that were removed are brought back, and a note not saved yet is kept', async ({ lab: { page } }) => {
  await startSpec(page, { ...SMALL, name: 'annotated' })
  await expectStatus(page, 'done')
  const tags = page.getByRole('combobox', { name: 'Tags' })
  for (const tag of ['nvme', 'kernel 6.12']) {
    await tags.fill(tag)
    await tags.press('Enter')
    await expect(page.getByRole('main').getByText(tag, { exact: true })).toBeVisible()
  }
  await page.getByLabel('Note').fill('not saved')
  await page.getByRole('button', { name: 'Remove all tags' }).click()
  await expect(page.getByText('2 tags removed')).toBeVisible()
  await goTo(page, 'History')
  await expect(page.getByRole('link', { name: 'annotated' })).toBeVisible()
  await expect(page.getByRole('main').getByText('nvme')).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('main').getByText('nvme')).toBeVisible()
  await page.getByRole('link', { name: 'annotated' }).click()
  await expect(page.getByRole('main').getByText('kernel 6.12')).toBeVisible()
  await expect(page.getByLabel('Note')).toHaveValue('not saved')
  await expect(page.getByText('Not saved yet')).toBeVisible()
})
