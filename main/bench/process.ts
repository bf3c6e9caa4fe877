import { type ExperimentSpec, isPolicyPath, LabError } from '../contract/index.ts'
import { loadPolicies } from '../zcache/index.ts'
import { carryOutCalibration } from './calibrate/index.ts'
import { runExperiment } from './experiment.ts'
import { watchHooks } from './hook-watch.ts'
import { watchLab } from './lab-watch.ts'
import { checkLanes } from './lanes/index.ts'
import { pinEngine } from './measure/cpu.ts'
import { endOf, type FromEngine, type ToEngine } from './protocol.ts'
import { carryOutSweep } from './sweep-request.ts'

/**
 * The engine process. Carries out one request and ends; a crash, a kill or a stuck disk ends this run and nothing else.
 * Started as a Node child process (IPC channel) or as an Electron utility process (parentPort).
 */

/** What the threads of a sweep run: beside this file in a bundle, which has an entry for it. */
const SWEEP_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './simulate/sweep-worker.ts' : './sweep-worker.js',
  import.meta.url,
)

interface Port {
  send(message: FromEngine): void
  /** Every message sent so far has gone out. */
  flushed(): Promise<void>
  onMessage(handler: (message: ToEngine) => void): void
  /** The lab is gone. */
  onClose(handler: () => void): void
}

/** Electron's process.parentPort; its types live with Electron, which this room does not know. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', handler: (event: { data: unknown }) => void): void
}

function openPort(): Port {
  const parentPort = (process as { parentPort?: ParentPort }).parentPort
  if (parentPort)
    return {
      send: (message) => parentPort.postMessage(message),
      flushed: async () => {},
      onMessage: (handler) => parentPort.on('message', (event) => handler(event.data as ToEngine)),
      onClose: () => {}, // a utility process ends with its parent
    }
  if (!process.send) {
    process.stderr.write('This is the engine of Swaplab; the lab starts it. Try: npm run -s swaplab -- --help\n')
    process.exit(2)
  }
  let last = Promise.resolve()
  return {
    send: (message) => {
      // With the lab gone there is nobody to tell; the run is ending already, and must still remove its swap file.
      if (!process.connected) return
      last = new Promise((resolve) => {
        process.send?.(message, undefined, undefined, () => resolve())
      })
    },
    // They go out in order.
    flushed: () => last,
    onMessage: (handler) => void process.on('message', (message) => handler(message as ToEngine)),
    onClose: (handler) => void process.on('disconnect', handler),
  }
}

const port = openPort()
const cancel = new AbortController()
let busy = false
/** Who waits for the lab to say more or enough. */
let answered: ((answer: Extract<ToEngine, { kind: 'more' | 'enough' }>) => void) | undefined

port.onClose(() => cancel.abort())
port.onMessage((message) => {
  switch (message.kind) {
    case 'cancel':
      cancel.abort()
      return
    case 'more':
    case 'enough':
      answered?.(message)
      return
    case 'run':
      if (!busy) void carryOut(() => run(message))
      return
    case 'calibrate':
      if (!busy) void carryOut(() => calibrate(message))
      return
    case 'check':
      if (!busy) void carryOut(() => check(message.spec))
      return
    case 'sweep':
      if (!busy) void carryOut(() => simulatePoints(message))
      return
  }
})
// Ctrl-C goes to the whole group of a terminal: the lab decides what becomes of the run.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => cancel.abort())
port.send({ kind: 'ready' })

async function carryOut(work: () => Promise<void>): Promise<void> {
  busy = true
  port.send(await endOf(work))
  // Messages on an IPC channel are written asynchronously, and closing it drops what a full pipe has not taken yet.
  await port.flushed()
  if (process.connected) process.disconnect()
}

async function run(request: Extract<ToEngine, { kind: 'run' }>): Promise<void> {
  await load(request.spec)
  watchHooks() // before the engine is pinned: its thread may run on any CPU
  const { mode, cpu } = request.spec
  const pinned = mode === 'measure' ? pinEngine(cpu) : null
  await runExperiment(request, { send: port.send, signal: cancel.signal, answer, cpu: pinned })
}

/** A user's policy is a program, whose loading may not end. */
async function load({ lanes }: ExperimentSpec): Promise<void> {
  if (lanes.some((lane) => 'policy' in lane && isPolicyPath(lane.policy))) watchLab()
  await loadPolicies(lanes)
}

async function check(spec: ExperimentSpec): Promise<void> {
  await load(spec)
  checkLanes(spec)
}

function answer(): Promise<Extract<ToEngine, { kind: 'more' | 'enough' }>> {
  return new Promise((resolve, reject) => {
    const cancelled = () => reject(new LabError({ code: 'cancelled', message: 'The run was cancelled.' }))
    if (cancel.signal.aborted) return cancelled()
    cancel.signal.addEventListener('abort', cancelled, { once: true })
    answered = (message) => {
      cancel.signal.removeEventListener('abort', cancelled)
      resolve(message)
    }
  })
}

async function calibrate(request: Extract<ToEngine, { kind: 'calibrate' }>): Promise<void> {
  const calibration = await carryOutCalibration(request, {
    signal: cancel.signal,
    tell: (step) => port.send({ kind: 'step', step }),
  })
  port.send({ kind: 'calibration', calibration })
}

async function simulatePoints(request: Extract<ToEngine, { kind: 'sweep' }>): Promise<void> {
  await carryOutSweep(request, { signal: cancel.signal, send: port.send, worker: SWEEP_WORKER })
}
