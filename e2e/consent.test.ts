import { serveFixture } from '../renderer/fixture-lab/serve.ts'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './fixtures.ts'
import { goTo } from './run-page.ts'

/** The suite may run as root, whom nobody has to ask: so the window is shown a lab that must ask, and that measures nothing. */
test.describe('kernel lanes without privileges', () => {
  test.skip(({ door }) => door === 'electron', 'the same window, on the fixture lab')

  test('are started only with consent, and a refusal changes nothing', async ({ page }) => {
    const { origin, close } = await serveFixture('empty', 0)
    try {
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await page.goto(origin)
      const run = page.getByRole('button', { name: 'Run twin' })
      await run.focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Allow changes to the swap of this host?' })
      await expect(dialog).toContainText('vm.page-cluster: 3 → 0')
      await expect(dialog).toContainText('before it is changed')
      await expectAccessible(page)

      // The keyboard stays in the dialog, and is back on the button afterwards.
      for (let step = 0; step < 6; step++) {
        await page.keyboard.press('Tab')
        expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
      }
      await page.keyboard.press('Escape')
      await expect(dialog).toHaveCount(0)
      await expect(run).toBeFocused()
      await expect(page.getByRole('alert').filter({ hasText: 'Nothing was started' })).toBeVisible()
      await goTo(page, 'History')
      await expect(page.getByRole('main')).toContainText(/no run|nothing|empty|not.*yet/i)

      await goTo(page, 'New run')
      await page.getByRole('button', { name: 'Run twin' }).click()
      await dialog.getByRole('button', { name: 'Allow and start' }).click()
      await expect(page.getByRole('heading', { level: 1, name: /model and this kernel/ })).toBeVisible()

      // A calibration against the kernel asks the same way, shows what it is at, and is kept.
      await goTo(page, 'Host')
      const calibration = page.getByRole('region', { name: 'Calibration' })
      await calibration.getByLabel('Beside').selectOption('kernel')
      await calibration.getByRole('button', { name: 'Calibrate' }).click()
      await dialog.getByRole('button', { name: 'Allow and start' }).click()
      await expect(calibration.getByRole('button', { name: 'Cancel calibration' })).toBeVisible()
      await expect(dialog).toHaveCount(0)
      await page.reload()
      await expect(calibration.getByRole('table', { name: 'Store and load beside the kernel' })).toBeVisible()
      await expectAccessible(page)
    } finally {
      close()
    }
  })
  test('a report with twins and one with flagged trials keep nobody out', async ({ page }) => {
    const { origin, close } = await serveFixture('full', 0)
    try {
      for (const [run, panel] of [
        ['twin', 'Model and kernel'],
        ['lanes', 'Trials'],
      ]) {
        await page.goto(`${origin}/#/runs/${run}`)
        await expect(page.getByRole('region', { name: panel, exact: true })).toBeVisible()
        await expect(page.getByRole('region', { name: 'Counters' })).toBeVisible()
        await expectAccessible(page)
      }
      await expect(page.getByRole('list', { name: 'Flags' }).first()).toBeVisible()
    } finally {
      close()
    }
  })
})
