import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ENGINE_ENTRY, type FromEngine, type ToEngine } from '../../bench/index.ts'

/** The engine as the lab sees it, whatever carries it: a Node child process, an Electron utilityProcess. */
export interface EngineProcess {
  readonly pid: number | undefined
  send(message: ToEngine): void
  onMessage(listener: (message: FromEngine) => void): void
  /** Once, also where the process could not be started; `signal` names what killed it. */
  onExit(listener: (code: number | null, signal: string | null) => void): void
  kill(signal?: NodeJS.Signals): void
  /** The last of what it wrote to stderr. */
  stderr?(): string
}

/** Enough for the reason of a crash and its innermost frames, bytes. */
const STDERR_TAIL_BYTES = 4096

export interface EngineWishes {
  /** It may have to ask for a password, in the terminal that the lab was started in. */
  terminal?: boolean
}

/** Starts the engine in a Node child process of its own. `entry` is its first file; the default runs from the sources. */
export function forkEngine(
  entry: string = fileURLToPath(ENGINE_ENTRY),
  { terminal }: EngineWishes = {},
): EngineProcess {
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // A session of its own, without a terminal: Ctrl-C and Ctrl-Z there reach the lab, which cancels in order, and not the engine.
    detached: !terminal,
    execArgv: [],
  })
  return processOf(child)
}

function processOf(child: ChildProcess): EngineProcess {
  let tail = Buffer.alloc(0)
  child.stderr?.on('data', (chunk: Buffer) => {
    const all = Buffer.concat([tail, chunk])
    tail = all.subarray(Math.max(0, all.length - STDERR_TAIL_BYTES))
  })
  const reap = () => child.kill('SIGKILL')
  process.once('exit', reap)
  let failure: string | null = null
  const exit = new Promise<[number | null, string | null]>((resolve) => {
    child.once('error', (error) => {
      failure = error.message
      if (child.pid === undefined) resolve([null, null])
    })
    // 'close' comes after 'exit' and after the last of stderr.
    child.once('close', (code, signal) => resolve([code, signal]))
  })
  exit.then(() => process.off('exit', reap))
  return {
    pid: child.pid,
    send(message) {
      // A process that is going away cannot be told anything; its exit says the rest.
      if (child.connected) child.send(message, () => {})
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => void exit.then(([code, signal]) => listener(code, signal)),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    stderr: () => (failure ? `${failure}\n` : '') + tail.toString('utf8'),
  }
}
