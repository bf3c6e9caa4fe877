import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findChromium } from '../e2e/chromium.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** 170 MB from Playwright's servers; a slower line than this is not worth waiting for. */
const DOWNLOAD_LIMIT_MS = 300_000
const PROBE_LIMIT_MS = 4_000

function attempt(command: string, args: string[], limitMs: number): boolean {
  console.log(`  ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', timeout: limitMs }).status === 0
}

async function answers(origin: string): Promise<boolean> {
  try {
    await fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_LIMIT_MS) })
    return true
  } catch {
    // Whatever the reason, the answer to "can it be fetched from there now" is no.
    return false
  }
}

/**
 * A Chromium for the end-to-end tests: the one that is here, else Debian's (as root), else Playwright's download.
 * @returns its path, or what a person should install.
 */
export async function obtainChromium(): Promise<{ path: string } | { missing: string }> {
  const found = findChromium()
  if (found !== null) return { path: found }
  const asRoot = process.getuid?.() === 0
  if (asRoot && existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium here: installing Debian’s …')
    attempt('apt-get', ['update', '-qq'], DOWNLOAD_LIMIT_MS)
    attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], DOWNLOAD_LIMIT_MS)
    const installed = findChromium()
    if (installed !== null) return { path: installed }
  }
  if (await answers(process.env.PLAYWRIGHT_DOWNLOAD_HOST ?? 'https://cdn.playwright.dev')) {
    console.log('No Chromium here: fetching Playwright’s …')
    attempt(
      process.execPath,
      [join(ROOT, 'node_modules/@playwright/test/cli.js'), 'install', 'chromium'],
      DOWNLOAD_LIMIT_MS,
    )
    const fetched = findChromium()
    if (fetched !== null) return { path: fetched }
  }
  return {
    missing:
      'The end-to-end tests need a Chromium. Install one (Debian: apt-get install chromium; or: npx playwright install chromium), ' +
      'or name one in SWAPLAB_CHROMIUM.',
  }
}
