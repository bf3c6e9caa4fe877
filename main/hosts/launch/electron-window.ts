import { spawn } from 'node:child_process'
import { ROOT } from './build.ts'

/** How long a window may take to appear before its absence counts as a failure to start. */
const WINDOW_LIMIT_MS = 30_000

/** Said by the Electron door when its window is there. */
const WINDOW_IS_OPEN = 'swaplab: the window is open'

/**
 * Runs the window until the person closes it.
 * @returns null when a window was shown and closed; else why none appeared.
 */
export function runWindow(binary: string, dataDir: string, windowLimitMs = WINDOW_LIMIT_MS): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(binary, [ROOT, '--data', dataDir], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let opened = false
    let tail = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), windowLimitMs)
    child.stdout.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes(WINDOW_IS_OPEN)) return
      opened = true
      clearTimeout(timer)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000)
      if (opened) process.stderr.write(chunk)
    })
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward)
    const end = (reason: string | null) => {
      clearTimeout(timer)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, forward)
      resolve(reason)
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) => {
      // A second start of the same lab hands over to the first window and ends well.
      if (opened || code === 0) return end(null)
      const said = tail.split('\n').find((line) => line.trim() !== '')
      end(`Electron ended before it showed a window (${said ?? signal ?? `exit code ${code}`})`)
    })
  })
}
