import { rmSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { native } from '../../../native-bench/index.ts'
import { type Calibration, type CodecName, LabError } from '../../contract/index.ts'
import { type KernelComparing, openKernelComparison } from '../beside-kernel/index.ts'
import { measureObserver } from '../measure/observer.ts'
import type { ToEngine } from '../protocol.ts'
import { buildCorpus } from '../workloads/index.ts'
import { calibrateCodec } from './codecs.ts'
import { calibrateDisk } from './disk.ts'

/** Codecs worth a row by default, the quickest first. Deflate takes 50 times as long and is no candidate for swap. */
const CODECS: readonly CodecName[] = ['lz4', 'lzo', 'zstd', 'lz4hc']
const SEED = 42
const MAX_PAGES = 2048

export interface Course {
  signal: AbortSignal
  /** What is measured next. */
  tell: (step: string) => void
}

/**
 * The host's own limits beside the engine's cost on the same work.
 * @throws LabError cancelled, no_permission, and those of the swap file
 */
export async function carryOutCalibration(
  request: Extract<ToEngine, { kind: 'calibrate' }>,
  { signal, tell }: Course,
): Promise<Omit<Calibration, 'host'>> {
  const codecs: Calibration['codecs'] = []
  const skipped: Calibration['skipped'] = []
  let kernel: Calibration['kernel'] = null
  const { swapDir } = request
  if (request.codecs || request.kernel) {
    const corpus = buildCorpus(
      { source: 'capture', pid: 'self', pages: MAX_PAGES, zeros: 'skip' },
      { seed: SEED, selfCorpus: request.selfCorpus },
    )
    // The lab removes it at the end; one that is killed meanwhile leaves none of its memory behind.
    if (request.selfCorpus) rmSync(request.selfCorpus, { force: true })
    let comparing: KernelComparing | null = null
    try {
      // Somebody may have to allow it, who need not wait for the codecs first.
      if (request.kernel)
        comparing = await openKernelComparison({ swapDir, kernel: request.kernel, seed: SEED, signal, tell })
      const available = new Map(native.codecList().map((codec) => [codec.codec, codec]))
      for (const [at, name] of request.codecs ? CODECS.entries() : []) {
        await setImmediate() // a cancel comes in as a message
        if (signal.aborted) throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
        const codec = available.get(name)
        tell(`Codec ${at + 1} of ${CODECS.length}: ${name}`)
        if (codec?.available)
          codecs.push(
            ...calibrateCodec(name, { arena: corpus.arena.id, pages: corpus.pages, source: corpus.facts.source }, SEED),
          )
        else
          skipped.push({ what: `codec ${name}`, reason: `${codec?.reason}; Debian: apt-get install ${codec?.package}` })
      }
      if (comparing) kernel = await comparing.compare(corpus)
    } finally {
      corpus.release()
      await comparing?.close()
    }
  }
  const disk = request.disk
    ? await calibrateDisk({
        swapDir: request.swapDir,
        runId: `calibrate-${process.pid}`,
        fio: request.needsFio ? 'must' : 'beside',
        signal,
        tell,
      })
    : { disk: [], skipped: [] }
  const observer = measureObserver()
  return {
    clock: { overheadNs: observer.clockNs },
    observer,
    codecs,
    disk: disk.disk,
    kernel,
    skipped: [...skipped, ...disk.skipped],
  }
}
