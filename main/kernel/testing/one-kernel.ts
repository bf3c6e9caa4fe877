import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

/** There is one kernel: the tests that change its swap take turns, whichever process they run in. */
const LOCK = '/var/tmp/swaplab-kernel-test.lock'
/** A run that was killed leaves it behind. */
const LOCK_LIMIT_MS = 90_000

/**
 * The kernel for the tests of one `describe`, and a folder on a real disk, which is gone afterwards. Nothing is taken where there is a reason
 * why they are skipped.
 */
export function holdKernel(skipped: string | null): { readonly folder: string } {
  const held = { folder: '' }
  beforeAll(async () => {
    if (skipped !== null) return
    await takeTurn()
    held.folder = mkdtempSync('/var/tmp/swaplab-kernel-')
  }, 100_000)
  afterAll(() => {
    if (held.folder === '') return
    rmSync(held.folder, { recursive: true, force: true })
    rmSync(LOCK, { recursive: true, force: true })
  })
  return held
}

async function takeTurn(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(LOCK)
      return
    } catch {
      const held = statSync(LOCK, { throwIfNoEntry: false })
      if (held && Date.now() - held.mtimeMs > LOCK_LIMIT_MS) rmSync(LOCK, { recursive: true, force: true })
      await pause(200)
    }
  }
}
