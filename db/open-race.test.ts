import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openHistory } from './open.ts'

/** Another process is always a moment sooner. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const mkdirSync = (path: string, options: { mode: number }) => {
    fs.mkdirSync(path, options)
    return fs.mkdirSync(path, options)
  }
  return { ...fs, mkdirSync }
})

it('takes the folder that another process has made at the same time', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'swaplab-race-'))
  const history = await openHistory(join(dir, 'new', 'data'))
  expect(await history.pendingRuns()).toEqual([])
  await history.close()
  rmSync(dir, { recursive: true })
})
