import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { ExperimentSpec, TraceAccess } from '../../contract/index.ts'
import { openAccess } from './access.ts'
import { FREE, READ, WRITE } from './stream.ts'
import { writeTrace } from './trace-export.ts'
import { DenseIds } from './trace-ids.ts'

const folder = mkdtempSync(join(tmpdir(), 'swaplab-trace-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(content: string | Uint8Array, suffix = ''): string {
  const path = join(folder, `trace-${files++}${suffix}`)
  writeFileSync(path, content)
  return path
}

type Fields = Partial<TraceAccess> & { path: string }
const access = (fields: Fields) => TraceAccess.parse({ pattern: 'trace', ...fields })

/** The accesses of a trace as `r0 w1 f1 …`. */
async function replay(fields: Fields, { pages = 8, operations = 6, seed = 1 } = {}): Promise<string> {
  const stream = await openAccess(access(fields), { pages, operations, seed })
  return Array.from({ length: operations }, () => {
    stream.next()
    return `${stream.op === FREE ? 'f' : stream.op === WRITE ? 'w' : 'r'}${stream.vpn}`
  }).join(' ')
}

function records(...rows: { id: bigint; size?: number }[]): Buffer {
  return Buffer.concat(
    rows.map(({ id, size = 4096 }, time) => {
      const record = Buffer.alloc(24)
      record.writeUInt32LE(time, 0)
      record.writeBigUInt64LE(id, 4)
      record.writeUInt32LE(size, 12)
      record.writeBigInt64LE(-1n, 16)
      return record
    }),
  )
}

describe('a CSV trace', () => {
  it('is replayed in its order, ids becoming pages as they first appear', async () => {
    const path = file('time,id,op\n0,900,w\n1,7,r\n1.5,900,r\n2,7,f\n3,8,w\n')
    expect(await replay({ path }, { operations: 5 })).toBe('w0 r1 r0 f1 w2')
  })

  it('needs no header, may end its lines as DOS does, have empty ones, spaces, capitals, hexadecimal ids, no last newline', async () => {
    const path = file('0, 0xFF, W\r\n\r\n1,255,R\r\n2,18446744073709551615,r')
    expect(await replay({ path }, { operations: 3 })).toBe('w0 r0 r1')
  })

  it('may begin with a byte order mark, before a header or the first line', async () => {
    for (const header of ['', '"Time (s)","object id","op"\r\n'])
      expect(await replay({ path: file(`\ufeff${header}0,5,w\n1,6,r\n`) }, { operations: 2 })).toBe('w0 r1')
  })

  it('starts again where it ends; the first touch of a page freed before is a write, a second free nothing', async () => {
    const path = file('0,5,f\n1,6,r\n2,5,r\n3,5,f\n4,5,f\n')
    expect(await replay({ path }, { operations: 8 })).toBe('f0 r1 w0 f0 r1 w0 f0 r1')
  })

  it('without ops has the share of writes asked for', async () => {
    const path = file('0,1\n1,2\n2,3\n')
    expect(await replay({ path, writes: 0 })).toBe('r0 r1 r2 r0 r1 r2')
    expect(await replay({ path, writes: 1 })).toBe('w0 w1 w2 w0 w1 w2')
  })

  it('is cut off by the limit, and nothing behind it is looked at', async () => {
    const path = file('0,1,r\n1,2,r\nnonsense\n')
    expect(await replay({ path, limit: 2 })).toBe('r0 r1 r0 r1 r0 r1')
  })

  it('with "ids: pages" has page numbers', async () => {
    const path = file('0,3,r\n1,0,w\n')
    expect(await replay({ path, ids: 'pages' }, { operations: 2 })).toBe('r3 w0')
    await expect(replay({ path: file('0,1,r\n1,8,r\n'), ids: 'pages' })).rejects.toMatchObject({
      code: 'bad_input',
      field: 'workload.pages',
      message: expect.stringContaining('line 2: the id 8'),
    })
  })

  it.each([
    ['0,1,r\nx,2,r\n', 'line 2: the time "x" is no number'],
    ['time,id,op\n0,1,r\n1,minus,r\n', 'line 3: the id "minus"'],
    ['0,1,r\n1,-2,r\n', 'line 2: the id "-2"'],
    ['0,18446744073709551616,r\n', 'line 1: the id'],
    ['0,1,r\n\n1,1,x\n', 'line 3: the op "x" is none of r, w, f'],
    ['0,1,r,4096\n', 'line 1: it has 4 fields'],
    ['0,1,r\n1,123,r\n2,12', 'line 3: it has 2 fields, and the lines before it 3'],
    ['0,1\n1,123,r\n', 'line 2: it has 3 fields, and the lines before it 2'],
    ['0\n', 'line 1: it has 1 fields'],
    ['', 'no access'],
    ['time,id,op\n0,1,f\n', 'no access'],
  ])('is refused with its place: %j', async (text, problem) => {
    await expect(replay({ path: file(text) })).rejects.toMatchObject({
      code: 'bad_input',
      field: 'workload.access.path',
      message: expect.stringContaining(problem),
    })
  })

  it('with a line that does not end is refused before it fills the memory', async () => {
    await expect(replay({ path: file('0'.repeat(20_000)) })).rejects.toMatchObject({
      message: expect.stringContaining('line 1: it does not end'),
    })
  })

  it('reads the same however the bytes are cut, zstd or not', async () => {
    const line = (i: number) => `${i},${(i * 7919) % 5000},${'rwr'[i % 3]}`
    const text = Array.from({ length: 200_000 }, (_, i) => line(i)).join('\n') // 3 MB: several chunks
    const shape = { pages: 5000, operations: 200_000 }
    const plain = await replay({ path: file(text) }, shape)
    expect(plain.split(' ').at(-1)).toBe(`${'rwr'[199_999 % 3]}${199_999 % 5000}`)
    expect((await replay({ path: file(zstdCompressSync(text), '.zst') }, shape)) === plain).toBe(true)
  })
})

describe('an oracleGeneral trace', () => {
  it('is replayed by ids of 64 bits; records of size 0 are passed over', async () => {
    const big = 2n ** 63n
    const path = file(records({ id: big }, { id: 3n, size: 0 }, { id: big + 2n ** 32n }, { id: big }))
    expect(await replay({ path, format: 'oracleGeneral', writes: 0 }, { operations: 4 })).toBe('r0 r1 r0 r0')
  })

  it('may be compressed by zstd, in several frames', async () => {
    const [a, b] = [records({ id: 1n }, { id: 2n }), records({ id: 1n })]
    const path = file(Buffer.concat([zstdCompressSync(a), zstdCompressSync(b)]), '.zst')
    expect(await replay({ path, format: 'oracleGeneral', writes: 0 })).toBe('r0 r1 r0 r0 r1 r0')
  })

  it('may be compressed by pzstd, which writes a frame without content before each other', async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
    const frames = [records({ id: 1n }), records({ id: 2n })].flatMap((part) => [skippable, zstdCompressSync(part)])
    const path = file(Buffer.concat(frames), '.zst')
    expect(await replay({ path, format: 'oracleGeneral', writes: 0 }, { operations: 3 })).toBe('r0 r1 r0')
  })

  it('whose compression asks for too much memory is refused for that, and not called damaged', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 28 }
    const chunks = await buffer(Readable.from([records({ id: 1n })]).pipe(createZstdCompress({ params })))
    await expect(replay({ path: file(chunks, '.zst'), format: 'oracleGeneral' })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('a window of more than 128 MiB'),
    })
  })

  it('given as csv is refused with the word that helps', async () => {
    const path = file(zstdCompressSync(records(...Array.from({ length: 500 }, (_, i) => ({ id: BigInt(i) })))), '.zst')
    await expect(replay({ path })).rejects.toMatchObject({ remedy: expect.stringContaining('format: oracleGeneral') })
  })

  it('that ends inside a record is refused, and so is damaged compression', async () => {
    const whole = records({ id: 1n }, { id: 2n })
    const fault = (path: string) => replay({ path, format: 'oracleGeneral' })
    await expect(fault(file(whole.subarray(0, 40)))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('inside record 2 (16 of 24 bytes)'),
    })
    const packed = zstdCompressSync(records(...Array.from({ length: 500 }, (_, i) => ({ id: BigInt(i * i) }))))
    await expect(fault(file(packed.subarray(0, packed.length - 9)))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('zstd'),
    })
    packed.fill(0xff, 8, 40)
    await expect(fault(file(packed))).rejects.toMatchObject({ code: 'bad_input' })
  })
})

