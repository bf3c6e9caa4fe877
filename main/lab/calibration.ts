import type { History, Owner } from '../../db/index.ts'
import { type Calibration, type CalibrationPeer, type CalibrationState, LabError } from '../contract/index.ts'
import { keepCalibration, keptCalibration } from './calibration-file.ts'
import type { HostEyes } from './host/eyes.ts'
import { deathOf, endWhenAsked, removeLeftByDead } from './runs/engine-end.ts'
import type { EngineProcess, EngineWishes } from './runs/engine-process.ts'
import { isAlive } from './runs/owner.ts'
import { calibrationCorpusFile, withSelfCorpus } from './runs/self-corpus.ts'

/** Pages of this process that the codecs are measured on. */
const CORPUS_PAGES = 2048

interface Parts {
  history: History
  owner: Owner
  eyes: HostEyes
  startEngine: (wishes?: EngineWishes) => EngineProcess
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

interface UnderWay {
  step: string
  since: number
  cancel: AbortController
  kill: AbortController
  ended: Promise<void>
}

const cancelled = () =>
  new LabError({ code: 'cancelled', message: 'The calibration was cancelled; nothing of it is kept.' })

const busy = (who: string) =>
  new LabError({
    code: 'busy',
    message: `${who} is measuring on this host now; two at once would measure each other.`,
    remedy: 'Wait for its end, or cancel it.',
  })

/** Calibrations of this lab: one at a time, the last one kept. */
export class Calibrations {
  private readonly parts: Parts
  private underWay: UnderWay | null = null

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

  /** Ends the one under way at once, and waits until nothing of it is left. */
  async close(): Promise<void> {
    this.underWay?.kill.abort()
    await this.underWay?.ended
  }

  /**
   * Measures the host's own limits in an engine process, and keeps the result.
   * @throws LabError `busy` while anything else measures on this host; cancelled; whatever the engine reports
   */
  async carryOut(request: CalibrationRequest): Promise<Calibration> {
    if (this.underWay) throw busy('A calibration of this lab')
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const underWay: UnderWay = {
      step: 'Starting',
      since: performance.now(),
      cancel: new AbortController(),
      kill: new AbortController(),
      ended,
    }
    this.underWay = underWay
    try {
      return await this.alone(request, underWay)
    } finally {
      this.underWay = null
      end()
    }
  }

  /** While nothing else measures on this host. */
  private async alone(request: CalibrationRequest, underWay: UnderWay): Promise<Calibration> {
    const { history, owner, eyes, dataDir } = this.parts
    const host = await eyes.report(request.swapDir)
    const held = { what: `calibration of process ${owner.pid}`, runId: null, owner }
    const holder = await history.takeMeasuring({ ...held, since: new Date().toISOString() }, isAlive)
    if (holder) throw busy(holder.what)
    const compresses = request.codecs || request.against === 'kernel'
    try {
      const figures = await withSelfCorpus(
        calibrationCorpusFile(dataDir, owner),
        compresses ? { pages: CORPUS_PAGES, zeros: 'skip' } : null,
        (file, content) => eyes.captureSelf(file, content),
        (corpus) => this.drive(request, corpus, underWay),
      )
      const calibration = { ...figures, host }
      await keepCalibration(dataDir, calibration)
      return calibration
    } finally {
      await history.releaseMeasuring(held)
    }
  }

  private drive(
    request: CalibrationRequest,
    selfCorpus: string | null,
    underWay: UnderWay,
  ): Promise<Omit<Calibration, 'host'>> {
    const { swapDir, codecs, disk, privileged } = request
    const { startEngine, dataDir } = this.parts
    const kernel = request.against === 'kernel' ? { folder: dataDir, consent: privileged } : undefined
    const engine = startEngine({ terminal: kernel?.consent })
    const letGo = endWhenAsked(engine, { cancel: underWay.cancel.signal, close: underWay.kill.signal })
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
        if (message.kind === 'end' && message.status === 'cancelled') fault = cancelled()
      })
      engine.onExit(async (code, signal) => {
        letGo()
        if (fault) return reject(fault)
        if (result) return resolve(result)
        await removeLeftByDead(swapDir)
        const asked = underWay.cancel.signal.aborted || underWay.kill.signal.aborted
        reject(asked ? cancelled() : new LabError(deathOf(engine, code, signal)))
      })
    })
  }
}
