import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

/** Names under which systems install it, best first. */
const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The measuring lab shares the machine with the browser: whatever a browser does of its own accord is noise. */
export const CHROMIUM_ARGS = [
  // As root Chromium's sandbox does not start, and the only page it loads is the lab's own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A name on the path may be a stub that only tells how to install the real one, so it must say its version. */
function works(file: string): boolean {
  try {
    return /\d+\.\d+/.test(execFileSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' }))
  } catch {
    return false
  }
}

/** A Chromium that starts: the one named by SWAPLAB_CHROMIUM, Playwright's own, or the system's. Null where there is none. */
export function findChromium(): string | null {
  const named = process.env.SWAPLAB_CHROMIUM
  const system = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => SYSTEM_NAMES.map((name) => ({ file: join(folder, name), rank: SYSTEM_NAMES.indexOf(name) })))
    .sort((a, b) => a.rank - b.rank)
    .map(({ file }) => file)
  const candidates = [...(named ? [named] : []), chromium.executablePath(), ...system]
  return candidates.find((file) => isExecutable(file) && works(file)) ?? null
}
