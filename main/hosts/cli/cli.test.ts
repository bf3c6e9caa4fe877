import { type ChildProcess, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  AllocatorFacts,
  CodecFacts,
  Comparison,
  CorpusFacts,
  HostCheck,
  HostReport,
  LabFault,
  LaneComparison,
  LaneFacts,
  PolicyFacts,
  Preset,
  RunDocument,
  RunSummary,
  Trend,
} from '../../contract/index.ts'

const CLI = fileURLToPath(new URL('./index.ts', import.meta.url))
/** Speaks the engine's messages and measures nothing. */
const FAKE_ENGINE = fileURLToPath(new URL('../../lab/testing/fake-engine.ts', import.meta.url))

const REAL_ENGINE = fileURLToPath(new URL('../../bench/process.ts', import.meta.url))

let dir: string
const children: ChildProcess[] = []

function launch(args: string[], engine: string | undefined = FAKE_ENGINE): ChildProcess {
  // Where no --data is given: not in the history of whoever runs the tests.
  const env = { ...process.env, SWAPLAB_ENGINE: engine, XDG_DATA_HOME: dir }
  const child = spawn(process.execPath, [CLI, ...args], { env })
  children.push(child)
  return child
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const swaplab = (...args: string[]) => ended(launch(args))
const inDir = (...args: string[]) => swaplab(...args, '--data', dir)

/** The one document on stdout, as the contract has it. */
function documentOf<T>(schema: z.ZodType<T>, { out }: { out: string }): T {
  return schema.parse(JSON.parse(out))
}

const Refusal = z.strictObject({ error: LabFault })

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-cli-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

describe('bad input ends with 2, and says what is allowed', () => {
  it.each([
    [['frobnicate'], /Unknown command 'frobnicate'.*[\s\S]*Commands: run,/],
    [['lits'], /list/],
    [['calibrate', '--against', 'nonsense'], /Allowed choices are fio, kernel/],
    [['calibrate', '--against', 'fio', '--no-disk'], /the disk is left out/],
    [['list', '--limit', '0'], /whole number from 1 to 1000/],
    [['run', '--bogus'], /--bogus/],
    [['--data', 'x', 'list'], /after the command/],
    [['export', 'x', '--format', 'pdf'], /json, csv, html, bundle/],
    [['show'], /run/],
    [['list', '--limit', ''], /"swaplab list --help" shows what it takes/],
    [['sweep', '--preset', 'quick'], /Nothing varies\.\n.*--vary memory\.pool=/],
    [['serve', '--host', ''], /"" is not an address of this machine/],
    [['serve', '--port', '99999'], /whole number from 0 to 65535/],
    [['capture', '--out', 'x'], /--pid PID or --file FILE/],
    [[], /Usage: swaplab/],
  ])('%j', async (args, words) => {
    const { code, out, err } = await swaplab(...args)
    expect(err).toMatch(words)
    expect(out).toBe('')
    expect(code).toBe(2)
  })

  it.each([
    [['run', '--preset', 'nope'], 'preset', /quick, standard, thorough/],
    [['run', '--set', 'memory.frames=7'], 'memory.frames', /swaplab presets --json/],
    [['run', 'no-such-file.yaml'], 'SPEC', /existing file/],
    [['show', 'nobody'], 'id', /swaplab list/],
    [['import', ''], 'file', /existing file/],
    [['import', '/dev/null'], 'text', /swaplab export/],
    [['policies', '--new', '/nonexistent/mine.ts'], 'new', /folder you may write to/],
    [['sweep', '--preset', 'quick', '--vary', 'lanes.9.codec=lz4'], 'vary.0.values', /Places are 0 to/],
    [['capture', '--pid', '4194304', '--out', '/nonexistent/x'], 'workload.content.pid', /process id/],
  ])('%j --json names the field', async (args, field, remedy) => {
    const result = await inDir(...args, '--json')
    const { error } = documentOf(Refusal, result)
    expect(error.field).toBe(field)
    expect(error.remedy).toMatch(remedy)
    expect(result.code).toBe(2)
  })
})

describe('a file that is wrong is named, with the place where it is', () => {
  it.each([
    ['syntax.yaml', 'memory: { frames: 10\nlanes:\n', /syntax\.yaml: Line 2, column 1: /],
    ['field.yaml', 'lanes: [{ lane: raw }]\nmemroy: {}\n', /field\.yaml: line 2, memroy: /],
    ['empty.yaml', '', /empty\.yaml: The specification is empty/],
  ])('%s', async (name, text, words) => {
    const file = join(dir, name)
    writeFileSync(file, text)
    const { code, err } = await inDir('validate', file)
    expect(err).toMatch(words)
    expect(err).toContain(`swaplab: ${file}: `)
    expect(code).toBe(2)
  })
  it('also a bundle, and stdin', async () => {
    const file = join(dir, 'cut.json')
    writeFileSync(file, '{\n  "format": "swaplab-bundle"\n  "formatVersion": 1 }')
    expect((await inDir('import', file)).err).toMatch(/cut\.json: The file is not JSON, .*line 3 column 3/)
    const child = launch(['validate', '-', '--data', dir])
    child.stdin?.end('name: [x\n')
    expect((await ended(child)).err).toMatch(/^swaplab: stdin: Line \d, column \d/)
  })
})

describe('bin/swaplab', () => {
  it('runs by way of a link, from any folder, on the Node that came with the project', async () => {
    const link = join(dir, 'swaplab')
    symlinkSync(fileURLToPath(new URL('../../../bin/swaplab', import.meta.url)), link)
    const { code, out, err } = await ended(
      spawn(link, ['list', '--data', '.'], { cwd: dir, env: { PATH: '/usr/bin:/bin', HOME: dir } }),
    )
    expect([err, out, code]).toEqual(['', expect.stringContaining('No runs.'), 0])
    expect(readdirSync(dir)).toContain('history.sqlite')
  })

  /** With a `make` of one's own; `$marker` is a path that is free. */
  const withMake = (script: string, shell: string) => {
    writeFileSync(join(dir, 'make'), `#!/bin/sh\nmarker=${join(dir, 'marker')}\n${script}\n`, { mode: 0o755 })
    const env = {
      PATH: `${dir}:/usr/bin:/bin`,
      SWAPLAB: fileURLToPath(new URL('../../../bin/swaplab', import.meta.url)),
    }
    return ended(spawn('/bin/sh', ['-c', shell], { cwd: dir, env }))
  }

  it('ends with 1 where the addon cannot be built, whatever make ends with: 2 is bad input', async () => {
    const { code, err } = await withMake('echo "no g++" >&2; exit 2', '"$SWAPLAB" --version')
    expect([code, err]).toEqual([1, 'no g++\n'])
  })

  it('needs no stderr', async () => {
    expect(await withMake('echo building', '"$SWAPLAB" --version 2>&-')).toMatchObject({ code: 0 })
  })

  it('builds for one of two that start at once', async () => {
    const together = await withMake(
      'mkdir "$marker" || exit 1; sleep 0.3; rmdir "$marker"',
      '"$SWAPLAB" --version & "$SWAPLAB" --version; code=$?; wait $! && exit $code',
    )
    expect(together).toMatchObject({ code: 0, err: '' })
  })
})

describe('validate', () => {
  it('prints an experiment with every field, which it takes again, and starts nothing', async () => {
    const first = await inDir('validate', '--preset', 'quick', '--set', 'trials=7')
    expect(first).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Valid, and not started: 7 trials of 3 lanes;/),
    })
    const file = join(dir, 'spec.yaml')
    writeFileSync(file, first.out)
    const again = await inDir('validate', file, '--json')
    expect(again.code).toBe(0)
    expect(JSON.parse(again.out)).toMatchObject({
      spec: { trials: 7, swapfile: { precondition: 0 } },
      hash: expect.any(String),
      estimate: { seconds: null, diskBytes: expect.any(Number) },
    })
    expect(readdirSync(dir)).not.toContain('swap')
  })
})

