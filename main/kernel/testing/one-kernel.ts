import { mkdirSync, rmSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** There is one kernel: the tests that change its swap take turns, whichever process they run in. */
const LOCK = '/var/tmp/swaplab-kernel-test.lock'
/** A run that was killed leaves it behind. */
const LOCK_LIMIT_MS = 90_000

export async function takeKernel(): Promise<void> {
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

export function giveKernelBack(): void {
  rmSync(LOCK, { recursive: true, force: true })
}