describe('any trace', () => {
  it('with more ids than pages says how many pages are needed', async () => {
    const path = file(Array.from({ length: 20 }, (_, i) => `${i},${i % 13},r`).join('\n'))
    await expect(replay({ path }, { operations: 20 })).rejects.toMatchObject({
      code: 'bad_input',
      field: 'workload.pages',
      message: expect.stringContaining('13 different ids, and workload.pages is 8'),
      remedy: expect.stringContaining('13'),
    })
    expect(await replay({ path }, { operations: 8 })).toBe('r0 r1 r2 r3 r4 r5 r6 r7')
  })

  it('that is missing, or no file, is refused', async () => {
    await expect(replay({ path: join(folder, 'absent') })).rejects.toMatchObject({ code: 'not_found' })
    await expect(replay({ path: folder })).rejects.toMatchObject({ code: 'bad_input' })
  })

  it('is read anew when the file has changed', async () => {
    const path = file('0,1,r\n')
    expect(await replay({ path }, { operations: 2 })).toBe('r0 r0')
    writeFileSync(path, '0,1,r\n1,2,w\n')
    expect(await replay({ path }, { operations: 2 })).toBe('r0 w1')
  })

  it('longer than what is kept in memory is the same, round after round', async () => {
    const count = 2 ** 22 + 100_000
    const path = file(records(...Array.from({ length: 50_000 }, (_, i) => ({ id: BigInt((i * 31) % 1009) }))))
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat(Array.from({ length: Math.ceil(count / 50_000) }, () => bytes)))
    const accesses = Math.ceil(count / 50_000) * 50_000
    const stream = await openAccess(access({ path, format: 'oracleGeneral', writes: 0 }), {
      pages: 1009,
      operations: accesses + 70_000,
      seed: 1,
    })
    // In order of first appearance the id (i * 31) % 1009 is page i % 1009, in each round of 50 000.
    let wrong = 0
    for (let i = 0; i < accesses + 70_000; i++) {
      stream.next()
      if (stream.vpn !== ((i % accesses) % 50_000) % 1009 || stream.op !== READ) wrong++
    }
    expect(wrong).toBe(0)
  })
})