describe('policies --new', () => {
  it('writes a policy to start from, in TypeScript or JavaScript, and leaves a file that exists alone', async () => {
    for (const [name, words] of [
      ['mine.ts', /^import type { PolicyEntry } from '\..*\/policies\/policy\.ts'/],
      ['mine.mjs', /^\/\*\*[\s\S]*@type \{import\('\..*policy\.ts'\)\.PolicyEntry\}/],
    ] as const) {
      const file = join(dir, name)
      expect((await swaplab('policies', '--new', file)).code).toBe(0)
      expect(readFileSync(file, 'utf8')).toMatch(words)
      writeFileSync(file, 'precious')
      const again = await swaplab('policies', '--new', file, '--json')
      expect(again.code).toBe(2)
      expect(documentOf(Refusal, again).error).toMatchObject({ field: 'new', message: `${file} exists already.` })
      expect(readFileSync(file, 'utf8')).toBe('precious')
    }
  })
  it('refuses a name that no specification could give', async () => {
    const { code, err } = await swaplab('policies', '--new', join(dir, 'mine.txt'))
    expect(code).toBe(2)
    expect(err).toContain('Name it e.g. mine.ts')
  })
})

describe('sweep', () => {
  const simulating = (...args: string[]) => ended(launch([...args, '--data', dir], REAL_ENGINE))
  let spec: string
  beforeEach(() => {
    spec = join(dir, 'sweep.yaml')
    writeFileSync(
      spec,
      `simulate: { sizes: magenheimer }
memory: { frames: 512, pool: 100 }
workload: { pages: 1500, operations: 4000 }
lanes: [{ lane: raw }, { lane: zcache }]
trials: 1`,
    )
  })

  it('simulates every combination, the best first, and keeps it', async () => {
    const asked = ['sweep', spec, '--vary', 'memory.pool=100,200', '--vary', 'lanes.1.allocator=zbud,z3fold']
    const { code, out } = await simulating(...asked, '--metric', 'disk.bytes_read')
    expect(code).toBe(0)
    const [head, ...lines] = out.split('\n')
    expect(head).toMatch(/^memory\.pool +lanes\.1\.allocator +lane +disk\.bytes_read$/)
    expect(lines.filter((line) => /^(100|200) +(zbud|z3fold) +zcache/.test(line))).toHaveLength(4)
    // The allocator is another lane's.
    expect(lines.filter((line) => /^(100|200) +any +raw/.test(line))).toHaveLength(2)
    expect(lines[0]).toMatch(/^200 +z3fold +zcache/)
    expect(out).toContain('SIMULATED')
    const {
      mode,
      sweep,
      points,
    }: { mode: string; sweep: { id: string }; points: { values: object; lanes: object[] }[] } = JSON.parse(
      (await simulating(...asked, '--json')).out,
    )
    expect(mode).toBe('simulate')
    expect(points.map(({ values, lanes }) => [values, lanes.length])).toEqual(
      [100, 200].flatMap((pool) =>
        ['zbud', 'z3fold'].map((allocator) => [{ 'memory.pool': pool, 'lanes.1.allocator': allocator }, 2]),
      ),
    )
    expect(JSON.parse((await inDir('list', '--json')).out)).toMatchObject({ total: 0 })
    const list = (await inDir('sweeps')).out
    expect(list).toMatch(
      new RegExp(`${sweep.id} +done +.* 4/4 +untitled +memory\\.pool \\(2\\), lanes\\.1\\.allocator \\(2\\)`),
    )
    const again = (await inDir('sweeps', sweep.id, '--metric', 'disk.bytes_read')).out
    expect(again.trimEnd()).toBe(out.split('\nSaved as')[0])
    const best = await inDir('sweeps', sweep.id, '--measure', '1', '--metric', 'disk.bytes_read')
    expect(best.err).toContain('"raw", "zcache lz4 z3fold no writeback"; ranked by disk.bytes_read.')
    expect(best.out).toMatch(/^mode: measure$[\s\S]*^ {2}pool: 200$[\s\S]*^trials: 6$/m)
    expect((await inDir('sweeps', sweep.id, '--delete')).out).toContain('Deleted.')
    expect((await inDir('sweeps', '--delete')).err).toContain('needs the id of a sweep')
  })

  it('says which combinations are not possible', async () => {
    const asked = ['--vary', 'memory.pool=100,400', '--vary', 'memory.frames=256,512', '--set', 'trials=1']
    const { code, out } = await simulating('sweep', spec, ...asked)
    expect(code).toBe(0)
    expect(out).toMatch(/^Not possible, 400, 256: memory\.pool: must be at most/m)
  })

  it('refuses a combination that is no specification before anything is simulated, and values that are none', async () => {
    const wrong = await inDir('sweep', '--preset', 'quick', '--vary', 'memory.pool=16,999999999')
    expect([wrong.code, wrong.out]).toEqual([2, ''])
    expect(wrong.err).toContain('memory.pool: must be 16 to')
    expect((await inDir('sweep', '--preset', 'quick', '--vary', 'memory.pool')).err).toContain('KEY=VALUE,VALUE')
  })
})

