import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readText, setField, wholePaths } from './spec-input.ts'

describe('--set', () => {
  const spec = {
    name: 'a',
    workload: { pages: 1, access: { pattern: 'zipf' } },
    lanes: [{ lane: 'raw' }, { codec: 'lz4' }],
  }

  it('replaces one field and leaves the rest, and the original, alone', () => {
    const before = structuredClone(spec)
    expect(setField(spec, 'workload.pages=20000')).toEqual({ ...spec, workload: { ...spec.workload, pages: 20_000 } })
    expect(setField(spec, 'lanes.1.codec=zstd')).toMatchObject({ lanes: [{ lane: 'raw' }, { codec: 'zstd' }] })
    expect(spec).toEqual(before)
  })

  it('takes values as YAML: numbers, words, whole objects, and equals signs inside', () => {
    expect(setField(spec, 'warmup=0.5')).toMatchObject({ warmup: 0.5 })
    expect(setField(spec, 'name=a=b')).toMatchObject({ name: 'a=b' })
    expect(setField(spec, 'workload.access={pattern: uniform}')).toMatchObject({
      workload: { access: { pattern: 'uniform' } },
    })
    expect(setField(spec, 'lanes.2={lane: raw, label: again}')).toMatchObject({ lanes: { length: 3 } })
    expect(setField(spec, 'memory.frames=512')).toMatchObject({ memory: { frames: 512 } })
  })

  it.each(['nothing', '=1', 'a..b=1', 'lanes.7.codec=lz4', 'lanes.x=1', 'name.first=1', '__proto__.x=1', 'a=[1'])(
    'refuses %s',
    (assignment) => expect(() => setField(spec, assignment)).toThrow(expect.objectContaining({ code: 'bad_input' })),
  )
})

describe('paths of a specification', () => {
  it('start at the folder given, and names stay names', () => {
    const spec = { lanes: [{ lane: 'raw' }, { policy: 'watermark' }, { policy: './mine.ts' }, { policy: '/a/b.mjs' }] }
    expect(wholePaths(spec, '/home/me')).toEqual({
      lanes: [{ lane: 'raw' }, { policy: 'watermark' }, { policy: '/home/me/mine.ts' }, { policy: '/a/b.mjs' }],
    })
  })
  it('are those of page contents, traces and calibrations too', () => {
    const spec = {
      workload: { pages: 9, content: { source: 'corpus', path: 'c3' } },
      simulate: { calibration: 'c.json' },
    }
    expect(wholePaths(spec, '/home/me')).toEqual({
      workload: { pages: 9, content: { source: 'corpus', path: '/home/me/c3' } },
      simulate: { calibration: '/home/me/c.json' },
    })
    const trace = {
      workload: { access: { pattern: 'trace', path: '../t.csv' }, content: { source: 'file', path: '/f' } },
    }
    expect(wholePaths(trace, '/home/me')).toEqual({
      workload: { access: { pattern: 'trace', path: '/home/t.csv' }, content: { source: 'file', path: '/f' } },
    })
    const itself = { workload: { content: { source: 'capture', pid: 'self' } }, simulate: { device: 'reference' } }
    expect(wholePaths(itself, '/home/me')).toEqual(itself)
  })
  it('are left to the contract where the specification is no specification', () => {
    for (const spec of [null, 'text', {}, { lanes: 3 }, { lanes: [3, { policy: 4 }] }])
      expect(wholePaths(spec, '/x')).toEqual(spec)
  })
})

describe('a file as text', () => {
  const dir = mkdtempSync(join(tmpdir(), 'swaplab-text-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(dir, name), content)
    return join(dir, name)
  }
  const refused = (path: string, message: RegExp) =>
    expect(() => readText(path, 'SPEC', 1024)).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'SPEC', message: expect.stringMatching(message) }),
    )

  it('is read in UTF-8, with or without its mark', () => {
    expect(readText(file('plain', 'name: Größe\n'), 'SPEC', 1024)).toBe('name: Größe\n')
    expect(readText(file('mark', '\ufeffname: x\n'), 'SPEC', 1024)).toBe('name: x\n')
  })

  it('is refused where it is something else, or does not end', () => {
    refused(file('utf16', Buffer.from('\ufefftrials: 3\n', 'utf16le')), /no text in UTF-8/)
    refused(file('zero', 'trials: 3\0'), /no text in UTF-8/)
    refused(file('large', 'x'.repeat(1025)), /holds more than/)
    refused(dir, /EISDIR/)
    if (existsSync('/dev/zero')) refused('/dev/zero', /holds more than/)
  })
})
