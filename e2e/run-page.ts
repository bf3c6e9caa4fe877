import type { Page } from '@playwright/test'
import type { ExperimentInput } from '../main/contract/index.ts'
import { expect } from './fixtures.ts'

/** What a person does in the window, in the person's words. */

/** Seconds of work on any machine; synthetic content, so that nothing depends on what runs beside it. */
export const SMALL: ExperimentInput = {
  name: 'small',
  memory: { frames: 1024, pool: 448 },
  workload: { content: { source: 'synthetic', pages: 256 }, pages: 3072, operations: 6000 },
  trials: 3,
}

/** Longer than any test waits: for what happens to a run under way. */
export const ENDLESS: ExperimentInput = {
  ...SMALL,
  name: 'endless',
  workload: { ...SMALL.workload, operations: 50_000_000 },
  trials: 3,
}

/** Small trials, many of them: for a run that has finished some when it ends. */
export const MANY_TRIALS: ExperimentInput = { ...SMALL, name: 'many trials', trials: 100 }

export const goTo = async (page: Page, place: 'New run' | 'History' | 'Compare' | 'Sweeps' | 'Host') => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

/** Writes a specification as text; does not start it. */
export async function writeSpec(page: Page, spec: unknown): Promise<void> {
  await goTo(page, 'New run')
  await page.getByRole('tab', { name: 'YAML' }).click()
  await page.getByLabel('Specification (YAML or JSON)').fill(JSON.stringify(spec, null, 2))
}

/** Starts a specification and waits until the lab has taken it. */
export async function startSpec(page: Page, spec: ExperimentInput): Promise<void> {
  await writeSpec(page, spec)
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('button', { name: 'Start run' }).click()
  await expect(page.getByRole('heading', { level: 1, name: spec.name })).toBeVisible()
}

/** The run on the page has this status. */
export async function expectStatus(page: Page, status: string, timeout = 60_000): Promise<void> {
  const header = page.getByRole('main').getByText(status, { exact: true }).first()
  await expect(header).toBeVisible({ timeout })
}

/** Trials of the run on the page: finished, and planned. */
export async function trials(page: Page): Promise<{ done: number; planned: number }> {
  const text = await page
    .getByRole('main')
    .getByText(/\d+ of \d+ trials?$/)
    .first()
    .textContent()
  const [, done, planned] = /(\d+) of (\d+) trials?$/.exec(text ?? '') ?? []
  return { done: Number(done), planned: Number(planned) }
}
export const trialsDone = async (page: Page): Promise<number> => (await trials(page)).done
