import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { History, Owner } from '../../db/index.ts'
import { type Calibration, type CalibrationPeer, type CalibrationState, LabError } from '../contract/index.ts'
import { keepCalibration, keptCalibration } from './calibration-file.ts'
import type { HostEyes } from './host/eyes.ts'
import type { EngineProcess } from './runs/engine-process.ts'
import { deathOf } from './runs/execution.ts'
import { isAlive } from './runs/owner.ts'

/** Pages of this process that the codecs are measured on. */
const CORPUS_PAGES = 2048

interface Parts {
  history: History
  owner: Owner
  eyes: HostEyes
  startEngine: () => EngineProcess
  dataDir: string
}

export interface CalibrationRequest {
  swapDir: string
  codecs: boolean
  disk: boolean
  against: CalibrationPeer | null
  /** Whether sudo or pkexec may be used for the kernel. */
  privileged: boolean
}

/** Calibrations of this lab: one at a time, the last one kept. */
export class Calibrations {
  private readonly parts: Parts
  private underWay: { step: string; since: number; cancel: AbortController } | null = null

  constructor(parts: Parts) {
    this.parts = parts
  }

  async state(): Promise<CalibrationState> {
    const { underWay } = this
    return {
      ...(await keptCalibration(this.parts.dataDir)),
      underWay: underWay && { step: underWay.step, elapsedMs: performance.now() - underWay.since },
    }
  }

  /** Whether there was one to cancel. */
  cancel(): boolean {
    this.underWay?.cancel.abort()
    return this.underWay !== null
  }

  /**
   * Measures the host's own limits in an engine process, and keeps the result.
   * @throws LabError `busy` while anything else measures on this host; cancelled; whatever the engine reports
   */
  async carryOut(request: CalibrationRequest): Promise<Calibration> {
    const { history, owner, eyes, dataDir } = this.parts
    const host = await eyes.report(request.swapDir)
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
    this.underWay = { step: 'Starting', since: performance.now(), cancel: new AbortController() }
    try {
      if (corpus) await eyes.captureSelf(corpus, { pages: CORPUS_PAGES, zeros: 'skip' })
      const calibration = { ...(await this.drive(request, corpus, this.underWay)), host }
      await keepCalibration(dataDir, calibration)
      return calibration
    } finally {
      this.underWay = null
      if (corpus) await rm(corpus, { force: true })
      await history.releaseMeasuring(held)
    }
  }

  private drive(
    request: CalibrationRequest,
    selfCorpus: string | null,
    underWay: { step: string; cancel: AbortController },
  ): Promise<Omit<Calibration, 'host'>> {
    const { swapDir, codecs, disk, privileged } = request
    const { startEngine, dataDir } = this.parts
    const kernel = request.against === 'kernel' ? { folder: dataDir, consent: privileged } : undefined
    const engine = startEngine()
    const { signal } = underWay.cancel
    signal.addEventListener('abort', () => engine.send({ kind: 'cancel' }))
    return new Promise((resolve, reject) => {
      let result: Omit<Calibration, 'host'> | undefined
      let fault: LabError | undefined
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
        if (message.kind === 'step') underWay.step = message.step
        if (message.kind === 'calibration') result = message.calibration
        if (message.kind === 'end' && message.fault) fault = new LabError(message.fault)
        if (message.kind === 'end' && message.status === 'cancelled')
          fault = new LabError({ code: 'cancelled', message: 'The calibration was cancelled; nothing of it is kept.' })
      })
      engine.onExit((code, signal) => {
        if (fault) reject(fault)
        else if (result) resolve(result)
        else reject(new LabError(deathOf(engine, code, signal)))
      })
    })
  }
}
