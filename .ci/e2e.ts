import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { obtainChromium } from './chromium.ts'

/** `npm run e2e [-- playwright's arguments]`: finds or installs a Chromium, then runs the suite. */
const ROOT = resolve(import.meta.dirname, '..')

const browser = await obtainChromium()
if ('missing' in browser) {
  console.error(browser.missing)
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/@playwright/test/cli.js'),
    'test',
    '--config',
    'e2e/playwright.config.ts',
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SWAPLAB_CHROMIUM: browser.path } },
)
process.exit(status ?? 1)
