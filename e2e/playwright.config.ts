import { defineConfig } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from './chromium.ts'
import type { Door } from './lab-process.ts'

/**
 * One suite, every door that can be opened here. Two tests at a time, each with a lab and a history of its own: most of a test is waiting, and
 * none looks at how fast anything was.
 */
export default defineConfig<{ door: Door }>({
  testDir: import.meta.dirname,
  outputDir: '../test-results',
  globalSetup: './build-once.ts',
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    launchOptions: { executablePath: findChromium() ?? undefined, args: CHROMIUM_ARGS },
    viewport: { width: 1280, height: 860 },
    locale: 'en-GB',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'web', use: { door: 'web' } },
    { name: 'electron', use: { door: 'electron' } },
  ],
})
