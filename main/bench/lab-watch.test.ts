import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'

const isGone = (pid: number) => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

/** Pids of two processes: one that starts the other, and one that watches it and runs `work`. */
async function labAndEngine(work: string) {
  const engine = `
    import { watchLab } from ${JSON.stringify(join(import.meta.dirname, 'lab-watch.ts'))}
    watchLab(50)
    await new Promise((go) => setTimeout(go, 500))
    console.log(process.pid)
    ${work}`
  const lab = `
    import { spawn } from 'node:child_process'
    const args = ${JSON.stringify(['--input-type=module', '-e', engine])}
    spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', lab], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [pid] = (await once(child.stdout, 'data')).map(Number)
  return { kill: () => child.kill('SIGKILL'), pid }
}

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms))

it('ends a process that is held up once who started it is dead, and not before', async () => {
  const { kill, pid } = await labAndEngine('for (;;);')
  try {
    await pause(1000)
    expect(isGone(pid)).toBe(false)
    kill()
    await vi.waitFor(() => expect(isGone(pid)).toBe(true), { timeout: 10_000, interval: 50 })
  } finally {
    kill()
    if (!isGone(pid)) process.kill(pid, 'SIGKILL')
  }
})

it('leaves one that is not held up, which has to remove its files', async () => {
  const { kill, pid } = await labAndEngine('setInterval(() => {}, 10)')
  try {
    kill()
    await pause(1500)
    expect(isGone(pid)).toBe(false)
  } finally {
    kill()
    if (!isGone(pid)) process.kill(pid, 'SIGKILL')
  }
})
