import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { Arena } from '../../../native-bench/index.ts'
import { CorpusFacts, LabError, PAGE_SIZE } from '../../contract/index.ts'

/**
 * A saved corpus: a header page, then the pages themselves.
 *
 *   0   16  magic, ASCII
 *   16   4  version, little-endian
 *   20   4  length of the JSON, little-endian
 *   24   n  JSON: CorpusFacts; its sha256 is that of the pages
 *
 * It holds the memory of a process, so it is made for its owner's eyes only (0600).
 */
const MAGIC = 'SWAPLAB CORPUS  '
const VERSION = 1
const JSON_AT = 24
const MAX_PAGES = 65_536 // ContentSpec's limit: 256 MiB
const CHUNK = 2 ** 24

/** Pages to compress and swap, with where they come from. */
export interface Corpus {
  arena: Arena
  /** Pages of the arena that hold content: 0 .. pages-1. */
  pages: number
  facts: CorpusFacts
  /** Lets go of the arena. */
  release(): void
}

export function sha256Of(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK))
  return hash.digest('hex')
}

/**
 * Writes a new file; an existing one is left alone. Nothing is left behind where it fails.
 * @throws LabError bad_input (the file exists, the directory does not), no_permission, no_space, io_error
 */
export function writeCorpusFile(path: string, corpus: Corpus): void {
  const json = new TextEncoder().encode(JSON.stringify(corpus.facts))
  if (json.length > PAGE_SIZE - JSON_AT) throw new RangeError(`a corpus header of ${json.length} bytes`)
  const header = new Uint8Array(PAGE_SIZE)
  header.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(header.buffer)
  view.setUint32(16, VERSION, true)
  view.setUint32(20, json.length, true)
  header.set(json, JSON_AT)
  let fd: number
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  } catch (error) {
    throw fileFault(error, `The corpus ${path} cannot be written`, 'out')
  }
  try {
    writeAll(fd, header)
    writeAll(fd, corpus.arena.bytes.subarray(0, corpus.pages * PAGE_SIZE))
    fsyncSync(fd)
  } catch (error) {
    unlinkSync(path)
    throw fileFault(error, `The corpus ${path} cannot be written`, 'out')
  } finally {
    closeSync(fd)
  }
}

/**
 * Reads a corpus and checks every byte against its digest.
 * @throws LabError not_found, no_permission, bad_input (not a corpus, or a damaged one), io_error
 */
export function readCorpusFile(path: string): Corpus {
  return withCorpusFile(path, (fd, facts) => {
    const arena = new Arena(facts.pages)
    try {
      if (readAll(fd, arena.bytes, PAGE_SIZE) < arena.bytes.length) throw damaged(path, 'it ends early')
      if (sha256Of(arena.bytes) !== facts.sha256) throw damaged(path, 'its pages do not match their SHA-256')
      return { arena, pages: facts.pages, facts, release: () => arena.release() }
    } catch (error) {
      arena.release()
      throw error
    }
  })
}

/** Looks at header and size, and at none of the pages. @throws LabError as readCorpusFile */
export function checkCorpusFile(path: string): void {
  withCorpusFile(path, () => {})
}

/** @throws LabError as readCorpusFile */
function withCorpusFile<T>(path: string, read: (fd: number, facts: CorpusFacts) => T): T {
  const field = 'workload.content.path'
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // of a FIFO the open would wait for a writer
  } catch (error) {
    throw fileFault(error, `The corpus ${path} cannot be read`, field)
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw notACorpus(path, 'it is not a regular file')
    const header = new Uint8Array(PAGE_SIZE)
    if (readAll(fd, header, 0) < PAGE_SIZE) throw notACorpus(path, 'it is shorter than a header')
    const facts = parseHeader(header, path)
    if (facts.pages < 1 || facts.pages > MAX_PAGES)
      throw notACorpus(path, `it says to hold ${facts.pages} pages, of 1 to ${MAX_PAGES}`)
    const bytes = (facts.pages + 1) * PAGE_SIZE
    if (stat.size !== bytes) throw damaged(path, `it should have ${bytes} bytes and has ${stat.size}`)
    return read(fd, facts)
  } catch (error) {
    throw fileFault(error, `The corpus ${path} cannot be read`, field)
  } finally {
    closeSync(fd)
  }
}

function parseHeader(header: Uint8Array, path: string): CorpusFacts {
  if (new TextDecoder('latin1').decode(header.subarray(0, MAGIC.length)) !== MAGIC)
    throw notACorpus(path, 'it does not begin as one')
  const view = new DataView(header.buffer)
  const version = view.getUint32(16, true)
  if (version !== VERSION) throw notACorpus(path, `it has version ${version}, and this Swaplab reads ${VERSION}`)
  const length = view.getUint32(20, true)
  if (length > PAGE_SIZE - JSON_AT) throw damaged(path, 'its header is too long')
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(header.subarray(JSON_AT, JSON_AT + length)))
  } catch {
    throw damaged(path, 'its header is no JSON')
  }
  const facts = CorpusFacts.safeParse(json)
  if (!facts.success) throw damaged(path, 'its header lacks fields')
  return facts.data
}

function notACorpus(path: string, reason: string): LabError {
  return new LabError({
    code: 'bad_input',
    message: `${path} is not a corpus: ${reason}.`,
    remedy: 'Make one with "swaplab capture", or use content source "file" for any other file.',
    field: 'workload.content.path',
  })
}

function damaged(path: string, reason: string): LabError {
  return new LabError({
    code: 'bad_input',
    message: `The corpus ${path} is damaged: ${reason}.`,
    remedy: 'Capture it again, or take a copy from where it came.',
    field: 'workload.content.path',
  })
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(CHUNK, bytes.length - at))
}

/** Bytes read; fewer than asked for at the end of the file. */
function readAll(fd: number, bytes: Uint8Array, position: number): number {
  let at = 0
  while (at < bytes.length) {
    const got = readSync(fd, bytes, at, Math.min(CHUNK, bytes.length - at), position + at)
    if (got === 0) break
    at += got
  }
  return at
}

/** A failed system call on a file of the user's as a fault of the contract; a LabError passes unchanged. */
export function fileFault(error: unknown, what: string, field: string): LabError {
  if (error instanceof LabError) return error
  const reason = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const fault = (kind: 'not_found' | 'no_permission' | 'no_space' | 'bad_input' | 'io_error', remedy: string) =>
    new LabError({ code: kind, message: `${what}: ${reason}.`, remedy, field }, { cause: error })
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return fault('not_found', 'Check the path.')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return fault('no_permission', 'Choose a path you have access to.')
    case 'ENOSPC':
    case 'EDQUOT':
      return fault('no_space', 'Free some space, or choose another disk.')
    case 'EEXIST':
      return fault('bad_input', 'Existing files are left alone: choose another name, or remove it yourself.')
    case 'EISDIR':
    case 'ELOOP':
    case 'EINVAL':
    case 'ENXIO':
      return fault('bad_input', 'Give a regular file.')
    default:
      return fault('io_error', 'Check the disk and the kernel log (dmesg).')
  }
}
