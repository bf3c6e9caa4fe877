import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { LabError, LabFault } from '../contract/index.ts'
import { type Launched, launch } from './launch.ts'
import { type Way, wayToPrivileges } from './privileges.ts'
import { READABLE, refusedBy } from './refusal.ts'
import type { HelperRequest, Preparation, Prepared, Status } from './settings.ts'
import type { Restored } from './undo.ts'

/** The helper as its client sees it. It restores by itself when this process ends, in whichever way. */
export interface Helper {
  readonly pid: number | undefined
  status(): Promise<Status>
  /** @throws LabError unavailable, busy, no_permission; everything is as before then */
  prepare(preparation: Preparation): Promise<Prepared>
  drop(): Promise<void>
  /** From now on zswap is over its limit, and writes back what it holds; only after prepare of a zswap lane. */
  closePool(): Promise<void>
  /** fdatasync of the swap file. Returns its latency, ns. */
  flush(): Promise<number>
  /** @throws LabError `busy` while another helper's run is under way */
  restore(): Promise<Restored>
  /** Restores, and ends it. */
  close(): Promise<void>
}

export interface HelperOptions {
  /** Data folder, where the journal is kept. */
  folder: string
  /** The user has said that sudo or pkexec may be used. Without it they never are. */
  consent: boolean
}

/** While somebody is asked for the permission, which may take as long as they like. */
export interface Waiting {
  signal: AbortSignal
  /** At once, and again and again. */
  word(): void
}

/** How often it is said that a permission is waited for, ms: an engine that says nothing is taken for one that hangs. */
const WORD_EVERY_MS = 1_000

/**
 * A helper that has been allowed and has answered; one that cannot is ended first.
 * @throws LabError no_permission, unavailable, cancelled, and its own
 */
export async function readyHelper(
  options: HelperOptions,
  way: Way = wayToPrivileges(),
  waiting?: Waiting,
): Promise<Helper> {
  const asks = way.way === 'ask' && options.consent ? waiting : undefined
  const word = asks && setInterval(asks.word, WORD_EVERY_MS)
  asks?.word()
  try {
    const helper = new HelperProcess(await launch(options.folder, options.consent, way), way)
    try {
      await helper.answered(waiting?.signal)
    } catch (error) {
      if (!waiting?.signal.aborted) await helper.close()
      throw error
    }
    return helper
  } finally {
    clearInterval(word)
  }
}

interface Question {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Enough for the reason of a refusal, bytes. */
const STDERR_TAIL = 2048

class HelperProcess implements Helper {
  private readonly child: ChildProcess
  private readonly waiting: Question[] = []
  private readonly over: Promise<void>
  private gone: LabError | null = null
  /** It has said something: whoever had to allow it has. */
  private begun = false
  private tail = ''

  constructor({ child, answered }: Launched, way: Way) {
    this.child = child
    child.stderr?.on('data', (chunk: Buffer) => {
      this.tail = (this.tail + chunk.toString('utf8')).slice(-STDERR_TAIL)
    })
    // EPIPE: its exit says the rest.
    child.stdin?.on('error', () => {})
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.begun = true
        answered()
        this.hear(line)
      })
    this.over = new Promise((resolve) => {
      const end = (how: string, code: number | null, signal: NodeJS.Signals | null) => {
        answered()
        const refusal = way.way === 'ask' && !this.begun ? refusedBy(way, { code, signal }, this.tail) : null
        this.gone ??= refusal ?? this.deathOf(how)
        for (const { reject } of this.waiting.splice(0)) reject(this.gone)
        resolve()
      }
      child.on('error', (error) => {
        // Also where it may not be killed any more: then it runs.
        if (child.pid === undefined) end(`could not be started: ${error.message}`, null, null)
      })
      child.once('close', (code, signal) =>
        end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`, code, signal),
      )
    })
  }

  private deathOf(how: string): LabError {
    return new LabError({
      code: 'unavailable',
      message: `The privileged helper of the kernel lanes ${how}.${this.tail ? ` It said: ${this.tail.trim()}` : ''}`,
      remedy: this.begun ? '"swaplab restore" puts the host back.' : `${READABLE} Nothing was changed.`,
    })
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  private hear(line: string): void {
    const waiting = this.waiting.shift()
    if (!waiting) return
    try {
      const word: { ok: boolean; answer?: unknown; fault?: unknown } = JSON.parse(line)
      if (word.ok) waiting.resolve(word.answer)
      else waiting.reject(new LabError(LabFault.parse(word.fault)))
    } catch (error) {
      waiting.reject(error)
    }
  }

  private ask<T>(request: HelperRequest): Promise<T> {
    if (this.gone) return Promise.reject(this.gone)
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ resolve: (value) => resolve(value as T), reject })
      this.child.stdin?.write(`${JSON.stringify(request)}\n`)
    })
  }

  /** Waits until it has been allowed and answers. @throws LabError cancelled, and those of status */
  async answered(signal?: AbortSignal): Promise<void> {
    const given = () => {
      this.gone ??= new LabError({ code: 'cancelled', message: 'The permission is not waited for any longer.' })
      for (const { reject } of this.waiting.splice(0)) reject(this.gone)
      // What asks for a password is still the user's own, and goes. A helper that was allowed meanwhile sees its stdin end.
      this.child.stdin?.end()
      this.child.kill()
    }
    if (signal?.aborted) given()
    signal?.addEventListener('abort', given, { once: true })
    try {
      await this.status()
    } finally {
      signal?.removeEventListener('abort', given)
    }
  }

  status(): Promise<Status> {
    return this.ask({ verb: 'status' })
  }

  prepare(preparation: Preparation): Promise<Prepared> {
    return this.ask({ verb: 'prepare', preparation })
  }

  async drop(): Promise<void> {
    await this.ask({ verb: 'drop' })
  }

  async closePool(): Promise<void> {
    await this.ask({ verb: 'close-pool' })
  }

  flush(): Promise<number> {
    return this.ask({ verb: 'flush' })
  }

  restore(): Promise<Restored> {
    return this.ask({ verb: 'restore' })
  }

  async close(): Promise<void> {
    this.child.stdin?.end()
    await this.over
  }
}
