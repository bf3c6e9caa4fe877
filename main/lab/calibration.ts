import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { History, Owner } from '../../db/index.ts'
import { type Calibration, type CalibrationPeer, LabError, type LabFault } from '../contract/index.ts'
import type { HostEyes } from './host/eyes.ts'
import type { EngineProcess } from './runs/engine-process.ts'
import { deathOf } from './runs/execution.ts'
import { isAlive } from './runs/owner.ts'

/** Pages of this process that the codecs are measured on. */
const CORPUS_PAGES = 2048

export interface CalibrationRequest {
  history: History
  owner: Owner
  eyes: HostEyes
  startEngine: () => EngineProcess
  dataDir: string
  swapDir: string
  codecs: boolean
  disk: boolean
  against: CalibrationPeer | null
  /** Whether sudo or pkexec may be used for the kernel. */
  privileged: boolean
}

/**
 * Measures the host's own limits in an engine process.
 * @throws LabError `busy` while anything else measures on this host; whatever the engine reports
 */
export async function calibrate(request: CalibrationRequest): Promise<Calibration> {
  const { history, owner, eyes, dataDir, swapDir } = request
  const host = await eyes.report(swapDir)
  const held = { what: `calibration of process ${owner.pid}`, runId: null, owner }
  const holder = await history.takeMeasuring({ ...held, since: new Date().toISOString() }, isAlive)
  if (holder)
    throw new LabError({
      code: 'busy',
      message: `${holder.what} is measuring on this host now; two at once would measure each other.`,
      remedy: 'Wait for its end, or cancel it.',
    })
  const corpus =
    request.codecs || request.against === 'kernel' ? join(dataDir, `self-calibration-${owner.pid}.corpus`) : null
  try {
    if (corpus) await eyes.captureSelf(corpus, { pages: CORPUS_PAGES, zeros: 'skip' })
    return { ...(await drive(request, corpus)), host }
  } finally {
    if (corpus) await rm(corpus, { force: true })
    await history.releaseMeasuring(held)
  }
}

function drive(request: CalibrationRequest, selfCorpus: string | null): Promise<Omit<Calibration, 'host'>> {
  const { swapDir, codecs, disk, dataDir, privileged } = request
  const kernel = request.against === 'kernel' ? { folder: dataDir, consent: privileged } : undefined
  const engine = request.startEngine()
  return new Promise((resolve, reject) => {
    let result: Omit<Calibration, 'host'> | undefined
    let fault: LabFault | undefined
    engine.onMessage((message) => {
      if (message.kind === 'ready')
        engine.send({
          kind: 'calibrate',
          swapDir,
          selfCorpus,
          codecs,
          disk,
          needsFio: request.against === 'fio',
          ...(kernel && { kernel }),
        })
      if (message.kind === 'calibration') result = message.calibration
      if (message.kind === 'end') fault = message.fault
    })
    engine.onExit((code, signal) => {
      if (fault) reject(new LabError(fault))
      else if (result) resolve(result)
      else reject(new LabError(deathOf(engine, code, signal)))
    })
  })
}
