import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import { FailedStart, LabProcess } from './lab-process.ts'
import { ENDLESS, expectStatus, goTo, MANY_TRIALS, SMALL, startSpec, trialsDone, writeSpec } from './run-page.ts'
import { makeSmallDisk } from './small-disk.ts'

test.describe('the engine is killed', () => {
  test('its run fails and says so, its finished trials stay, and the next run works', async ({ lab }) => {
    const { page } = lab
    await startSpec(page, MANY_TRIALS)
    await expect.poll(() => trialsDone(page), { timeout: 90_000 }).toBeGreaterThan(0)
    const [engine] = lab.engines()
    process.kill(engine, 'SIGKILL')

    await expectStatus(page, 'failed')
    await expect(page.getByRole('alert').filter({ hasText: 'This run failed' })).toContainText('engine_died')
    expect(await trialsDone(page)).toBeGreaterThan(0)
    await expect(page.getByRole('region', { name: 'Latency' })).toBeVisible()
    await goTo(page, 'History')
    await expect(page.getByRole('row').filter({ hasText: 'many trials' })).toContainText(
      /failed.*was killed by SIGKILL/,
    )

    await startSpec(page, SMALL)
    await expectStatus(page, 'done')
  })
})

test.describe('the lab is killed', () => {
  test('at the next start the run is interrupted, its finished trials are there, and no engine is left', async ({
    lab,
  }) => {
    await startSpec(lab.page, MANY_TRIALS)
    await expect.poll(() => trialsDone(lab.page), { timeout: 90_000 }).toBeGreaterThan(0)
    const [engine] = lab.engines()
    await lab.crash()

    await goTo(lab.page, 'History')
    await lab.page.getByRole('link', { name: 'many trials' }).click()
    await expectStatus(lab.page, 'interrupted')
    expect(await trialsDone(lab.page)).toBeGreaterThan(0)
    // The engine notices that nobody listens any more.
    await expect.poll(() => isRunning(engine), { timeout: 30_000 }).toBe(false)
  })

  test('the window says so, and goes on when the lab is back', async ({ lab, door }) => {
    test.skip(door === 'electron', 'the window goes with the lab')
    await startSpec(lab.page, SMALL)
    await expectStatus(lab.page, 'done')
    await lab.crash()
    await goTo(lab.page, 'History')
    await expect(lab.page.getByRole('link', { name: 'small' })).toBeVisible()
  })
})

test.describe('the lab does not answer', () => {
  test('the window says so and for how long, and goes on by itself when the lab does', async ({ lab, door }) => {
    test.skip(door === 'electron', 'what stops with the lab there is what the test speaks with too')
    const { page } = lab
    await startSpec(page, ENDLESS)
    await expect.poll(() => lab.engines().length).toBe(1)
    lab.hang()
    try {
      const banner = page.getByRole('status').filter({ hasText: 'The lab does not answer' })
      await expect(banner).toContainText(/It has not for [5-9] s/)
      await expect(banner).toContainText(/It has not for 1\d s/)
      lab.hang(false)
      await expect(banner).toBeHidden()
    } finally {
      lab.hang(false)
    }
    await page.getByRole('button', { name: 'Cancel run' }).click()
    await page.getByRole('button', { name: 'Yes, cancel' }).click()
    await expectStatus(page, 'cancelled')
  })

  test('over a connection that leads nowhere any more: the window takes another', async ({ dataDir, page, door }) => {
    test.skip(door === 'electron', 'a window has no network between')
    const labPort = await freePort()
    // What lies between browser and lab: it forgets its connections, as the network of a laptop that slept, and takes new ones.
    const through = new Set<Socket>()
    const network = createServer((near) => {
      const far = connect(labPort, '127.0.0.1')
      through.add(near).add(far)
      near.on('error', () => far.destroy()).pipe(far)
      far.on('error', () => near.destroy()).pipe(near)
    })
    const port = await listening(network)
    let lab: LabProcess | undefined
    try {
      lab = await LabProcess.start(dataDir, ['--origin', `http://127.0.0.1:${port}`, '--port', String(labPort)])
      await page.goto(lab.address)
      // A run first: the pages it needs are there then. One that is being fetched when the connection goes would not come.
      await startSpec(page, SMALL)
      await expectStatus(page, 'done')
      for (const socket of through) socket.unpipe().pause()
      await expect(page.getByText('The lab does not answer')).toBeVisible()
      await expect(page.getByText('The lab does not answer')).toBeHidden()
      await startSpec(page, { ...SMALL, name: 'afterwards' })
      await expectStatus(page, 'done')
    } finally {
      for (const socket of through) socket.destroy()
      network.close()
      await lab?.stop()
    }
  })
})

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return address.port
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await once(server.close(), 'close')
  return port
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.describe('a bad specification', () => {
  test('is refused where it is written, naming the field', async ({ lab: { page } }) => {
    await page.getByLabel('Accesses', { exact: true }).fill('10')
    await expect(page.getByText('One field needs attention')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Start run' })).toBeDisabled()
    await page.getByRole('button', { name: 'workload.operations' }).click()
    await expect(page.getByLabel('Accesses', { exact: true })).toBeFocused()
    await page.getByLabel('Accesses', { exact: true }).fill('6000')
    await expect(page.getByRole('button', { name: 'Start run' })).toBeEnabled()
  })

  test('as text is refused with the line of the contract, and nothing is started', async ({ lab }) => {
    const { page } = lab
    await writeSpec(page, { ...SMALL, memroy: {} })
    await expect(page.getByText(/memroy/).last()).toBeVisible()
    await expect(page.getByRole('button', { name: 'Start run' })).toBeDisabled()
    // Neither is the A/A of what stood in the form before.
    await expect(page.getByRole('button', { name: 'Run A/A' })).toBeDisabled()
    await page.getByLabel('Specification (YAML or JSON)').fill('{ not: [yaml')
    await expect(page.getByRole('button', { name: 'Start run' })).toBeDisabled()
    expect(lab.engines()).toEqual([])
  })

  test('a swap directory that is not there is refused with what to do', async ({ lab: { page } }) => {
    await writeSpec(page, SMALL)
    await expect(page.getByText('Valid.')).toBeVisible()
    await page.getByLabel('Swap directory').fill('/nowhere/at/all')
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'The lab refused this run' })).toContainText(
      '/nowhere/at/all',
    )
  })
})

