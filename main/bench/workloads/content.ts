import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { Arena, native } from '../../../native-bench/index.ts'
import { type ContentSpec, type CorpusFacts, type ErrorCode, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { type Corpus, checkCorpusFile, fileFault, readCorpusFile, sha256Of } from './corpus-file.ts'
import { mix32 } from './random.ts'
import { fillSynthetic, mixKinds } from './synthetic.ts'

/** Where the pages' contents come from: the four sources of ContentSpec, all as one arena of pages. */

/** Fewer pages than this repeat so often that the codec's tables learn them by heart. */
const MIN_PAGES = 16

/**
 * Builds the corpus of an experiment. `selfCorpus`: a corpus file the lab has captured of itself, for pid `self`; null
 * captures this process instead.
 * @throws LabError capture_failed, not_found, no_permission, bad_input, io_error
 */
export function buildCorpus(spec: ContentSpec, options: { seed: number; selfCorpus: string | null }): Corpus {
  switch (spec.source) {
    case 'capture':
      if (spec.pid === 'self' && options.selfCorpus !== null) return selfCorpus(options.selfCorpus, spec.pages)
      return captureCorpus(spec.pid === 'self' ? process.pid : spec.pid, spec.pages, spec.zeros)
    case 'file':
      return fileCorpus(spec.path, spec.pages)
    case 'corpus':
      return readCorpusFile(spec.path)
    case 'synthetic': {
      const arena = new Arena(spec.pages)
      fillSynthetic(arena.bytes, mixKinds(spec.mix, spec.pages, options.seed), options.seed)
      const percent = (share: number) => `${Math.round(share * 100)} %`
      const { zero, text, heap, random } = spec.mix
      return corpusOf(arena, spec.pages, {
        source: `synthetic, ${percent(zero)} zero, ${percent(text)} text-like, ${percent(heap)} heap-like, ${percent(random)} random`,
        synthetic: true,
        skippedZeroPages: 0,
      })
    }
  }
}

/** Looks whether contents can be had, and takes no more of them than it has to. @throws LabError as buildCorpus */
export function checkContents(spec: ContentSpec): void {
  switch (spec.source) {
    case 'capture':
      if (spec.pid !== 'self') captureCorpus(spec.pid, MIN_PAGES, spec.zeros).release()
      return
    case 'file':
      fileCorpus(spec.path, 1).release()
      return
    case 'corpus':
      checkCorpusFile(spec.path)
      return
    case 'synthetic':
      return
  }
}

/**
 * The corpus page that gives a vpn its content: a hash, so that neighbours differ, the same for every lane and trial of a
 * seed. 0 .. pages-1.
 */
export function corpusPageOf(vpn: number, seed: number, pages: number): number {
  return mix32(vpn ^ mix32(seed)) % pages
}

/**
 * Copies anonymous, resident pages of a process, spread evenly over them, at most `maxPages`.
 * @throws LabError not_found where there is no such process, capture_failed where it may not be read or has too few pages
 */
export function captureCorpus(pid: number, maxPages: number, zeros: 'skip' | 'keep'): Corpus {
  const name = commandOf(pid)
  const failed = (reason: string, remedy: string, cause?: unknown, code: ErrorCode = 'capture_failed') =>
    new LabError(
      {
        code,
        message: `The memory of process ${pid}${name ? ` (${name})` : ''} could not be captured: ${reason}.`,
        remedy,
        field: 'workload.content.pid',
      },
      { cause },
    )
  const arena = new Arena(maxPages)
  try {
    const captured = native.captureProcess(pid, arena.id, maxPages, zeros === 'skip')
    if (captured.pages < MIN_PAGES)
      throw failed(
        `only ${captured.pages} of its pages could be read (${captured.resident} anonymous and resident, ` +
          `${captured.skippedZero} of them all zero, ${captured.unreadable} unreadable)`,
        'Choose a larger process; a kernel thread has no pages of its own.',
      )
    return corpusOf(arena, captured.pages, {
      source: `capture of pid ${pid} (${name})`,
      synthetic: false,
      skippedZeroPages: captured.skippedZero,
    })
  } catch (error) {
    arena.release()
    if (error instanceof LabError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ESRCH' && name !== '')
      throw failed('it has no memory of its own', 'Choose a program; a kernel thread has none.', error)
    if (code === 'ENOENT' || code === 'ESRCH')
      throw failed('there is no such process', 'Check the process id.', error, 'not_found')
    if (code === 'EACCES' || code === 'EPERM')
      throw failed(
        'it may not be read',
        'Run as the same user with kernel.yama.ptrace_scope = 0, or as root, or capture the lab itself (pid: self).',
        error,
      )
    throw failed(
      error instanceof Error ? error.message : String(error),
      'Choose another process, or content source "file".',
      error,
    )
  }
}

/** What the lab captured of itself; the first pages where that is more than asked for. */
function selfCorpus(path: string, maxPages: number): Corpus {
  const corpus = readCorpusFile(path)
  if (corpus.pages <= maxPages) return corpus
  const arena = new Arena(maxPages)
  native.copy(arena.id, 0, corpus.arena.id, 0, maxPages * PAGE_SIZE)
  corpus.release()
  return corpusOf(arena, maxPages, corpus.facts)
}

function fileCorpus(path: string, maxPages: number): Corpus {
  const arena = new Arena(maxPages)
  try {
    const read = native.captureFile(path, arena.id, maxPages)
    if (read.pages < 1)
      throw new LabError({
        code: 'bad_input',
        message: `${path} is shorter than one page of ${PAGE_SIZE} bytes.`,
        remedy: 'Choose a larger file.',
        field: 'workload.content.path',
      })
    return corpusOf(arena, read.pages, { source: `file ${path}`, synthetic: false, skippedZeroPages: 0 })
  } catch (error) {
    arena.release()
    throw fileFault(error, `The contents of ${path} cannot be read`, 'workload.content.path')
  }
}

function corpusOf(
  arena: Arena,
  pages: number,
  facts: Pick<CorpusFacts, 'source' | 'synthetic' | 'skippedZeroPages'>,
): Corpus {
  let zeroPages = 0
  for (let page = 0; page < pages; page++) if (native.pageSameFilled(arena.id, page) === 1) zeroPages++
  const sha256 = sha256Of(arena.bytes.subarray(0, pages * PAGE_SIZE))
  return { arena, pages, facts: { ...facts, pages, zeroPages, sha256 }, release: () => arena.release() }
}

function commandOf(pid: number): string {
  try {
    // Node calls its main thread MainThread, and so its process: the program's name says more.
    const comm = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    return comm === 'MainThread' ? basename(readlinkSync(`/proc/${pid}/exe`)) : comm
  } catch {
    return '' // gone: the capture will say so
  }
}
