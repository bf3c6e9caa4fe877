import { type ExperimentSpec, LabError, type LabFault } from '../../contract/index.ts'
import { policyFiles } from '../specifications/policy-files.ts'
import { deathOf } from './engine-end.ts'
import type { EngineProcess } from './engine-process.ts'

/** A policy is loaded within some ms; what takes this long is not going to end, ms. */
const LOADING_LIMIT_MS = 20_000

/**
 * Has an engine process load the policy files of an experiment, which are programs, and look at the lanes that take them. Nothing is made.
 * @throws LabError of loadPolicies and checkLanes; bad_input where a file cannot be loaded to its end
 */
export async function checkPolicies(
  spec: ExperimentSpec,
  startEngine: () => EngineProcess,
  limitMs = LOADING_LIMIT_MS,
): Promise<void> {
  const files = policyFiles(spec)
  if (files.length === 0) return
  const fault = await askEngine(spec, startEngine(), limitMs, (what) => ({
    code: 'bad_input',
    message: `${files.map(({ file }) => file).join(', ')}: ${what}`,
    field: files[0].field,
    remedy: 'Look at what the file does outside of its hooks, and in create().',
  }))
  if (fault) throw new LabError(fault)
}

function askEngine(
  spec: ExperimentSpec,
  engine: EngineProcess,
  limitMs: number,
  unloadable: (what: string) => LabFault,
): Promise<LabFault | null> {
  return new Promise((resolve) => {
    let answer: LabFault | null | undefined
    const timer = setTimeout(() => {
      answer = unloadable(`loading it has not ended in ${limitMs / 1000} s, and was broken off.`)
      engine.kill('SIGKILL')
    }, limitMs)
    engine.onMessage((message) => {
      if (message.kind === 'ready') engine.send({ kind: 'check', spec })
      if (message.kind === 'end') answer = message.fault ?? null
    })
    engine.onExit((code, signal) => {
      clearTimeout(timer)
      resolve(answer === undefined ? unloadable(deathOf(engine, code, signal).message) : answer)
    })
  })
}
