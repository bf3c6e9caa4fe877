import { expect, test } from './fixtures.ts'

test.skip(({ door }) => door === 'electron', 'a window needs no address')

test('an address opens the lab once; a second browser needs the next one', async ({ lab, browser }) => {
  const stranger = await browser.newContext()
  const page = await stranger.newPage()
  await page.goto(new URL(lab.page.url()).origin)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This lab needs its address')

  const address = lab.address()
  await page.goto(address)
  await expect(page.getByRole('button', { name: 'Run quick' })).toBeVisible()
  expect(page.url()).not.toContain('token')
  expect(lab.address()).not.toBe(address)

  const third = await (await browser.newContext()).newPage()
  await third.goto(address)
  await expect(third.getByRole('heading', { level: 1 })).toContainText('used already')
  await stranger.close()
})

test('no page breaks its own policy', async ({ lab: { page } }) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  for (const place of ['new', 'history', 'compare', 'host', 'runs/none', 'nowhere']) {
    await page.goto(`${page.url().split('#')[0]}#/${place}`)
    await page.reload()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  expect(complaints.filter((text) => !/not_found|422/.test(text))).toEqual([])
})
