import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { LabError, LabFault } from '../contract/index.ts'
import { NODE_ENVIRONMENT, NODE_SETTINGS, packageFile } from './package-file.ts'
import { type Way, wayToPrivileges } from './privileges.ts'
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

/** @throws LabError no_permission, unavailable */
export function startHelper({ folder, consent }: HelperOptions, way: Way = wayToPrivileges()): Helper {
  const node = [process.execPath, packageFile('privileged/process.ts'), folder]
  return new HelperProcess(launch(node, consent, way), way)
}

/** A helper that has answered; one that cannot is ended first. @throws LabError no_permission, unavailable, and its own */
export async function readyHelper(options: HelperOptions, way: Way = wayToPrivileges()): Promise<Helper> {
  const helper = startHelper(options, way)
  try {
    await helper.status()
  } catch (error) {
    await helper.close()
    throw error
  }
  return helper
}

function launch(node: string[], consent: boolean, way: Way): ChildProcess {
  // A session of its own: Ctrl-C reaches the lab, which ends things in order.
  const options = { detached: true, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] }
  switch (way.way) {
    case 'root': {
      // Root asks, whoever became root to start the lab.
      const { SUDO_UID, PKEXEC_UID, ...env } = process.env
      return spawn(node[0], node.slice(1), { ...options, env: { ...env, ...NODE_ENVIRONMENT } })
    }
    case 'ask':
      if (!consent)
        throw new LabError({
          code: 'no_permission',
          field: 'privileged',
          message: "The kernel lanes change this host's swap settings for each trial, which needs root.",
          remedy: `Allow it with --privileged (${way.program} is used), or run Swaplab as root.`,
        })
      // Both give the program a fresh environment, so that env(1) has to bring what it needs.
      return spawn(way.program, [...way.arguments, '/usr/bin/env', ...NODE_SETTINGS, ...node], options)
    case 'none':
      throw new LabError({
        code: 'no_permission',
        message: "The kernel lanes change this host's swap settings, which needs root, and there is no way to it here.",
        remedy: 'Run Swaplab as root on a machine of your own; in most containers these lanes cannot run.',
      })
  }
}

/** pkexec(1): the dialog was dismissed, or the user is not authorised. */
const PKEXEC_REFUSED = [126, 127]
/** sudo(8) with -n, in English and with its name before it in every language: the helper itself never begins a line so. */
const SUDO_REFUSED = /^sudo: /m

/** The answer of whoever was asked, where it was no; null where the helper ended for a reason of its own. */
function refusedBy(way: Way, code: number | null, stderr: string): LabError | null {
  if (way.way !== 'ask' || code === null) return null
  const program = basename(way.program)
  const no = (message: string, remedy: string) =>
    new LabError({ code: 'no_permission', field: 'privileged', message, remedy: `${remedy} Nothing was changed.` })
  if (program === 'pkexec' && PKEXEC_REFUSED.includes(code))
    return no(
      'The permission to change the swap settings of this host was refused or dismissed (pkexec).',
      'Start the run again and allow it, or leave the kernel lanes out.',
    )
  if (program === 'sudo' && SUDO_REFUSED.test(stderr))
    return no(
      `sudo wants a password, or does not allow it: ${stderr.trim().split('\n')[0]}.`,
      'Say "sudo -v" in a terminal, then start the run again, or leave the kernel lanes out.',
    )
  return null
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Enough for the reason of a refusal, bytes. */
const STDERR_TAIL = 2048

class HelperProcess implements Helper {
  private readonly child: ChildProcess
  private readonly waiting: Waiting[] = []
  private readonly over: Promise<void>
  private gone: LabError | null = null
  private tail = ''

  constructor(child: ChildProcess, way: Way) {
    this.child = child
    child.stderr?.on('data', (chunk: Buffer) => {
      this.tail = (this.tail + chunk.toString('utf8')).slice(-STDERR_TAIL)
    })
    // EPIPE: its exit says the rest.
    child.stdin?.on('error', () => {})
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.hear(line))
    this.over = new Promise((resolve) => {
      const end = (how: string, code: number | null = null) => {
        this.gone ??=
          refusedBy(way, code, this.tail) ??
          new LabError({
            code: 'unavailable',
            message: `The privileged helper of the kernel lanes ${how}.${this.tail ? ` It said: ${this.tail.trim()}` : ''}`,
            remedy: 'Where sudo asked for a password, say "sudo -v" first. "swaplab restore" puts the host back.',
          })
        for (const { reject } of this.waiting.splice(0)) reject(this.gone)
        resolve()
      }
      child.once('error', (error) => end(`could not be started: ${error.message}`))
      child.once('close', (code, signal) =>
        end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`, code),
      )
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
