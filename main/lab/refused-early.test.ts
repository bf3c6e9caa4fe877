import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildCorpus, checkSwapDirectory, writeCorpusFile } from '../bench/index.ts'
import { type ExperimentInput, type LabFault, PAGE_SIZE } from '../contract/index.ts'
import { forkEngine } from './index.ts'
import { checkPolicies } from './runs/policy-check.ts'
import { FAKE_ENGINE, fakeLab, someSpec } from './testing/fake-lab.ts'

/** What only the engine, a file or the host can tell is refused where it is asked for, and leaves no run behind. */

/** What is named lies here, whatever becomes of the labs. */
let files: string
const at = (name: string) => join(files, name)
beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), 'swaplab-named-'))
  mkdirSync(at('folder'))
  writeFileSync(at('short'), Buffer.alloc(PAGE_SIZE - 1))
  writeFileSync(at('pages'), Buffer.alloc(20 * PAGE_SIZE, 'some text '))
  writeFileSync(at('empty.csv'), '')
  writeFileSync(at('words.csv'), '0,1,r\n1,two,r\n')
  writeFileSync(at('wide.csv'), Array.from({ length: 3000 }, (_, id) => `${id},${id},r\n`).join(''))
  writeCorpus(at('cut.corpus'))
  truncateSync(at('cut.corpus'), 3 * PAGE_SIZE)
})
afterAll(() => rmSync(files, { recursive: true, force: true }))

function writeCorpus(file: string): void {
  const corpus = buildCorpus(
    { source: 'synthetic', pages: 64, mix: { zero: 0, text: 1, heap: 0, random: 0 } },
    { seed: 1, selfCorpus: null },
  )
  writeCorpusFile(file, corpus)
  corpus.release()
}

let dir: string
let labs: Awaited<ReturnType<typeof fakeLab>>[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-refused-'))
  labs = []
})
afterEach(async () => {
  for (const lab of labs) await lab.close()
  rmSync(dir, { recursive: true, force: true })
})

async function open(options: Parameters<typeof fakeLab>[1] = {}) {
  const lab = await fakeLab(dir, options)
  labs.push(lab)
  return lab
}

const SMALL: ExperimentInput = {
  memory: { frames: 512, pool: 128 },
  workload: { pages: 1500, operations: 2000, content: { source: 'synthetic', pages: 64 } },
}

const withContent = (content: NonNullable<ExperimentInput['workload']>['content']): ExperimentInput => ({
  ...SMALL,
  workload: { ...SMALL.workload, content },
})

const withTrace = (path: string, more: object = {}): ExperimentInput => ({
  ...SMALL,
  workload: { ...SMALL.workload, access: { pattern: 'trace', path, ...more } },
})

const withPolicy = (policy: string): ExperimentInput => ({
  ...SMALL,
  lanes: [{ lane: 'zcache', writeback: 'on', policy }],
})

async function refusal(work: Promise<unknown>, what = 'it'): Promise<LabFault> {
  return work.then(
    () => expect.unreachable(`${what} was not refused`),
    (error) => error.data,
  )
}

