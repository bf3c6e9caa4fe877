import { resolve } from 'node:path'
import type { HostEyes } from './host/eyes.ts'
import { LabCore } from './lab.ts'
import { createRouter, type LabRouter } from './router.ts'
import type { EngineProcess, EngineWishes } from './runs/engine-process.ts'

export { newPolicyText, polkitAction } from '../bench/index.ts'
export { captureToFile } from './files/corpus-capture.ts'
export { traceToFile } from './files/trace-export.ts'
export type { HostEyes } from './host/eyes.ts'
export { readableBytes, readableMetric, readableNs } from './readable.ts'
export type { LabRouter } from './router.ts'
export { type EngineProcess, forkEngine } from './runs/engine-process.ts'
export { WORKLOADS } from './specifications/workloads.ts'

export interface OpenLabOptions {
  /** Folder of the history; made (0700) where it is missing. */
  dataDir: string
  /** Starts one engine process; `forkEngine` where Node runs the sources. */
  startEngine: (wishes?: EngineWishes) => EngineProcess
  door: 'electron' | 'web' | 'cli'
  /** Of Swaplab. */
  version: string
  /** What the lab sees of its host; its own eyes unless a test brings others. */
  eyes?: HostEyes
  /** Leaves all as it is, what dead processes left behind too: answers questions about a history that is there. */
  lookOnly?: boolean
  /** How long an engine may take to answer a cancel before it is killed, ms. */
  cancelGraceMs?: number
  now?: () => Date
}

export interface Lab {
  /** An oRPC router of the contract, for any carrier. */
  router: LabRouter
  /** Ends a run under way as interrupted, keeping what was measured, and closes the history. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens the lab of a data folder. Several labs, in several processes, may share one folder: they measure in turn.
 * @throws LabError where the history cannot be opened; its message names the file, its remedy says what to do
 */
export async function createLab(options: OpenLabOptions): Promise<Lab> {
  const dataDir = resolve(options.dataDir)
  const eyes = options.eyes ?? (await ownEyes())
  const core = await LabCore.open({ ...options, dataDir, eyes })
  let closing: Promise<void> | undefined
  return {
    router: createRouter(core),
    close() {
      closing ??= core.close()
      return closing
    },
  }
}

async function ownEyes(): Promise<HostEyes> {
  const { nativeEyes } = await import('./host/native-eyes.ts')
  return nativeEyes()
}