describe('a product that cannot be written', () => {
  it.skipIf(!existsSync('/dev/full'))('ends with 1 and says why (skipped without /dev/full)', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [CLI, 'presets', '--data', dir], { stdio: ['ignore', full, 'pipe'] })
    children.push(child)
    const { code, err } = await ended(child)
    closeSync(full)
    expect(err).toBe('swaplab: stdout cannot be written: ENOSPC: no space left on device, write.\n')
    expect(code).toBe(1)
  })
})

describe('help and version', () => {
  it('end with 0, on stdout, with examples', async () => {
    const help = await swaplab('--help')
    expect(help.code).toBe(0)
    expect(help.out).toContain('swaplab run --preset quick')
    expect(help.out).toContain('3 a gate was broken')
    expect((await swaplab('--version')).out).toMatch(/^\d+\.\d+\.\d+/)
    expect((await swaplab('run', '--help')).out).toContain('--set')
    expect((await swaplab('help', 'list')).out).toContain('--status')
  })

  it('have a default folder that does not move with the folder one stands in, also without HOME', async () => {
    for (const home of ['', undefined]) {
      const env = { ...process.env, HOME: home, XDG_DATA_HOME: undefined }
      const { out } = await ended(spawn(process.execPath, [CLI, 'list', '--help'], { env }))
      expect(out.replace(/\s+/g, ' ')).toMatch(/default: "\//)
    }
  })

  it('are refused for a command there is not', async () => {
    const { code, out, err } = await swaplab('help', 'lst')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^swaplab: Unknown command 'lst'\.\nCommands: run, validate,/)
  })
})

