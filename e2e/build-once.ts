import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabProcess, ROOT } from './lab-process.ts'

/** Opens a lab, which builds what is stale, before the tests do: two labs at once would both build into one folder. */
export default async function buildOnce(): Promise<void> {
  const parent = join(ROOT, '.cache/e2e')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'build-'))
  try {
    await (await LabProcess.start(folder)).stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
