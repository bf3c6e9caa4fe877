import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type History, openHistory } from '../../../db/index.ts'
import { someHost, someSpec } from '../testing/fake-lab.ts'

vi.mock('./engine-end.ts', () => ({ removeLeftOf: async () => ['The pages that this run had left were removed.'] }))

const AT = '2026-01-02T03:04:05.000Z'
const OWNER = { pid: 4711, start: '1000', boot: 'boot-1' }

let dir: string
let history: History
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-orphan-'))
  history = await openHistory(dir)
  await history.rememberHost(someHost)
  await history.rememberExperiment({ hash: 'hash', spec: someSpec('orphan'), createdAt: AT })
  await history.addRun({
    id: 'orphan',
    experimentHash: 'hash',
    name: 'orphan',
    startedAt: AT,
    version: '0.0.0',
    swapDir: dir,
    host: someHost,
    warnings: ['before'],
    trialsTotal: 9,
    owner: OWNER,
  })
  await history.changeRun('orphan', { status: 'running' })
})
afterEach(async () => {
  await history.close()
  rmSync(dir, { recursive: true })
})

/** `interrupt` as each of some processes has it. */
async function processes(count: number) {
  const each: typeof import('./queue.ts')['interrupt'][] = []
  for (let at = 0; at < count; at++) {
    vi.resetModules()
    each.push((await import('./queue.ts')).interrupt)
  }
  return each
}

/** All of them end it, each asked twice. */
async function endedByAll(interrupts: Awaited<ReturnType<typeof processes>>) {
  const [run] = await history.pendingRuns()
  await Promise.all(interrupts.flatMap((interrupt) => [interrupt(history, run), interrupt(history, run)]))
  return await history.readRun('orphan')
}

describe('a run whose owner is gone, ended by everybody who meets it', () => {
  it.each([1, 3])('has one end and one warning, with %i processes', async (count) => {
    const run = await endedByAll(await processes(count))
    expect(run).toMatchObject({
      status: 'interrupted',
      headline: 'Swaplab ended during this run; the 0 of 9 trials it had finished are kept.',
      warnings: ['before', 'The pages that this run had left were removed.'],
    })
  })

  it.each([1, 3])('stays finished where it was collecting more, with %i processes', async (count) => {
    await history.endRun('orphan', { status: 'done', endedAt: AT, durationMs: 1000 })
    await history.requeue('orphan', OWNER)
    await history.changeRun('orphan', { status: 'running' })
    const run = await endedByAll(await processes(count))
    expect(run).toMatchObject({
      status: 'done',
      durationMs: 1000,
      warnings: [
        'before',
        'Collecting more ended early (interrupted).',
        'The pages that this run had left were removed.',
      ],
    })
  })

  it('is left alone where its owner has ended it meanwhile', async () => {
    const [run] = await history.pendingRuns()
    await history.endRun('orphan', { status: 'done', endedAt: AT })
    const [interrupt] = await processes(1)
    await interrupt(history, run)
    expect(await history.readRun('orphan')).toMatchObject({ status: 'done', warnings: ['before'] })
  })
})