describe('what there is', () => {
  it.each([
    ['presets', z.array(Preset)],
    ['lanes', z.array(LaneFacts)],
    ['policies', z.array(PolicyFacts)],
    ['allocators', z.array(AllocatorFacts)],
    ['codecs', z.array(CodecFacts)],
    ['list', z.strictObject({ runs: z.array(RunSummary), total: z.literal(0) })],
    ['host', z.strictObject({ host: HostReport, check: HostCheck })],
  ] as [string, z.ZodType][])('%s --json is one document of the contract', async (command, schema) => {
    const result = await inDir(command, '--json')
    documentOf(schema, result)
    expect(result.code).toBe(0)
  })

  it('captures a file as a private corpus, and leaves one that exists alone', async () => {
    const out = join(dir, 'x.corpus')
    const result = await inDir('capture', '--file', process.execPath, '--pages', '64', '--out', out, '--json')
    expect(documentOf(CorpusFacts, result).pages).toBe(64)
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect((await inDir('capture', '--file', process.execPath, '--out', out)).code).toBe(2)
  })
})

describe('a damaged history', () => {
  it('ends with 1 and names the file', async () => {
    writeFileSync(join(dir, 'history.sqlite'), 'no database, and long enough to be looked at twice. '.repeat(50))
    const result = await inDir('list')
    expect(result.err).toContain(join(dir, 'history.sqlite'))
    expect(result.code).toBe(1)
  })
})

