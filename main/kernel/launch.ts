import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { LabError } from '../contract/index.ts'
import { helperCommand, NODE_ENVIRONMENT } from './package-file.ts'
import type { Asking, Way } from './privileges.ts'

/** A helper that was started; whoever is asked for it may not have answered yet. */
export interface Launched {
  child: ChildProcess
  /** To be called when the answer is there, whichever it is. */
  answered(): void
}

const STDIO = ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe']

/** @throws LabError no_permission, unavailable */
export async function launch(folder: string, consent: boolean, way: Way): Promise<Launched> {
  switch (way.way) {
    case 'root': {
      const [program, ...parts] = helperCommand()
      // Root asks, whoever became root to start the lab.
      const { SUDO_UID, PKEXEC_UID, ...env } = process.env
      // A session of its own: Ctrl-C reaches the lab, which ends things in order.
      const options = { detached: true, stdio: STDIO, env: { ...env, ...NODE_ENVIRONMENT } }
      return { child: spawn(program, [...parts, folder], options), answered() {} }
    }
    case 'ask':
      if (!consent)
        throw new LabError({
          code: 'no_permission',
          field: 'privileged',
          message: "The kernel lanes change this host's swap settings for each trial, which needs root.",
          remedy: `Allow it with --privileged (${way.program} is used), or run Swaplab as root.`,
        })
      return await ask(way, [...helperCommand(), folder])
    case 'none':
      throw new LabError({
        code: 'no_permission',
        message: "The kernel lanes change this host's swap settings, which needs root, and there is no way to it here.",
        remedy: 'Run Swaplab as root on a machine of your own; in most containers these lanes cannot run.',
      })
  }
}

/** In this session: what asks needs its terminal, and sudo remembers a password for that terminal only. */
async function ask(way: Asking, command: string[]): Promise<Launched> {
  // Polkit forgets an agent that stands back for the desktop's where it knows of no session at all.
  const standBack = way.where === 'desktop' ? ['--fallback'] : []
  const answered = way.agent === null ? () => {} : await openAgent(way.agent, standBack)
  // pkexec refuses a SHELL that is not in /etc/shells, and names what is wrong in the language of its locale; the dialog has its own.
  const env = basename(way.program) === 'pkexec' ? { LC_ALL: 'C' } : process.env
  return { child: spawn(way.program, [...way.arguments, ...command], { stdio: STDIO, env }), answered }
}

/** Has pkttyagent(1) ask in the terminal on behalf of this process. Returns what ends it. */
async function openAgent(program: string, options: string[]): Promise<() => void> {
  const agent = spawn(program, ['--process', String(process.pid), '--notify-fd', '3', ...options], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  agent.on('error', () => {})
  // Closed when polkit knows of it, or it has ended because it cannot.
  await once((agent.stdio[3] as Readable).resume(), 'close')
  return () => void agent.kill()
}