test.describe('no space', () => {
  test('is foretold before the start, the run is refused with what to do, and the disk is as it was', async ({
    lab,
  }) => {
    const { page, dataDir } = lab
    const disk = makeSmallDisk(dataDir, 320)
    test.skip(typeof disk === 'string', String(disk))
    if (typeof disk === 'string') return
    try {
      const free = () => statfsSync(disk.path).bavail
      const before = free()
      await writeSpec(page, { ...SMALL, name: 'too large', workload: { ...SMALL.workload, pages: 80_000 } })
      await expect(page.getByText('Valid.')).toBeVisible()
      await page.getByLabel('Swap directory').fill(disk.path)
      await expect(page.getByText('The swap file does not fit')).toBeVisible()
      await page.getByRole('button', { name: 'Start run' }).click()
      const refusal = page.getByRole('alert').filter({ hasText: 'no_space' })
      await expect(refusal).toBeVisible({ timeout: 60_000 })
      await expect.poll(() => lab.engines()).toEqual([])
      expect(free()).toBe(before)
      expect(readdirSync(disk.path).filter((name) => name !== 'lost+found')).toEqual([])

      // The same disk has room for a smaller one.
      await startSpec(page, {
        ...SMALL,
        memory: { frames: 512, pool: 128 },
        workload: { ...SMALL.workload, pages: 1536 },
      })
      await expectStatus(page, 'done')
    } finally {
      disk.remove()
    }
  })

  test('in memory there is no room for a swap file at all', async ({ lab: { page } }) => {
    const shared = statfsSync('/dev/shm', { bigint: false })
    const TMPFS_MAGIC = 0x01021994
    test.skip(shared.type !== TMPFS_MAGIC, '/dev/shm is not memory here')
    await writeSpec(page, SMALL)
    await expect(page.getByText('Valid.')).toBeVisible()
    await page.getByLabel('Swap directory').fill('/dev/shm')
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect(page.getByRole('alert').filter({ hasText: /unsafe_target|no_direct_io/ })).toBeVisible({
      timeout: 60_000,
    })
  })
})

test.describe('a start that fails', () => {
  test.skip(({ door }) => door === 'electron', 'the same start, through the web door')

  const failure = async (start: Promise<LabProcess>): Promise<FailedStart> => {
    const outcome = await start.then(
      async (lab) => {
        await lab.stop()
        return new Error('the lab opened')
      },
      (error: unknown) => error,
    )
    if (!(outcome instanceof FailedStart)) throw outcome
    return outcome
  }

  test('on a history that is not one says so, and leaves the file alone', async ({ dataDir }) => {
    const file = join(dataDir, 'history.sqlite')
    const text = 'this is no database\n'.repeat(500)
    writeFileSync(file, text)
    const { code, said } = await failure(LabProcess.start(dataDir))
    expect(code).toBe(1)
    expect(said).toContain(file)
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(said).not.toMatch(/^\s+at /m)
  })

  test('on a port in use says which, and what to do', async ({ dataDir }) => {
    mkdirSync(join(dataDir, 'one'))
    const first = await LabProcess.start(join(dataDir, 'one'))
    const { port } = new URL(first.address)
    const { code, said } = await failure(LabProcess.start(join(dataDir, 'two'), ['--port', port]))
    expect(code).toBe(1)
    expect(said).toContain(`Port ${port}`)
    expect(said).toContain('--port')
    expect(await first.stop()).toBe(0)
  })

  test('with an option that makes no sense says which', async ({ dataDir }) => {
    expect((await failure(LabProcess.start(dataDir, ['--port', 'x']))).said).toContain('--port takes a number')
    expect((await failure(LabProcess.start(dataDir, ['--nonsense']))).said).toContain('--nonsense')
  })
})

test('ending the lab ends its engine', async ({ lab }) => {
  await startSpec(lab.page, ENDLESS)
  await expect.poll(() => lab.engines().length).toBe(1)
  const [engine] = lab.engines()
  await lab.restart()
  expect(isRunning(engine)).toBe(false)
  await goTo(lab.page, 'History')
  await lab.page.getByRole('link', { name: 'endless' }).click()
  await expectStatus(lab.page, 'interrupted')
})
