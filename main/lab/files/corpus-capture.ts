import { resolve } from 'node:path'
import { buildCorpus, captureCorpus, writeCorpusFile } from '../../bench/index.ts'
import type { CorpusFacts } from '../../contract/index.ts'

export interface CaptureRequest {
  from: { pid: number } | { file: string }
  /** At most; 64 .. 65 536. */
  pages: number
  zeros: 'skip' | 'keep'
  out: string
}

/**
 * Saves page contents of a live process or of a file as a corpus, 0600: it holds another program's memory.
 * @throws LabError `capture_failed`, `not_found`, `no_permission`, `bad_input` (the file exists), `no_space`, `io_error`
 */
export function captureToFile(request: CaptureRequest): CorpusFacts {
  const { from, pages, zeros } = request
  const corpus =
    'pid' in from
      ? captureCorpus(from.pid, pages, zeros)
      : buildCorpus({ source: 'file', path: resolve(from.file), pages }, { seed: 0, selfCorpus: null })
  try {
    writeCorpusFile(resolve(request.out), corpus)
    return corpus.facts
  } finally {
    corpus.release()
  }
}