describe('what cannot be carried out', () => {
  const wrong = (): [string, ExperimentInput, string, RegExp][] => [
    [
      'a policy by frame over an allocator without frames to give',
      { ...SMALL, lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', allocator: 'zsmalloc' }] },
      'lanes.1.policy',
      /lru-frame writes back whole frames/,
    ],
    [
      'too little RAM for the metadata',
      { ...SMALL, workload: { ...SMALL.workload, pages: 2_000_000 }, lanes: [{ lane: 'zcache' }] },
      'memory.frames',
      /of 512 frames of RAM, \d+ are for metadata/,
    ],
    ['a CPU the host lacks', { ...SMALL, cpu: 1023 }, 'cpu', /CPU 1023: this process may use CPU /],
    ['a corpus that is gone', withContent({ source: 'corpus', path: at('gone') }), 'workload.content.path', /ENOENT/],
    [
      'a corpus that is none',
      withContent({ source: 'corpus', path: at('pages') }),
      'workload.content.path',
      /not a corpus/,
    ],
    ['a corpus cut off', withContent({ source: 'corpus', path: at('cut.corpus') }), 'workload.content.path', /damaged/],
    [
      'a file too small',
      withContent({ source: 'file', path: at('short') }),
      'workload.content.path',
      /shorter than one page/,
    ],
    [
      'a folder as file',
      withContent({ source: 'file', path: at('folder') }),
      'workload.content.path',
      /cannot be read/,
    ],
    ['a path from nowhere', withContent({ source: 'file', path: 'pages' }), 'workload.content.path', /not a full path/],
    [
      'a process that is not there',
      withContent({ source: 'capture', pid: 2 ** 22 + 1 }),
      'workload.content.pid',
      /no such process/,
    ],
    ['a trace that is gone', withTrace(at('gone.csv')), 'workload.access.path', /ENOENT/],
    ['an empty trace', withTrace(at('empty.csv')), 'workload.access.path', /holds no access/],
    ['a folder as trace', withTrace(at('folder')), 'workload.access.path', /not a regular file/],
    ['a trace that is none', withTrace(at('words.csv')), 'workload.access.path', /line 2: the id "two"/],
    [
      'a trace of more pages',
      { ...withTrace(at('wide.csv')), workload: { ...withTrace(at('wide.csv')).workload, operations: 3000 } },
      'workload.pages',
      /3000 different ids/,
    ],
    ['a policy of no possible path', withPolicy(`/${'x'.repeat(300)}.mjs`), 'lanes.0.policy', /no policy file/],
    [
      'a path too long',
      withContent({ source: 'file', path: `/${'x'.repeat(300)}` }),
      'workload.content.path',
      /ENAMETOOLONG/,
    ],
    ['a path with a zero byte', withTrace('/a\0b.csv'), 'workload.access.path', /zero byte/],
    [
      'a calibration without end',
      { ...SMALL, mode: 'simulate', simulate: { device: 'host', calibration: '/dev/zero' } },
      'simulate.calibration',
      /no regular file/,
    ],
    ['a policy file that is gone', withPolicy(at('gone.mjs')), 'lanes.0.policy', /no policy file/],
    [
      'a calibration that is gone',
      { ...SMALL, mode: 'simulate', simulate: { device: 'host', calibration: at('gone.json') } },
      'simulate.calibration',
      /cannot be read/,
    ],
  ]

  it('is refused alike by validate and by start, naming the field, and leaves no run behind', async () => {
    const { client } = await open()
    for (const [what, input, field, message] of wrong()) {
      const spec = someSpec(what, input)
      const fault = await refusal(client.spec.validate({ spec }), what)
      expect(fault, what).toMatchObject({ field, message: expect.stringMatching(message), remedy: expect.any(String) })
      expect(await refusal(client.runs.start({ spec })), what).toEqual(fault)
    }
    expect((await client.runs.list({})).total).toBe(0)
  })

  it('is refused with the swap directory it has no words for', async () => {
    const { client } = await open()
    for (const swapDir of ['here', at('pages'), at('gone'), `/${'x'.repeat(300)}`, '/a\0b'])
      expect(await refusal(client.runs.start({ spec: someSpec('x', SMALL), swapDir }), swapDir)).toMatchObject({
        code: 'bad_input',
        field: 'swapDir',
      })
  })

  it('is seen as it is now: what was missing may have come', async () => {
    const { client } = await open()
    const spec = someSpec('later', withTrace(at('later.csv')))
    await refusal(client.spec.validate({ spec }))
    writeFileSync(at('later.csv'), '0,1,r\n')
    expect((await client.spec.validate({ spec })).spec.name).toBe('later')
    writeFileSync(at('later.csv'), '0,1,x\n1,2,r\n')
    expect((await refusal(client.spec.validate({ spec }))).message).toContain('line 1: the op "x"')
  })

  it('is refused as text with its line, and can be written as text all the same', async () => {
    const { client } = await open()
    const text =
      'memory: { frames: 512, pool: 128 }\nlanes:\n  - lane: zcache\n    allocator: zsmalloc\n    policy: lru-frame\n    writeback: on\n'
    expect(await refusal(client.spec.parse({ text }))).toMatchObject({
      field: 'lanes.0.policy',
      message: expect.stringMatching(/^line 5, lanes\.0\.policy: The policy lru-frame writes back whole frames/),
    })
    const spec = { memory: { frames: 512, pool: 512 }, lanes: [{ lane: 'zcache', allocator: 'zsmalloc' }] }
    expect((await client.spec.write({ spec })).yaml).toContain('allocator: zsmalloc')
    expect(await refusal(client.spec.write({ spec: { trials: 0 } }))).toMatchObject({ field: 'trials' })
  })

  it('for its swap directory too, where files are made', () => {
    const check = (spec: ExperimentInput) => checkSwapDirectory(someSpec('x', spec), at('gone'), true)
    expect(() => check(SMALL)).toThrow(expect.objectContaining({ code: 'unsafe_target', field: 'swapDir' }))
    check({ ...SMALL, mode: 'simulate' })
  })
})

describe("a user's policy", () => {
  const realEngine = { startEngine: () => forkEngine() }

  it('is loaded by an engine process before its run is kept', async () => {
    writeFileSync(at('leaves.mjs'), 'process.exit(0)')
    writeFileSync(
      at('frame.mjs'),
      `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create: () => ({ unit: 'frame' }) }`,
    )
    const { client } = await open(realEngine)
    const specWith = (policy: string, lane: object = {}) => ({
      spec: { ...SMALL, lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', policy, ...lane }] },
    })
    expect(await refusal(client.runs.start(specWith(at('leaves.mjs'))))).toMatchObject({
      field: 'lanes.1.policy',
      message: expect.stringContaining('exit code 0'),
    })
    // To check asks the same, and starts nothing.
    expect(await refusal(client.runs.check(specWith(at('frame.mjs'), { allocator: 'zsmalloc' })))).toMatchObject({
      field: 'lanes.1.policy',
      message: expect.stringContaining('writes back whole frames'),
    })
    expect(await client.runs.check(specWith(at('frame.mjs')))).toMatchObject({ spec: { trials: 5 } })
    expect((await client.runs.list({})).total).toBe(0)
  })

  it('that is never loaded to its end is broken off, and named', async () => {
    writeFileSync(at('endless.mjs'), 'for (;;);')
    await expect(checkPolicies(someSpec('x', withPolicy(at('endless.mjs'))), forkEngine, 1500)).rejects.toMatchObject({
      code: 'bad_input',
      field: 'lanes.0.policy',
      message: `${at('endless.mjs')}: loading it has not ended in 1.5 s, and was broken off.`,
    })
  })
})

describe('what goes after the start', () => {
  it('ends the run when its turn comes, with what is missing', async () => {
    const engines = [FAKE_ENGINE]
    const { client } = await open({ startEngine: () => forkEngine(engines.shift()) })
    writeFileSync(at('passing'), Buffer.alloc(20 * PAGE_SIZE, 'text '))
    const before = await client.runs.start({ spec: someSpec('slow', { ...SMALL, trials: 3 }) })
    const { id } = await client.runs.start({
      spec: someSpec('queued', withContent({ source: 'file', path: at('passing') })),
    })
    rmSync(at('passing'))
    for await (const _ of await client.runs.watch({ id }));
    expect((await client.runs.get({ id: before.id })).run.status).toBe('done')
    expect((await client.runs.get({ id })).run).toMatchObject({
      status: 'failed',
      fault: { code: 'not_found', field: 'workload.content.path', message: expect.stringContaining('ENOENT') },
    })
  })

  it('is refused when more is asked for, and the run stays as it was', async () => {
    const { client } = await open()
    writeCorpus(at('kept.corpus'))
    const spec = someSpec('undecided', {
      ...withContent({ source: 'corpus', path: at('kept.corpus') }),
      lanes: someSpec('x').lanes,
    })
    const { id } = await client.runs.start({ spec })
    for await (const _ of await client.runs.watch({ id }));
    rmSync(at('kept.corpus'))
    expect(await refusal(client.runs.more({ id }))).toMatchObject({ code: 'not_found', field: 'workload.content.path' })
    expect((await client.runs.get({ id })).run).toMatchObject({ status: 'done', trialsDone: 9 })
  })
})
