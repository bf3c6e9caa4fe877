import { probeActivity } from '../../../native-bench/host.ts'
import type { ExperimentSpec, LabFault } from '../../contract/index.ts'
import { policyFiles } from '../specifications/policy-files.ts'
import type { EngineProcess } from './engine-process.ts'

/** An engine speaks once a second; one that is silent for the second of these hangs, ms. */
const SILENCE_MS = { word: 20_000, limit: 300_000 }

/** Looks at an engine that may fall silent. */
export class Silence {
  private readonly engine: EngineProcess
  private readonly spec: ExperimentSpec
  private readonly told: { word: (sentence: string) => void; limit: (fault: LabFault) => void }
  private readonly ms: typeof SILENCE_MS
  private timers: NodeJS.Timeout[] = []
  private since = 0
  private cpuSeconds = 0

  /** `told.word` once in a silence, `told.limit` once in all. */
  constructor(
    engine: EngineProcess,
    spec: ExperimentSpec,
    told: { word: (sentence: string) => void; limit: (fault: LabFault) => void },
    ms = SILENCE_MS,
  ) {
    this.engine = engine
    this.spec = spec
    this.told = told
    this.ms = ms
  }

  /** A message has come, or the engine has been started. */
  broken(): void {
    this.stop()
    this.since = performance.now()
    this.cpuSeconds = this.activity()?.cpuSeconds ?? 0
    this.timers = [
      setTimeout(
        () => this.told.word(`no word from the engine for ${this.ms.word / 1000} s: ${this.why().reason}`),
        this.ms.word,
      ),
      setTimeout(() => {
        const { reason, remedy } = this.why()
        this.told.limit({
          code: 'engine_died',
          message: `The engine said nothing for ${this.ms.limit / 1000} s and was ended; the trials before are kept. At the end ${reason}.`,
          remedy,
        })
      }, this.ms.limit),
    ]
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
  }

  /** What can be seen of the engine from outside, and what to look at. `reason` is a clause without a full stop. */
  why(): { reason: string; remedy: string } {
    const now = this.activity()
    const disk = 'Look for a disk that does not answer (dmesg), then run again.'
    if (now === null) return { reason: 'its process could not be looked at', remedy: disk }
    if (now.state === 'stopped')
      return {
        reason: 'it was stopped, as by SIGSTOP or a debugger',
        remedy: `Let it go on (kill -CONT ${this.engine.pid}) before its time is up, or run again.`,
      }
    if (now.state === 'waiting') return { reason: 'it was waiting, as for a disk that does not answer', remedy: disk }
    const silent = Math.round((performance.now() - this.since) / 1000)
    const busy = `it was computing (${(now.cpuSeconds - this.cpuSeconds).toFixed(1)} s of CPU time in the last ${silent} s)`
    const files = policyFiles(this.spec).map(({ file }) => file)
    if (files.length === 0)
      return { reason: busy, remedy: 'Run it again; if it happens again, report it with the specification.' }
    const words = this.engine.stderr?.().trim() ?? ''
    return {
      reason: `${busy}, and a hook of ${files.join(' or ')} may not be returning${words === '' ? '' : `. ${words.replace(/\.$/, '')}`}`,
      remedy: 'Look for a loop without an end in the hooks of the policy.',
    }
  }

  private activity() {
    const { pid } = this.engine
    return pid === undefined ? null : probeActivity(pid)
  }
}
