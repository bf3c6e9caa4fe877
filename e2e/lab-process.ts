import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export type Door = 'web' | 'electron'

export const ROOT = resolve(import.meta.dirname, '..')

/** The lab builds what is stale before it opens, so the first start of a suite may take longer. */
const START_LIMIT_MS = 120_000

/** A lab that did not open: how it ended and what it said. */
export class FailedStart extends Error {
  readonly code: number | null
  readonly said: string
  constructor(code: number | null, said: string) {
    super(`the lab ended with ${code} before it opened:\n${said}`)
    this.code = code
    this.said = said
  }
}

/** One `npm start` of the web door, as a person would have it in a terminal. */
export class LabProcess {
  readonly #child: ChildProcess
  readonly #addresses: string[] = []
  #said = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.on('data', (chunk: Buffer) => this.#hear(chunk))
    child.stderr?.on('data', (chunk: Buffer) => this.#hear(chunk))
  }

  #hear(chunk: Buffer): void {
    this.#said += chunk.toString()
    for (const [url] of chunk.toString().matchAll(/http:\/\/\S+\?token=\S+/g)) this.#addresses.push(url)
  }

  /** @throws FailedStart where it ends before it prints its address. */
  static async start(dataDir: string, options: string[] = []): Promise<LabProcess> {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'main/hosts/start.ts'), '--web', '--no-open', '--data', dataDir, ...options],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const lab = new LabProcess(child)
    const ended = once(child, 'close').then(([code]) => {
      throw new FailedStart(code, lab.#said)
    })
    const opened = (async () => {
      const until = Date.now() + START_LIMIT_MS
      while (lab.#addresses.length === 0) {
        if (Date.now() > until) throw new FailedStart(null, `${lab.#said}\n(still not open)`)
        await new Promise((go) => setTimeout(go, 20))
      }
    })()
    await Promise.race([opened, ended])
    // From here on its end is the business of stop() and kill().
    ended.catch(() => undefined)
    return lab
  }

  /** The newest one-time address. */
  get address(): string {
    return this.#addresses[this.#addresses.length - 1]
  }

  get said(): string {
    return this.#said
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Ends it as Ctrl-C does; the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close')
      this.#child.kill('SIGINT')
      await closed
    }
    return this.#child.exitCode
  }

  /** kill -9: no last word. */
  async kill(): Promise<void> {
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }
}

/** The engine processes that descend from a process, by what they run. */
export function enginesOf(pid: number): number[] {
  const found: number[] = []
  const visit = (parent: number): void => {
    for (const thread of listed(`/proc/${parent}/task`))
      for (const child of read(`/proc/${parent}/task/${thread}/children`).split(' ').filter(Boolean).map(Number)) {
        const command = read(`/proc/${child}/cmdline`)
        if (/bench\/process\.ts|out\/main\/engine\.js|node\.mojom\.NodeService/.test(command)) found.push(child)
        visit(child)
      }
  }
  visit(pid)
  return found
}

/** Processes come and go while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
function listed(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