describe('a finished run', () => {
  let data: string
  let id: string
  const inData = (...args: string[]) => swaplab(...args, '--data', data)

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'swaplab-cli-'))
    const result = await inData('run', '--preset', 'quick', '--set', 'name=made up', '--json')
    expect(result.code).toBe(0)
    const document = documentOf(RunDocument, result)
    const { trials, lanes } = document.spec
    expect(document.run).toMatchObject({ name: 'made up', status: 'done', trialsDone: trials * lanes.length })
    expect(document.verified.mismatches).toBe(0)
    expect(result.err).toMatch(/^\d+ %/m)
    id = document.run.id
  })
  afterAll(() => rmSync(data, { recursive: true, force: true }))

  it('is shown with its verdict first', async () => {
    const { out, code } = await inData('show', id)
    expect(out).toMatch(/^Is writeback worth it here\? Yes/)
    expect(out).toContain('0 mismatches')
    expect(code).toBe(0)
  })

  it('is tagged, noted and found', async () => {
    await inData('tag', id, 'nightly', 'nvme')
    expect((await inData('note', id, '')).out).toBe(`${id}: no note\n`)
    await inData('note', id, 'after the update')
    expect((await inData('list', '--search', 'update')).out).toContain('nightly, nvme')
    expect((await inData('list', '--search', 'elsewhere')).out).toContain('No such runs')
    expect((await inData('tag', id, 'x'.repeat(41))).err).toContain('tags.0: must have at most 40 characters')
  })

  it('is deleted and brought back', async () => {
    // The one that there is goes, and the other is named.
    const deleted = await inData('delete', id, 'none')
    expect(deleted).toMatchObject({ code: 2, out: expect.stringContaining(`"swaplab undelete ${id}" brings it back`) })
    expect((await inData('show', id)).code).toBe(2)
    const beginning = id.slice(0, -3)
    expect((await inData('undelete', beginning)).code).toBe(0)
    expect((await inData('show', id)).code).toBe(0)
    expect((await inData('undelete', beginning)).code).toBe(2)
  })

  it('breaks a gate with 3, and only then', async () => {
    const kept = await inData('compare', id, id, '--gate', 'accesses.per_s>=-3%', '--json')
    const { gates, warnings } = documentOf(Comparison, kept)
    expect(gates).toHaveLength(3)
    expect(warnings).toEqual([
      expect.stringContaining('compared with itself: nothing can differ, and a gate says nothing'),
    ])
    expect(kept.code).toBe(0)
    expect((await inData('compare', id, id, '--gate', 'fault.ns.p49<=+5%')).code).toBe(3)
    expect((await inData('compare', id, id, '--gate', 'faster')).code).toBe(2)
  })

  it('is compared with its baseline, and the gates are written for CI', async () => {
    const without = await inData('compare', id, '--json')
    expect(documentOf(Refusal, without).error).toMatchObject({
      field: 'base',
      remedy: expect.stringContaining('baseline'),
    })
    expect(without.code).toBe(2)
    expect((await inData('baseline', id)).out).toContain('is the baseline')
    expect((await inData('list')).out).toContain('baseline')
    const file = join(dir, 'gates.xml')
    for (let twice = 0; twice < 2; twice++) {
      const gates = ['--gate', 'accesses.per_s>=-3%', '--gate', 'fault.ns.p49<=+5%', '--junit', file]
      expect((await inData('compare', id, ...gates)).code).toBe(3)
    }
    const xml = readFileSync(file, 'utf8')
    expect(xml).toContain('<testsuites name="swaplab" tests="4" failures="1"')
    expect(xml).toContain('classname="accesses.per_s&gt;=-3%"')
    expect((await inData('compare', id, '--junit', file)).code).toBe(2)
    expect((await inData('baseline', id, '--unpin', '--json')).code).toBe(0)
    expect((await inData('baseline', id, '--unpin')).code).toBe(2)
  })

  it('compares two of its lanes, and follows its experiment', async () => {
    const { lanes } = documentOf(RunDocument, await inData('show', id, '--json'))
    const [base, next] = lanes.map(({ label }) => label)
    const result = await inData('compare', id, '--lane', base, '--lane', next, '--json')
    expect(documentOf(LaneComparison, result)).toMatchObject({ base, new: next })
    expect((await inData('compare', id, '--lane', base)).code).toBe(2)
    const file = join(dir, 'lanes.xml')
    const lanesOfRun = ['compare', id, '--lane', base, '--lane', next, '--junit', file]
    const kept = await inData(...lanesOfRun, '--gate', 'accesses.per_s>=-100%')
    expect(kept).toMatchObject({ code: 0, out: expect.stringContaining('kept  accesses.per_s>=-100%') })
    expect((await inData(...lanesOfRun, '--gate', 'fault.ns.p49<=+5%')).code).toBe(3)
    expect(readFileSync(file, 'utf8')).toContain('<testsuites name="swaplab" tests="1" failures="1"')
    expect((await inData(...lanesOfRun)).code).toBe(2)
    expect(documentOf(Trend, await inData('trend', id, '--lane', next, '--json'))).toMatchObject({
      runs: 1,
      lane: next,
    })
    expect((await inData('trend', id)).out).toContain('a step needs 6 on each side')
    expect((await inData('trend', id, '--metric', 'speed')).code).toBe(2)
  })

  it('is told that it has nothing to collect where its verdicts stand', async () => {
    const { code, err } = await inData('more', id)
    expect(err).toContain('has nothing to collect: Every comparison is settled.')
    expect(code).toBe(2)
  })

  it('is exported to a new file, and imported elsewhere once', async () => {
    const file = join(dir, 'run.json')
    expect((await inData('export', id, '--format', 'bundle', '--out', file)).code).toBe(0)
    expect((await inData('export', id, '--format', 'bundle', '--out', file)).code).toBe(2)
    expect((await inDir('import', file)).code).toBe(0)
    const again = await inDir('import', file)
    expect(again.code).toBe(2)
    expect(again.err).toContain('already')
    expect((await inData('export', id, '--format', 'html')).out).toMatch(/^<!doctype html>/)
    expect(readFileSync(file, 'utf8')).toContain('swaplab-bundle')
  })

  it('can be read by something that stops reading', async () => {
    const child = launch(['show', id, '--json', '--data', data])
    child.stdout?.destroy()
    const { code, err } = await ended(child)
    expect(err).toBe('')
    expect(code).toBe(0)
  })
})

