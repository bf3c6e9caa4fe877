import type { ServedLab } from './serve.ts'

/**
 * Resolves when the person ends the lab (Ctrl-C, SIGTERM, or the terminal is closed) and it is closed: engine ended, history
 * written. A second signal does not wait.
 */
export function untilSignal(served: Pick<ServedLab, 'close'>): Promise<void> {
  return new Promise((resolve, reject) => {
    let ending = false
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (ending) process.exit(130)
        ending = true
        served.close().then(resolve, reject)
      })
  })
}
