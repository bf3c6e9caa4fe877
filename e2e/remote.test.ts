import { REDIS_PROGRAM, startRedis, type TestServer, WITHOUT_REDIS } from '../main/remote/fixture-redis.ts'
import { expect, test } from './fixtures.ts'
import { expectStatus, SMALL, writeSpec } from './run-page.ts'

let server: TestServer | undefined
test.afterEach(() => server?.stop())

test('RAMster, chosen in the form, is asked whether its node is there, measured on it and reported with the path to it', async ({
  lab: { page },
}, info) => {
  info.skip(REDIS_PROGRAM === null, WITHOUT_REDIS)
  const node = await startRedis()
  server = node
  await writeSpec(page, { ...SMALL, name: 'remote', lanes: [{ lane: 'zcache' }, { lane: 'raw' }] })
  await expect(page.getByText('Valid.')).toBeVisible()
  await page.getByRole('tab', { name: 'Form' }).click()
  const lane = page.getByRole('group', { name: /^Lane 2\b/ })
  await lane.getByLabel('Lane', { exact: true }).selectOption('ramster')
  const nodes = lane.getByLabel('Nodes')
  const type = async (address: string) => {
    await nodes.press('Backspace')
    await nodes.fill(address)
    await nodes.press('Enter')
  }
  await type('/nowhere/redis.sock')
  await expect(lane).toContainText('/nowhere/redis.sock cannot be asked')
  await expect(lane).toContainText('redis-server --port 0 --unixsocket /nowhere/redis.sock')
  await page.getByRole('button', { name: /^lanes\.1\.nodes\.0\b/ }).click()
  await expect(nodes).toBeFocused()
  await type(node.path)
  await expect(lane).not.toContainText('cannot be asked')
  await lane.getByLabel('Interval (s)', { exact: true }).fill('0.001')
  await page.getByRole('button', { name: 'Start run' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'remote' })).toBeVisible()
  await expectStatus(page, 'done')
  const latency = page.getByRole('region', { name: 'Latency' })
  await latency.getByLabel('Latency of').selectOption('Fault from another machine')
  await expect(latency.getByRole('img', { name: /Fault from another machine/ })).toBeVisible()
  const paths = page.getByRole('region', { name: 'Where fault time goes' }).getByRole('figure').getByRole('list')
  await expect(paths).toContainText('Another machine')
  await expect(page.getByRole('region', { name: 'Measured on' })).toContainText(
    'no maxmemory, noeviction): on this host, so that its memory is this RAM too',
  )
  expect(await node.ask('DBSIZE')).toBe(':0\r\n')
})
