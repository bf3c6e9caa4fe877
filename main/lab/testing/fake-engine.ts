import type { FromEngine, ToEngine } from '../../bench/index.ts'

/**
 * An engine that measures nothing: it speaks the messages, at once, and misbehaves as the name of the specification says.
 *
 * undecided: the lanes are the same for six blocks of wild noise, then calm · slow: 100 ms a trial · killed: dies of SIGKILL after two trials · crashes: throws after one · deaf: ignores cancel, never ends
 */

const send = (message: FromEngine) => void process.send?.(message)
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms))
let cancelled = false

/** Throughput of the lanes: raw slow, writeback on half again as fast as off. */
const SPEED = [1000, 2000, 3000]

/** Told by the lab, after `waiting`. */
let answered: (message: Extract<ToEngine, { kind: 'more' | 'enough' }>) => void = () => {}

/** Lanes that are one and the same: each lane's noise is as large as 20 % in the first six blocks, 1 % after. */
function undecided(lane: number, block: number): number {
  const sign = (block + lane) % 2 === 0 ? 1 : -1
  return 1000 * (1 + sign * (block < 6 ? 0.1 : 0.005) * (1 + (block % 3) / 10))
}

async function run({ spec, growing, after }: Extract<ToEngine, { kind: 'run' }>): Promise<void> {
  const lanes = spec.lanes.map((_, lane) => lane)
  const plan: { lane: number; block: number }[] = []
  let nextBlock = after?.blocks.length ?? 0
  const add = (blocks: number, of: number[]) => {
    for (let n = 0; n < blocks; n++, nextBlock++) plan.push(...of.map((lane) => ({ lane, block: nextBlock })))
  }
  if (!after) add(spec.trials, lanes)
  send({
    kind: 'prepared',
    corpus: { source: 'fake', synthetic: true, pages: 1, zeroPages: 0, skippedZeroPages: 0, sha256: 'aa' },
    swapfile: { directory: '/nowhere', bytes: 4096, direct: true, io: 'psync', syncVerb: 'fdatasync', cpu: 1 },
    trialOrder: plan.map(({ lane }) => lane),
    notes: spec.lanes.map(() => ['fake']),
    observer: { clockNs: 20, nullFaultNs: 50, nullStoreNs: 40 },
  })
  for (let at = 0; ; at++) {
    if (at === plan.length) {
      if (!growing) break
      send({ kind: 'waiting' })
      const answer = await new Promise<Extract<ToEngine, { kind: 'more' | 'enough' }>>((resolve) => {
        answered = resolve
      })
      if (answer.kind === 'enough') break
      add(answer.blocks, answer.lanes)
    }
    const { lane, block } = plan[at]
    const order = (after?.trials ?? 0) + at
    send({
      kind: 'progress',
      progress: {
        phase: 'measure',
        message: 'measuring',
        lane,
        trial: order + 1,
        trials: (after?.trials ?? 0) + plan.length,
        fraction: at / plan.length,
        etaMs: null,
        sample: null,
      },
    })
    if (spec.name === 'slow') await pause(100)
    if (spec.name === 'deaf' && order === 1) await pause(1e9)
    if (spec.name === 'crashes' && order === 1) throw new Error('the arena is on fire')
    if ((spec.name === 'killed' && order === 2) || (spec.name.endsWith('later killed') && after && at === 2)) {
      // What was sent must have left before the end.
      await pause(50)
      process.kill(process.pid, 'SIGKILL')
      await pause(1e9)
    }
    if (cancelled) return send({ kind: 'end', status: 'cancelled' })
    const speed = spec.name.includes('undecided') ? undecided(lane, block) : (SPEED[lane] ?? 1000) + block
    send({
      kind: 'trial',
      lane,
      report: {
        order,
        block,
        status: 'done',
        startedAt: new Date().toISOString(),
        durationMs: 10,
        metrics: { 'accesses.per_s': speed, 'fault.ns.p99': 1e6 / speed, 'disk.bytes_written': 4096 * lane },
        counters: { succ_stores: order },
        verified: { pages: 10, mismatches: 0 },
      },
      histograms: { 'fault.ns': { bucket: [10, 20], count: [900, 100], sum: 11_000, min: 10, max: 20 } },
      series: [
        {
          t: 100,
          warmup: false,
          accesses: order,
          faultsPool: 0,
          faultsDisk: 0,
          faultsSwapcache: 0,
          faultsZero: 0,
          faultsZeromap: 0,
          faultsFile: 0,
          faultsCleancache: 0,
          faultsRemote: 0,
          poolFrames: 0,
          freeFrames: 0,
          inflight: 0,
          writtenBack: 0,
          bytesWritten: 0,
          bytesRead: 0,
        },
      ],
    })
  }
  send({ kind: 'end', status: 'done' })
}

/** A third of a second, with no row to show for it. */
async function calibrate(): Promise<void> {
  send({ kind: 'step', step: 'a first step' })
  for (let turn = 0; turn < 10 && !cancelled; turn++) await pause(30)
  if (cancelled) return send({ kind: 'end', status: 'cancelled' })
  send({
    kind: 'calibration',
    calibration: { clock: { overheadNs: 1 }, codecs: [], disk: [], kernel: null, skipped: [] },
  })
  send({ kind: 'end', status: 'done' })
}

process.on('message', (message: ToEngine) => {
  if (message.kind === 'cancel') cancelled = true
  if (message.kind === 'more' || message.kind === 'enough') answered(message)
  const work = message.kind === 'run' ? run(message) : message.kind === 'calibrate' ? calibrate() : null
  if (work)
    work.then(
      () => process.disconnect?.(),
      (error) => {
        console.error(error)
        process.exit(3)
      },
    )
})
process.on('disconnect', () => process.exit(0))
send({ kind: 'ready' })