describe('an experiment against itself', () => {
  it('says how often each metric is the same, over several runs', async () => {
    const result = await inDir('aa', '--preset', 'quick', '--set', 'name=undecided', '--repeat', '2', '--json')
    const report = documentOf(
      z.object({
        lane: z.literal('raw'),
        runs: z.array(z.object({ id: z.string(), answer: z.string(), sentence: z.string(), trials: z.number() })),
        metrics: z.array(z.object({ metric: z.string(), same: z.int(), different: z.int(), unknown: z.int() })),
      }),
      result,
    )
    expect(result.code).toBe(0)
    expect(report.runs).toHaveLength(2)
    for (const { metric, same, different, unknown } of report.metrics)
      expect(same + different + unknown, metric).toBe(2)
    const { runs } = documentOf(
      z.object({ runs: z.array(RunSummary) }),
      await inDir('list', '--status', 'done', 'failed', '--json'),
    )
    expect(new Set(runs.map((run) => run.experimentHash)).size).toBe(2)
    expect((await inDir('list', '--status', 'failed')).out).toBe('No such runs. "swaplab list" shows all.\n')
    expect((await inDir('aa', '--preset', 'quick', '--lane', 'nobody')).code).toBe(2)
  })
})

describe('Ctrl-C', () => {
  /** A run whose engine takes its time; resolves when its first trials are measured. */
  async function underWay(name: string, ...more: string[]): Promise<ChildProcess> {
    const args = ['run', '--preset', 'quick', '--set', `name=${name}`, '--set', 'trials=90', '--data', dir]
    const child = launch([...args, ...more])
    for (;;) {
      const { runs } = existsSync(join(dir, 'history.sqlite'))
        ? documentOf(z.object({ runs: z.array(RunSummary) }), await inDir('list', '--json'))
        : { runs: [] }
      if (runs[0]?.trialsDone > 0) return child
    }
  }
  const last = async () => documentOf(z.object({ runs: z.array(RunSummary) }), await inDir('list', '--json')).runs[0]

  it('cancels, keeps what was measured, prints it, and ends with 1', async () => {
    const child = await underWay('slow')
    const result = ended(child)
    child.kill('SIGINT')
    const { code, out, err } = await result
    expect(err).toContain('Cancelling')
    expect(out).toContain('This run is cancelled')
    expect(code).toBe(1)
    expect((await last()).status).toBe('cancelled')
    expect((await last()).trialsDone).toBeGreaterThan(0)
  })

  it('twice ends an engine that does not listen', async () => {
    const child = await underWay('deaf', '--json')
    const result = ended(child)
    child.kill('SIGINT')
    for await (const [chunk] of on(child.stderr ?? child, 'data')) if (String(chunk).includes('Cancelling')) break
    child.kill('SIGINT')
    const { code, out, err } = await result
    expect(err).toContain('was ended at once; its finished trials are kept')
    expect(documentOf(Refusal, { out }).error.code).toBe('cancelled')
    expect(code).toBe(1)
    expect(await last()).toMatchObject({ status: 'cancelled', trialsDone: 1 })
  })
})