describe('ids', () => {
  it('are numbered in order of first appearance, whatever they are', () => {
    const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff_ffff }))
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { maxLength: 9000 }), (ids) => {
        const dense = new DenseIds()
        const model = new Map<string, number>()
        for (const [low, high] of ids) {
          const key = `${low}:${high}`
          if (!model.has(key)) model.set(key, model.size)
          expect(dense.numberOf(low, high)).toBe(model.get(key))
        }
        expect(dense.size).toBe(model.size)
      }),
      { numRuns: 30 },
    )
  })
})

describe('an exported trace', () => {
  const workload = { pages: 600, operations: 20_000 }
  const accesses = [
    { pattern: 'zipf' },
    { pattern: 'gc' },
    { pattern: 'tabs', close: 0.5 },
    { pattern: 'build' },
    { pattern: 'inversion' },
    { pattern: 'burst' },
  ]
  const shape = { ...workload, seed: 9 }

  async function sequence(spec: ExperimentSpec['workload']['access']) {
    const stream = await openAccess(spec, shape)
    return Array.from({ length: workload.operations }, () => {
      stream.next()
      return { vpn: stream.vpn, op: stream.op }
    })
  }

  it.each(accesses)('replays $pattern access for access from csv', async (pattern) => {
    const spec = ExperimentSpec.parse({ seed: 9, workload: { ...workload, access: pattern } })
    for (const suffix of ['.csv', '.csv.zst']) {
      const path = join(folder, `${pattern.pattern}${suffix}`)
      const facts = await writeTrace(spec, 'csv', path)
      expect(facts).toMatchObject({ accesses: 20_000, freesLeftOut: 0 })
      const made = await sequence(spec.workload.access)
      expect(await sequence(access({ path, ids: 'pages' }))).toEqual(made)
      // Dense ids are the same accesses under other page numbers.
      const names = new Map<number, number>()
      for (const { vpn } of made) if (!names.has(vpn)) names.set(vpn, names.size)
      expect(facts.pages).toBe(names.size)
      expect(await sequence(access({ path }))).toEqual(made.map(({ vpn, op }) => ({ vpn: names.get(vpn), op })))
    }
  })

  it('as oracleGeneral has the pages, and says of each when it is next wanted', async () => {
    const spec = ExperimentSpec.parse({ seed: 9, workload: { ...workload, access: { pattern: 'build' } } })
    const path = join(folder, 'build.oracleGeneral')
    const facts = await writeTrace(spec, 'oracleGeneral', path)
    const made = (await sequence(spec.workload.access)).filter(({ op }) => op !== FREE)
    expect(facts).toMatchObject({ accesses: made.length, frees: 0, freesLeftOut: 20_000 - made.length })
    const view = new DataView(new Uint8Array(readFileSync(path)).buffer)
    expect(view.byteLength).toBe(made.length * 24)
    for (let i = 0; i < made.length; i++) {
      expect(view.getBigUint64(i * 24 + 4, true)).toBe(BigInt(made[i].vpn))
      expect(view.getUint32(i * 24 + 12, true)).toBe(4096)
      const next = view.getBigInt64(i * 24 + 16, true)
      if (i < 500) {
        const found = made.findIndex(({ vpn }, at) => at > i && vpn === made[i].vpn)
        expect(next).toBe(found < 0 ? -1n : BigInt(found + 1)) // counted from 1
      }
    }
  })

  it.each(['', '.zst'])('as oracleGeneral%s is replayed page for page', async (suffix) => {
    const spec = ExperimentSpec.parse({ seed: 9, workload: { ...workload, access: { pattern: 'gc' } } })
    const path = join(folder, `gc.oracleGeneral${suffix}`)
    await writeTrace(spec, 'oracleGeneral', path)
    const pagesOf = async (access: ExperimentSpec['workload']['access']) =>
      (await sequence(access)).map(({ vpn }) => vpn)
    expect(await pagesOf(access({ path, format: 'oracleGeneral', ids: 'pages' }))).toEqual(
      await pagesOf(spec.workload.access),
    )
  })

  it.each(['cancelled.csv', 'cancelled.csv.zst'])('that is cancelled leaves no part of %s', async (name) => {
    const path = join(folder, name)
    const spec = ExperimentSpec.parse({ workload: { ...workload, operations: 500_000 } })
    const cancel = new AbortController()
    const writing = writeTrace(spec, 'csv', path, cancel.signal)
    await vi.waitUntil(() => existsSync(path), { interval: 1 })
    cancel.abort()
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(path)).toBe(false)
  })

  it('leaves an existing file alone', async () => {
    const path = file('precious')
    const spec = ExperimentSpec.parse({ workload })
    await expect(writeTrace(spec, 'csv', path)).rejects.toMatchObject({ code: 'bad_input', field: 'out' })
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })
})
