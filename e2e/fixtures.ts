import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  _electron,
  type BrowserContext,
  test as base,
  type ElectronApplication,
  expect,
  type Page,
} from '@playwright/test'
import { type Door, enginesOf, LabProcess, ROOT } from './lab-process.ts'

export { expect }

/** Why the Electron door cannot be tested here; null where it can. */
function electronIsMissing(): string | null {
  if (!existsSync(join(ROOT, 'node_modules/electron/path.txt')))
    return "Electron's program is not here (npx install-electron fetches it)"
  if (process.getuid?.() === 0) return "Electron's sandbox does not run as root"
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  return null
}

/** A lab with a window on it, and what can happen to the two. */
export interface OpenLab {
  /** Changes with a restart. */
  readonly page: Page
  readonly dataDir: string
  /** Processes of engines at work. */
  engines(): number[]
  /** Ends the lab in order and opens it again on the same history. */
  restart(): Promise<void>
  /** kill -9 of the lab, then opens it again on the same history. */
  crash(): Promise<void>
  /** Stops the lab where it stands, as a machine that sleeps does; `false`: lets it go on. */
  hang(on?: boolean): void
  /** A fresh one-time address; the web door's only. */
  address(): string
}

interface Fixtures {
  door: Door
  dataDir: string
  lab: OpenLab
}

class WebLab implements OpenLab {
  page!: Page
  readonly dataDir: string
  readonly #context: BrowserContext
  #process!: LabProcess

  constructor(context: BrowserContext, dataDir: string) {
    this.#context = context
    this.dataDir = dataDir
  }
  async open(): Promise<void> {
    this.#process = await LabProcess.start(this.dataDir)
    this.page ??= await this.#context.newPage()
    await this.page.goto(this.#process.address)
  }
  engines = () => enginesOf(this.#process.pid)
  address = () => this.#process.address
  async restart(): Promise<void> {
    await this.#process.stop()
    await this.open()
  }
  async crash(): Promise<void> {
    await this.#process.kill()
    await this.open()
  }
  hang = (on = true) => void process.kill(this.#process.pid, on ? 'SIGSTOP' : 'SIGCONT')
  async close(): Promise<void> {
    await this.#process?.stop()
  }
}

class ElectronLab implements OpenLab {
  page!: Page
  readonly dataDir: string
  #app!: ElectronApplication

  constructor(dataDir: string) {
    this.dataDir = dataDir
  }
  async open(): Promise<void> {
    const folder = join(ROOT, 'node_modules/electron')
    this.#app = await _electron.launch({
      executablePath: join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim()),
      args: [ROOT, '--data', this.dataDir, `--user-data-dir=${join(this.dataDir, 'electron')}`],
    })
    this.page = await this.#app.firstWindow()
  }
  engines = () => enginesOf(this.#app.process().pid ?? 0)
  address = () => {
    throw new Error('a window has no address')
  }
  async restart(): Promise<void> {
    await this.#app.close()
    await this.open()
  }
  async crash(): Promise<void> {
    const closed = this.#app.waitForEvent('close')
    this.#app.process().kill('SIGKILL')
    await closed
    await this.open()
  }
  hang = (on = true) => void this.#app.process().kill(on ? 'SIGSTOP' : 'SIGCONT')
  async close(): Promise<void> {
    await this.#app?.close()
  }
}

/** Each test has its own lab on its own history, on the disk of the sources: /tmp may be memory, where no swap file may be. */
export const test = base.extend<Fixtures>({
  door: ['web', { option: true }],
  dataDir: async ({ door }, use) => {
    const parent = join(ROOT, '.cache/e2e')
    mkdirSync(parent, { recursive: true })
    const folder = mkdtempSync(join(parent, `${door}-`))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
  lab: async ({ door, dataDir, context }, use, info) => {
    const missing = door === 'electron' ? electronIsMissing() : null
    info.skip(missing !== null, missing ?? '')
    const lab = door === 'electron' ? new ElectronLab(dataDir) : new WebLab(context, dataDir)
    await lab.open()
    await use(lab)
    await lab.close()
  },
})
