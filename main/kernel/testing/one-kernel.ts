import { mkdtempSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

/** There is one kernel: the tests that change its swap take turns, whichever process they run in. */
const LOCK = '/var/tmp/swaplab-kernel-test.holder'
/** All of the others may come first, on a busy machine. */
const TURN_LIMIT_MS = 400_000

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
  }, TURN_LIMIT_MS)
  afterAll(() => {
    if (held.folder === '') return
    rmSync(held.folder, { recursive: true, force: true })
    letGo()
  })
  return held
}

/** The lock is a link that names its holder: a run that was killed leaves it behind, one that is slow keeps it. */
async function takeTurn(): Promise<void> {
  for (;;) {
    try {
      symlinkSync(String(process.pid), LOCK)
      return
    } catch {
      if (!isHeld()) letGo()
      await pause(200)
    }
  }
}

/** Not rmSync, which looks for what a link leads to. */
function letGo(): void {
  try {
    unlinkSync(LOCK)
  } catch {} // somebody else was quicker
}

function isHeld(): boolean {
  try {
    process.kill(Number(readlinkSync(LOCK)), 0)
    return true
  } catch (error) {
    // Given back just now; the lock of another user is held.
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EPERM')
  }
}
