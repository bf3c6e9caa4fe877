import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

/** Of the rules, the one that depends on the colours. */
const OF_COLOURS = ['color-contrast']

/**
 * Nothing on the page keeps anybody out, in light and in dark: no serious and no critical finding. Motion is to be off, which a check must not
 * meet half way; the page is left in light.
 */
export async function expectAccessible(page: Page, { electron = false } = {}): Promise<void> {
  // The page at rest: nothing under the pointer, nothing moving.
  await page.mouse.move(0, 0)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`)).toHaveCount(1)
    const builder = new AxeBuilder({ page })
    // What is drawn is the same in both: the second look is for the colours alone.
    if (colorScheme === 'dark') builder.withRules(OF_COLOURS)
    // Its usual mode opens a page of its own, which the Electron door forbids.
    if (electron) builder.setLegacyMode()
    const { violations } = await builder.analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`,
      ),
      `${page.url()}, ${colorScheme}`,
    ).toEqual([])
  }
}
