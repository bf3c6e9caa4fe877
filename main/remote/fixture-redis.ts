import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A server of the host's own, for tests, on a Unix socket in a folder of its own. */

const PROGRAMS = ['redis-server', 'valkey-server']

/** The program there is; null where none is installed. */
export const REDIS_PROGRAM =
  PROGRAMS.find((program) => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }) ?? null

export const WITHOUT_REDIS = 'because neither redis-server nor valkey-server is installed'

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

export interface TestServer {
  /** Of its socket. */
  path: string
  process: ChildProcess
  /** What redis-cli would have said, without needing it: one command of words, its answer as it comes. */
  ask(...words: string[]): Promise<string>
  stop(): Promise<void>
}

export async function startRedis(...settings: string[]): Promise<TestServer> {
  if (REDIS_PROGRAM === null) throw new Error(`no server, ${WITHOUT_REDIS}`)
  const folder = mkdtempSync(join(tmpdir(), 'swaplab-redis-'))
  const path = join(folder, 'socket')
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder]
  const child = spawn(REDIS_PROGRAM, [...options, ...settings], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const ask = (...words: string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(path)
      const line = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')
      let text = ''
      socket.on('error', reject)
      // It closes once QUIT is answered.
      socket.on('close', () => resolve(text.replace(/\+OK\r\n$/, '')))
      socket.on('data', (data) => {
        text += data.toString('latin1')
      })
      socket.write(`*${words.length}\r\n${line}*1\r\n$4\r\nQUIT\r\n`)
    })
  for (let tries = 0; ; tries++) {
    try {
      await ask('PING')
      break
    } catch (error) {
      if (tries === 200 || child.exitCode !== null) throw error
      await setTimeout(50)
    }
  }
  return {
    path,
    process: child,
    ask,
    stop: async () => {
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
