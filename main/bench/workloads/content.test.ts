import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LabError, PAGE_SIZE } from '../../contract/index.ts'
import { buildCorpus, captureCorpus, corpusPageOf } from './content.ts'
import { readCorpusFile, writeCorpusFile } from './corpus-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swaplab-content-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const OPTIONS = { seed: 42, selfCorpus: null }
const MIX = { zero: 0.25, text: 0.25, heap: 0.25, random: 0.25 }

function faultOf(action: () => { release(): void }) {
  try {
    action().release()
  } catch (error) {
    if (error instanceof LabError) return error.toFault()
    throw error
  }
  throw new Error('it was accepted')
}

describe('buildCorpus', () => {
  it('makes a synthetic mix, labelled so', () => {
    const corpus = buildCorpus({ source: 'synthetic', mix: MIX, pages: 64 }, OPTIONS)
    expect(corpus.pages).toBe(64)
    expect(corpus.facts).toEqual({
      source: 'synthetic, 25 % zero, 25 % text-like, 25 % heap-like, 25 % random',
      synthetic: true,
      pages: 64,
      zeroPages: 16,
      skippedZeroPages: 0,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    corpus.release()
  })

  it('cuts a file into pages and leaves the rest of the last one out', () => {
    const path = join(directory, 'file')
    writeFileSync(path, Buffer.alloc(5 * PAGE_SIZE + 100, 'abc'))
    const corpus = buildCorpus({ source: 'file', path, pages: 64 }, OPTIONS)
    expect(corpus.facts).toMatchObject({ source: `file ${path}`, synthetic: false, pages: 5, zeroPages: 0 })
    expect(Buffer.from(corpus.arena.page(1)).equals(readFileSync(path).subarray(PAGE_SIZE, 2 * PAGE_SIZE))).toBe(true)
    corpus.release()
  })

  it('says what is wrong with a file', () => {
    const path = join(directory, 'short')
    writeFileSync(path, 'short')
    const of = (file: string) => faultOf(() => buildCorpus({ source: 'file', path: file, pages: 64 }, OPTIONS))
    expect(of(path)).toMatchObject({ code: 'bad_input', field: 'workload.content.path' })
    expect(of(join(directory, 'missing'))).toMatchObject({ code: 'not_found' })
    expect(of(directory)).toMatchObject({ code: 'bad_input' })
    expect(of('/dev/zero')).toMatchObject({ code: 'bad_input' })
  })

  it('captures a living process, without its zero pages', async (context) => {
    const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(child.stdout, 'data')
      const pid = child.pid ?? 0
      const capture = () => buildCorpus({ source: 'capture', pid, pages: 512, zeros: 'skip' }, OPTIONS)
      try {
        capture().release()
      } catch (error) {
        if (error instanceof LabError && error.message.includes('may not be read'))
          context.skip('this host does not let a process read its child')
        throw error
      }
      const corpus = capture()
      expect(corpus.facts).toMatchObject({
        source: expect.stringMatching(new RegExp(`^capture of pid ${pid} \\(`)),
        synthetic: false,
        zeroPages: 0,
      })
      expect(corpus.pages).toBeGreaterThan(256)
      corpus.release()
    } finally {
      child.kill('SIGKILL')
    }
  })

  const kernelThread = existsSync('/proc/2/comm') && readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n'
  it.skipIf(!kernelThread || process.geteuid?.() !== 0)(
    'does not say of a kernel thread that it is not there (skipped unless root sees one)',
    () =>
      expect(faultOf(() => captureCorpus(2, 64, 'skip'))).toMatchObject({
        code: 'capture_failed',
        message: expect.stringContaining('(kthreadd) could not be captured: it has no memory of its own'),
      }),
  )

  it('says why a process cannot be captured', () => {
    expect(faultOf(() => captureCorpus(2 ** 22 + 1, 64, 'skip'))).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('no such process'),
      remedy: expect.any(String),
    })
  })

  it('takes what the lab captured of itself, at most the pages asked for', () => {
    const path = join(directory, 'self.corpus')
    const whole = buildCorpus({ source: 'synthetic', mix: MIX, pages: 100 }, OPTIONS)
    writeCorpusFile(path, whole)
    const options = { seed: 1, selfCorpus: path }
    const same = buildCorpus({ source: 'capture', pid: 'self', pages: 100, zeros: 'skip' }, options)
    expect(same.facts).toEqual(whole.facts)
    const part = buildCorpus({ source: 'capture', pid: 'self', pages: 64, zeros: 'skip' }, options)
    expect(part.pages).toBe(64)
    expect(part.facts.sha256).not.toBe(whole.facts.sha256)
    expect(Buffer.from(part.arena.page(63)).equals(whole.arena.page(63))).toBe(true)
    for (const corpus of [whole, same, part]) corpus.release()
  })
})

