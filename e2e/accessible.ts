import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

/** Of the rules, the one that depends on the colours. */
const OF_COLOURS = ['color-contrast']

/**
 * Nothing on the page keeps anybody out, in light and in dark: no serious and no critical finding. Motion is to be off, which a check must not
 * meet half way; the page is left in light.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // The page at rest: nothing under the pointer, nothing moving.
  await page.mouse.move(0, 0)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`)).toHaveCount(1)
    // Its usual mode is for pages of several frames: it opens one more page, which the Electron door forbids, and takes twice as long.
    expect(page.frames()).toHaveLength(1)
    // To name every element that is in order takes longer than to look at them.
    const builder = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
    // What is drawn is the same in both: the second look is for the colours alone.
    if (colorScheme === 'dark') builder.withRules(OF_COLOURS)
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
