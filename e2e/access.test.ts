import type { Page } from '@playwright/test'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './fixtures.ts'
import { ENDLESS, expectStatus, goTo, SMALL, startSpec, writeSpec } from './run-page.ts'

/** Presses Tab until the element named so has the focus. */
async function tabTo(page: Page, name: RegExp, limit = 120): Promise<void> {
  for (let step = 0; step < limit; step++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
    })
    if (name.test(focused.trim())) return
  }
  throw new Error(`nothing named ${name} was reached with ${limit} Tabs`)
}

/** The pages of the menu but New run, as they are now. */
async function everyPlace(page: Page): Promise<void> {
  for (const place of ['History', 'Compare', 'Sweeps', 'Host'] as const)
    await test.step(place.toLowerCase(), async () => {
      await goTo(page, place)
      await page.waitForLoadState('networkidle')
      await expectAccessible(page)
    })
}

test('a run is started, cancelled and found with the keyboard alone', async ({ lab: { page } }) => {
  await startSpec(page, SMALL)
  await expectStatus(page, 'done')
  await goTo(page, 'New run')
  // A fresh page: the focus starts at its top.
  await page.reload()
  await expect(page.getByRole('button', { name: 'Run quick' })).toBeVisible()

  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await tabTo(page, /^Run quick$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Cancel run' })).toBeVisible()
  await tabTo(page, /^Cancel run$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await tabTo(page, /^Yes, cancel$/)
  await page.keyboard.press('Enter')
  await expectStatus(page, 'cancelled')

  // The dialog is gone, and so is the button that opened it.
  await expect(page.getByRole('main')).toBeFocused()
  await page.keyboard.press('Control+K')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await tabTo(page, /^small$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'small' })).toBeVisible()
})

test('no page keeps anybody out, from an empty history to a trend', async ({ lab: { page } }) => {
  test.setTimeout(240_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await test.step('empty history', async () => {
    await goTo(page, 'History')
    await expectAccessible(page)
  })
  await test.step('new run, as a form and as text', async () => {
    await goTo(page, 'New run')
    await expect(page.getByRole('button', { name: 'Check again' })).toBeEnabled()
    for (const more of await page.getByRole('button', { name: 'More options' }).all()) await more.click()
    await expectAccessible(page)
    await page.getByLabel('Accesses', { exact: true }).fill('10')
    await expect(page.getByText('One field needs attention')).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Reset to defaults' }).click()
    await page.getByRole('tab', { name: 'YAML' }).click()
    await expect(page.getByText('Valid.')).toBeVisible()
    await expectAccessible(page)
  })
  await test.step('report', async () => {
    await startSpec(page, SMALL)
    await expectStatus(page, 'done')
    await expect(page.getByRole('region', { name: 'Counters' })).toBeVisible()
    await page.getByRole('navigation', { name: 'Parts' }).getByRole('button', { name: 'Counters' }).press('Enter')
    await expect(page.getByRole('region', { name: 'Counters' })).toBeFocused()
    // Every metric says what it is, by keyboard too.
    const metrics = page.getByRole('table', { name: 'Throughput and cost by lane' })
    await expect(metrics.getByRole('rowheader')).not.toHaveCount(0)
    await expect(metrics.getByRole('rowheader').filter({ hasNot: page.getByRole('button') })).toHaveCount(0)
    await metrics.getByRole('button', { name: 'accesses.per_s' }).press('Enter')
    await expect(metrics).toContainText('Measured accesses over the time they took')
    // What a chart says is read with the keyboard; a line that is hidden is not.
    const spread = page.getByRole('region', { name: 'Spread of the trials' })
    await spread.getByRole('button', { name: 'raw' }).press('Enter')
    await spread.getByRole('application').press('End')
    await expect(spread.getByRole('status')).toContainText(/^block \d+: zcache/)
    await page.getByRole('button', { name: 'Export' }).click()
    await expect(page.getByRole('menuitem')).toHaveCount(4)
    await expectAccessible(page)
    await page.keyboard.press('Escape')
  })
  await test.step('trend', async () => {
    await page.getByRole('button', { name: 'Trend', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Steps' })).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('application').press('End')
    await page.keyboard.press('Enter')
    await expectStatus(page, 'done')
  })
  await everyPlace(page)
})

test('no page keeps anybody out, of runs and sweeps under way', async ({ lab: { page } }) => {
  test.setTimeout(240_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await test.step('live', async () => {
    await startSpec(page, ENDLESS)
    await expectStatus(page, 'running')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Cancel run' }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Yes, cancel' }).click()
    await expectStatus(page, 'cancelled')
  })
  await test.step('new sweep, and a sweep', async () => {
    await writeSpec(page, SMALL)
    await expect(page.getByText('Valid.')).toBeVisible()
    await page.getByRole('link', { name: 'Sweep…' }).click()
    await page.getByRole('combobox', { name: 'Field' }).fill('lanes.2.codec')
    await page.getByRole('textbox', { name: /^Values/ }).fill('lz4, none of these')
    await expect(page.getByRole('textbox', { name: /^Values/ })).toHaveAttribute('aria-invalid', 'true')
    await expectAccessible(page)
    await page.getByRole('textbox', { name: /^Values/ }).fill('lz4')
    await page.getByRole('button', { name: 'Start sweep' }).click()
    await expectStatus(page, 'done')
    await expect(page.getByRole('table', { name: 'Points of the sweep' })).toBeVisible()
    await expectAccessible(page)
  })
  await everyPlace(page)
})