describe('a corpus file', () => {
  const write = () => {
    const path = join(directory, 'a.corpus')
    const corpus = buildCorpus({ source: 'synthetic', mix: MIX, pages: 64 }, OPTIONS)
    writeCorpusFile(path, corpus)
    return { path, corpus }
  }
  const damage = (path: string, at: number) => {
    const fd = openSync(path, 'r+')
    writeSync(fd, Buffer.of(0x5a), 0, 1, at)
    closeSync(fd)
  }

  it('gives back pages and facts, and is for its owner only', () => {
    const { path, corpus } = write()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const back = readCorpusFile(path)
    expect(back.facts).toEqual(corpus.facts)
    expect(Buffer.compare(back.arena.bytes, corpus.arena.bytes)).toBe(0)
    back.release()
  })

  it('never overwrites', () => {
    const { path, corpus } = write()
    const before = readFileSync(path)
    expect(() => writeCorpusFile(path, corpus)).toThrow(/EEXIST/)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(() => writeCorpusFile(join(directory, 'missing', 'a'), corpus)).toThrow(LabError)
  })

  it('is refused with one byte of a page changed', () => {
    const { path } = write()
    damage(path, 40 * PAGE_SIZE + 17)
    expect(faultOf(() => readCorpusFile(path))).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('SHA-256'),
      field: 'workload.content.path',
    })
  })

  it.each([
    ['cut short', (path: string) => truncateSync(path, 10 * PAGE_SIZE), /should have/],
    ['cut inside its header', (path: string) => truncateSync(path, 100), /not a corpus/],
    ['of another magic', (path: string) => damage(path, 3), /not a corpus/],
    ['of another version', (path: string) => damage(path, 16), /version 90/],
    ['of a broken header', (path: string) => damage(path, 25), /damaged/],
    ['of an oversized header', (path: string) => damage(path, 22), /too long/],
  ])('is refused when %s', (_what, harm, message) => {
    const { path } = write()
    harm(path)
    const fault = faultOf(() => readCorpusFile(path))
    expect(fault.code).toBe('bad_input')
    expect(fault.message).toMatch(message)
  })

  it('is told from a missing one and from a directory', () => {
    expect(faultOf(() => readCorpusFile(join(directory, 'missing')))).toMatchObject({ code: 'not_found' })
    expect(faultOf(() => readCorpusFile(directory))).toMatchObject({ code: 'bad_input' })
  })
})

describe('corpusPageOf', () => {
  it('is the same for the same seed, in range, and even', () => {
    const counts = new Float64Array(100)
    for (let vpn = 0; vpn < 100_000; vpn++) {
      const page = corpusPageOf(vpn, 42, 100)
      expect(page).toBe(corpusPageOf(vpn, 42, 100))
      counts[page]++
    }
    const chi2 = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)
    expect(chi2).toBeLessThan(148.2) // 99 degrees of freedom, p = 0.001
    expect(corpusPageOf(7, 1, 1000)).not.toBe(corpusPageOf(7, 2, 1000))
  })
})
