import { utilityProcess } from 'electron'
import type { EngineProcess } from '../../lab/index.ts'

type FromEngine = Parameters<Parameters<EngineProcess['onMessage']>[0]>[0]

/** Enough for the reason of a crash and its innermost frames, characters. */
const STDERR_TAIL = 4096

/** The engine in an Electron utilityProcess: a crash or a kill ends it and nothing else. `entry` is the built engine. */
export function startUtilityEngine(entry: string): EngineProcess {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Swaplab engine', stdio: ['ignore', 'ignore', 'pipe'] })
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-STDERR_TAIL)
  })
  // `pid` is gone once the process is; it is remembered for kill and for messages about it.
  let pid = child.pid
  child.once('spawn', () => {
    pid = child.pid
  })
  let ended = false
  const exit = new Promise<number>((resolve) =>
    child.once('exit', (code) => {
      ended = true
      resolve(code)
    }),
  )
  child.on('error', (type, location) => {
    tail = `${tail}\n${type} in ${location}`.slice(-STDERR_TAIL)
  })
  return {
    get pid() {
      return pid
    },
    send(message) {
      if (!ended) child.postMessage(message)
    },
    onMessage: (listener) =>
      void child.on('message', (message: FromEngine) => {
        listener(message)
        // While its port is open a utility process does not end by itself; after its last word nothing is lost.
        if (message.kind === 'end') child.kill()
      }),
    // Electron reports a signal as a code only: 9 for SIGKILL where the process was killed.
    onExit: (listener) => void exit.then((code) => listener(code, null)),
    kill(signal = 'SIGTERM') {
      if (ended) return
      if (signal === 'SIGTERM' || pid === undefined) child.kill()
      else process.kill(pid, signal)
    },
    stderr: () => tail,
  }
}
