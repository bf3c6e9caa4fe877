import { expect, test } from './fixtures.ts'
import { expectStatus, goTo, SMALL, startSpec, trials, writeSpec } from './run-page.ts'

test('zswap of 2013 and zram, chosen in the form, are measured and reported beside plain swap', async ({
  lab: { page },
}) => {
  await writeSpec(page, {
    ...SMALL,
    name: 'two more lanes',
    lanes: [{ lane: 'raw' }, { lane: 'zcache' }, { lane: 'zcache', writeback: 'on' }],
  })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('tab', { name: 'Form' }).click()
  const lane = (number: number) => page.getByRole('group', { name: new RegExp(`^Lane ${number}\\b`) })
  // A lane that is moved takes the focus with it.
  await page.getByRole('button', { name: 'Move lane 3 up' }).press('Enter')
  await expect(page.getByRole('button', { name: 'Move lane 2 up' })).toBeFocused()
  await page.getByRole('button', { name: 'Move lane 2 down' }).press('Enter')
  await expect(page.getByRole('button', { name: 'Move lane 3 up' })).toBeFocused()
  await lane(2).getByLabel('Lane', { exact: true }).selectOption('zswap-2013')
  await expect(lane(2)).toContainText('As Linux 3.11 merged it')
  await lane(3).getByLabel('Lane', { exact: true }).selectOption('zram')
  await lane(3).getByLabel('Writeback', { exact: true }).selectOption('idle')
  // What most experiments leave alone is a button away, and says when it was changed.
  await expect(lane(3).getByLabel('mem_limit')).toHaveCount(0)
  await lane(3).getByRole('button', { name: 'More options' }).click()
  await lane(3).getByLabel('mem_limit').selectOption('off')
  await expect(lane(3)).toContainText('changed: mem_limit')
  await page.getByRole('button', { name: 'Start run' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'two more lanes' })).toBeVisible()
  await expectStatus(page, 'done')
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText('none differed')
  for (const name of ['zswap 3.11 lz4', 'zram lz4 writeback idle'])
    await expect(
      page.getByRole('region', { name: 'Throughput and cost' }).getByRole('columnheader', { name }),
    ).toBeVisible()
  await expect(page.getByRole('region', { name: 'Trials', exact: true }).getByRole('row')).toHaveCount(10)
})

test('a lane that is added or duplicated has a name of its own at once', async ({ lab: { page } }) => {
  await goTo(page, 'New run')
  await page.getByRole('button', { name: 'Add lane' }).click()
  await expect(page.getByRole('group', { name: /^Lane 4: zswap/ })).toBeVisible()
  for (const copy of ['raw (copy)', 'raw (copy 2)']) {
    await page.getByRole('button', { name: 'Duplicate lane 1' }).click()
    await expect(page.getByRole('group', { name: `Lane 2: ${copy}` })).toBeVisible()
  }
  await expect(page.getByRole('button', { name: 'Start run' })).toBeEnabled()
})

test('a run that collects until its verdicts stand says so while it does, and afterwards', async ({
  lab: { page },
}) => {
  await startSpec(page, { ...SMALL, name: 'adaptive', adaptive: { limit: 8 }, trials: 6 })
  const progress = page.getByRole('region', { name: 'Progress' })
  await expect(progress).toContainText('blocks are added until the verdicts stand, at most 8 trials a lane')
  await expectStatus(page, 'done', 90_000)
  await expect(page.getByRole('region', { name: 'Verdict' })).toContainText(
    /18 trials were planned, (none was|1 was|\d+ were) added/,
  )
  const { done, planned } = await trials(page)
  expect(done).toBe(planned)
  expect(done).toBeLessThanOrEqual(24)
})
