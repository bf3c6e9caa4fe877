import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExperimentInput, parseSpec } from '../contract/index.ts'
import { runExperiment } from './experiment.ts'
import { endOf, type FromEngine, type ToEngine } from './protocol.ts'

/** Three times as many pages as frames: over in a moment, and under pressure from its start. */
export const SMALL = {
  memory: { frames: 512, pool: 200 },
  workload: {
    content: { source: 'synthetic', pages: 128 },
    pages: 1500,
    operations: 6000,
    access: { pattern: 'zipf', theta: 0.9, writes: 0.3 },
  },
  trials: 1,
} satisfies ExperimentInput

export type TrialMessage = Extract<FromEngine, { kind: 'trial' }>
export type Answer = Extract<ToEngine, { kind: 'more' | 'enough' }>

export interface CarryOutOptions {
  request?: Partial<Extract<ToEngine, { kind: 'run' }>>
  /** To a run that may grow, each time it waits; then it is told that it is enough. */
  answers?: Answer[]
  /** Hears every message as it is sent; `folder` is where the swap file is. */
  onMessage?: (message: FromEngine, abort: () => void, folder: string) => void
}

/** Carries out an experiment in this process, in a folder of its own. Trials come in the order of time; `left` are the files it left behind. */
export async function carryOut(input: ExperimentInput, { request, answers = [], onMessage }: CarryOutOptions = {}) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-experiment-'))
  const messages: FromEngine[] = []
  const cancel = new AbortController()
  const rest = [...answers]
  try {
    const send = (message: FromEngine) => {
      messages.push(message)
      onMessage?.(message, () => cancel.abort(), folder)
    }
    const asked = { kind: 'run', runId: 'test', spec: parseSpec(input), swapDir: folder, selfCorpus: null } as const
    const answer = async () => rest.shift() ?? ({ kind: 'enough' } as const)
    send(await endOf(() => runExperiment({ ...asked, ...request }, { signal: cancel.signal, answer, send })))
    const trials = messages.filter((message): message is TrialMessage => message.kind === 'trial')
    return { messages, end: messages.at(-1), trials, left: readdirSync(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
