import { setImmediate as turn } from 'node:timers/promises'
import { probeHost } from '../../../native-bench/host.ts'
import { native } from '../../../native-bench/index.ts'
import { captureCorpus, checkSwapDirectory, writeCorpusFile } from '../../bench/index.ts'
import { type HostReport, LabError } from '../../contract/index.ts'
import { checkHost } from './check.ts'
import type { HostEyes } from './eyes.ts'
import { hostIdentity } from './identity.ts'
import { readHostNow } from './readings.ts'

function report(swapDir: string): HostReport {
  try {
    const host = probeHost(swapDir, native)
    return { id: hostIdentity(host), ...host }
  } catch (error) {
    throw new LabError(
      {
        code: 'unavailable',
        message: `What carries ${swapDir} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: 'Choose another swap directory.',
        field: 'swapDir',
      },
      { cause: error },
    )
  }
}

/** The lab's eyes: the host probes and the native addon. */
export function nativeEyes(): HostEyes {
  return {
    report: async (swapDir) => report(swapDir),
    async check(swapDir) {
      const now = await readHostNow(report(swapDir).device.device)
      return checkHost(report(swapDir), now)
    },
    codecs: async () => native.codecList(),
    checkSwapDirectory,
    async captureSelf(file, { pages, zeros }) {
      // The copy holds this thread for some ms; what is waiting to be answered goes first.
      await turn()
      const corpus = captureCorpus(process.pid, pages, zeros)
      try {
        writeCorpusFile(file, corpus)
      } finally {
        corpus.release()
      }
    },
  }
}