describe('a calibration that is ended', () => {
  const swapFiles = () => readdirSync(dir).filter((name) => name.endsWith('.swap') || name.endsWith('.corpus'))

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('by %s leaves none of its files', async (signal) => {
    const child = launch(['calibrate', '--no-codecs', '--swap-dir', dir, '--data', dir, '--json'], REAL_ENGINE)
    const result = ended(child)
    await vi.waitUntil(() => swapFiles().length > 0 || child.exitCode !== null, { timeout: 30_000 })
    child.kill(signal)
    const { code, out, err } = await result
    await vi.waitUntil(() => swapFiles().length === 0, { timeout: 30_000 })
    if (signal === 'SIGKILL') return
    expect(documentOf(Refusal, { out }).error).toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(/after \d+ s, at ".*"\. Its files are removed/),
    })
    expect(err).toMatch(/^Cancelling/)
    expect(code).toBe(1)
  })
})

describe('a run whose lab and engine are killed together', () => {
  it('leaves a swap file, which the next start removes, wherever it is', async () => {
    const swapDir = mkdtempSync(join(tmpdir(), 'swaplab-cli-swap-'))
    const swapFiles = () => readdirSync(swapDir)
    const args = ['run', '--preset', 'quick', '--set', 'swapfile.buffered=true', '--swap-dir', swapDir, '--data', dir]
    const child = launch(args, REAL_ENGINE)
    try {
      await vi.waitUntil(() => swapFiles().some((name) => statSync(join(swapDir, name)).size > 2 ** 20), {
        timeout: 30_000,
      })
      // Neither may live to tidy up after the other.
      child.kill('SIGSTOP')
      const engines = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      for (const pid of engines.split(' ').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(swapFiles()).toHaveLength(1)
      expect((await inDir('list')).out).toContain('interrupted')
      expect(swapFiles()).toEqual([])
    } finally {
      rmSync(swapDir, { recursive: true, force: true })
    }
  })
})
