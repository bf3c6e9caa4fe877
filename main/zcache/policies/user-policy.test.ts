import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LabError, type LaneSpec, parseSpec, ZcacheLane } from '../../contract/index.ts'
import { makeEngine } from '../fixture-engine.ts'
import { FakeView } from './fixture-view.ts'
import { policyParameters } from './index.ts'
import { newPolicyText } from './new-policy.ts'
import type { Policy } from './policy.ts'
import { HOOKS, loadPolicies, policyEntry } from './user-policy.ts'

const dir = mkdtempSync(join(tmpdir(), 'swaplab-policy-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
let files = 0

function write(text: string, ext = 'mjs'): string {
  const file = join(dir, `policy-${files++}.${ext}`)
  writeFileSync(file, text)
  return file
}

const laneOf = (policy: string): LaneSpec => ZcacheLane.parse({ lane: 'zcache', writeback: 'on', policy })

async function faultOfLoading(file: string): Promise<LabError> {
  const error = await loadPolicies([{ lane: 'raw' }, laneOf(file)]).catch((thrown: unknown) => thrown)
  if (!(error instanceof LabError)) throw new Error('it was loaded')
  return error
}

/** A policy file whose create returns this expression. */
const returning = (policy: string, rest = '') =>
  write(
    `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create: () => (${policy}), ${rest} }`,
  )

async function made(file: string): Promise<Policy> {
  await loadPolicies([laneOf(file)])
  return policyEntry(file).create({})
}

/** What a hook answers in a policy that has them all; those that are missing ask for nothing. */
const ANSWERS: Partial<Record<(typeof HOOKS)[number], string>> = {
  onReclaim: '2',
  onFull: '1',
  onLimit: '4',
  keepClean: 'true',
  accepts: 'true',
  admit: 'true',
  victim: 'view.oldest()',
}

describe('a policy file', () => {
  it.each(['ts', 'mjs'])('written by "swaplab policies --new" runs as it is: %s', async (ext) => {
    const file = join(dir, `new.${ext}`)
    writeFileSync(file, newPolicyText(file))
    await loadPolicies([laneOf(file)])
    const entry = policyEntry(file)
    expect(entry.name).toBe('mine')
    const policy = entry.create(policyParameters(entry, { oldest: 4 }))
    const engine = makeEngine({ pages: 200, frames: 72, poolLimit: 20, lane: 'writeback on', policy, clockStepNs: 5e4 })
    for (let round = 0; round < 4; round++) for (let vpn = 0; vpn < 200; vpn++) engine.access(vpn, true)
    engine.mm.drain()
    expect(engine.pool()?.counters.writtenback_pages).toBeGreaterThan(20)
    expect([...engine.mm.audit(), ...(engine.pool()?.audit(true) ?? [])]).toEqual([])
  })

  it('is told of every hook there is', () => {
    const text = newPolicyText('mine.ts')
    expect(HOOKS.filter((hook) => !new RegExp(`\\b${hook}\\b`).test(text))).toEqual([])
  })

  // A pool that is relieved at its limit is never met full.
  it.each(['onLimit', 'onFull'])('may have every hook, and each is asked: all but %s', async (without) => {
    const hooks = HOOKS.filter((hook) => hook !== without)
    const methods = hooks.map((hook) => `${hook}(view) { seen.add('${hook}'); return ${ANSWERS[hook] ?? 0} }`)
    const file = write(`export const seen = new Set()
      export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create: () => ({ unit: 'zpage', ${methods} }) }`)
    const policy = await made(file)
    const engine = makeEngine({ pages: 200, frames: 72, poolLimit: 20, lane: 'writeback on', policy, clockStepNs: 5e4 })
    for (let round = 0; round < 6; round++) for (let vpn = 0; vpn < 200; vpn++) engine.access(vpn, vpn % 2 === 0)
    const { seen }: { seen: Set<string> } = await import(file)
    expect([...seen].sort()).toEqual(hooks.sort())
  })

  it('keeps the hooks and their memory for each trial apart', async () => {
    const file = write(`export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [],
      create() { let calls = 0; return { unit: 'zpage', onTick: () => ++calls } } }`)
    const first = await made(file)
    const view = new FakeView()
    expect([first.onTick?.(view), first.onTick?.(view)]).toEqual([1, 2])
    expect((await made(file)).onTick?.(view)).toBe(1)
    expect(first.onFull).toBeUndefined()
  })

  it('may be one object with methods that know each other', async () => {
    const policy = await made(returning(`{ unit: 'frame', n: 3, onFull() { return this.n } }`))
    expect(policy.onFull?.(new FakeView())).toBe(3)
  })

  it('may be a class with methods of its own beside the hooks', async () => {
    const file =
      write(`class Mine { unit = 'zpage'; #n = 2; onFull(view) { return this.more() }; more() { return ++this.#n } }
      export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create: () => new Mine() }`)
    expect((await made(file)).onFull?.(new FakeView())).toBe(3)
  })
})

describe('a file that is no policy is refused at load, with what is wrong', () => {
  const whole = `name: 'x', title: 'x', rule: 'x', source: 'x', parameters: []`
  it.each([
    ['is not there', join(dir, 'nothing.mjs'), 'not_found', /There is no policy file/],
    ['has a relative path', './mine.mjs', 'bad_input', /not named by its full path/],
    ['cannot be parsed', write('export default {'), 'bad_input', /cannot be loaded/],
    [
      'throws while it is loaded',
      write("\n\nthrow new Error('no')"),
      'bad_input',
      /cannot be loaded \(line 3\): Error: no/,
    ],
    ['has no default export', write('export const policy = 1'), 'bad_input', /no default export/],
    [
      'exports a function',
      write(`export default () => ({ unit: 'zpage' })`),
      'bad_input',
      /its default export must be an object with name, title, rule, source, parameters and create, not a function/,
    ],
    ['exports a class', write('export default class {}'), 'bad_input', /not a function/],
    ['exports nothing', write('export default null'), 'bad_input', /its default export must be an object .* not null/],
    ['exports a list', write('export default []'), 'bad_input', /its default export must be an object .* not a list/],
    [
      'lacks a field',
      write(`export default { name: 'x', title: 'x', parameters: [], create() {} }`),
      'bad_input',
      /rule must be a text; source must be a text/,
    ],
    ['lacks create', write(`export default { ${whole} }`), 'bad_input', /create must be a function/],
    [
      'has a parameter without a unit',
      write(
        `export default { ${whole.replace('[]', `[{ name: 'a', default: 1, min: 0, max: 2, meaning: 'm' }]`)}, create() {} }`,
      ),
      'bad_input',
      /parameters\.0\.unit must be share, frames/,
    ],
    [
      'has a default outside its limits',
      write(
        `export default { ${whole.replace('[]', `[{ name: 'a', default: 3, min: 0, max: 2, meaning: 'm', unit: 's' }]`)}, create() {} }`,
      ),
      'bad_input',
      /parameters\.0 its default must lie between/,
    ],
    ['creates nothing', returning('undefined'), 'bad_input', /create: what it returns/],
    [
      'creates it later',
      write(`export default { ${whole}, async create() { return { unit: 'zpage' } } }`),
      'bad_input',
      /create returned a promise \(nothing here can be async\)/,
    ],
    ['names no unit', returning('{}'), 'bad_input', /create: unit must be 'frame' or 'zpage'/],
    [
      'has a hook that is no function',
      returning(`{ unit: 'zpage', onTick: 3 }`),
      'bad_input',
      /create: onTick must be a function/,
    ],
    [
      'misspells a hook',
      returning(`{ unit: 'zpage', onReclaimm: () => 1 }`),
      'bad_input',
      /create: there is no hook "onReclaimm"; the hooks are onFull, onLimit, onReclaim,/,
    ],
    [
      'misspells a hook of a class',
      write(
        `class Mine { unit = 'zpage'; onreclaim() { return 1 } }
        export default { ${whole}, create: () => new Mine() }`,
      ),
      'bad_input',
      /create: there is no hook "onreclaim"; the hooks are onFull,/,
    ],
    [
      'inherits a hook that is none',
      write(
        `class Base { onStored() {} }
        class Mine extends Base { unit = 'zpage'; onReclaim() { return 1 } }
        export default { ${whole}, create: () => new Mine() }`,
      ),
      'bad_input',
      /create: there is no hook "onStored"/,
    ],
    [
      'throws in create',
      write(`export default { ${whole}, create() { throw new TypeError('no') } }`),
      'bad_input',
      /create threw: TypeError: no/,
    ],
  ])('one that %s', async (_name, file, code, words) => {
    const error = await faultOfLoading(file)
    expect(error.message).toMatch(words)
    expect(error).toMatchObject({ code, field: 'lanes.1.policy' })
    expect(error.message).toContain(file)
  })
})

describe('a hook that misbehaves ends the run, named with its file', () => {
  const view = new FakeView()
  it.each([
    ['onReclaim', 'Number.NaN', /onReclaim returned NaN; it must return a whole number/],
    ['onTick', '-1', /onTick returned -1/],
    ['onTick', "'4'", /onTick returned "4"/],
    ['onFull', '1.5', /onFull returned 1\.5/],
    ['onLimit', '-1', /onLimit returned -1/],
    ['onFull', 'undefined', /onFull returned undefined/],
    ['repatriate', 'Promise.resolve(1)', /repatriate returned a promise \(nothing here can be async\)/],
    ['victim', '7', /victim returned 7; it must return a zpage of the pool/],
    ['victim', '-2', /victim returned -2/],
    ['victim', '(view) => view', /victim returned a function;/],
    ['accepts', 'null', /accepts returned null; it must return true or false/],
    ['admit', '1', /admit returned 1; it must return true or false/],
  ] as const)('%s that returns %s', async (hook, value, words) => {
    const policy = await made(returning(`{ unit: 'zpage', ${hook}: () => ${value} }`))
    expect(() => policy[hook]?.(view, 100, 0)).toThrow(
      expect.objectContaining({ code: 'bad_input', message: expect.stringMatching(words) }),
    )
  })

  it.each(['begin', 'onLoad', 'onStore', 'onDiskFault'] as const)('%s that is async', async (hook) => {
    const policy = await made(returning(`{ unit: 'zpage', async ${hook}() { throw new Error('lost') } }`))
    expect(() => policy[hook]?.(view, 0, 1)).toThrow(`${hook} returned a promise (nothing here can be async)`)
    // Nobody would hear of what it came to, and the process would end of it.
    await new Promise((resolve) => setTimeout(resolve))
  })

  it('that throws', async () => {
    const file = returning(`{ unit: 'zpage', onTick() { throw new RangeError('too far') } }`)
    const policy = await made(file)
    expect(() => policy.onTick?.(view)).toThrow(`Policy ${file}: onTick threw: RangeError: too far.`)
  })

  it('that rotates a zpage which is not in the pool', async () => {
    const policy = await made(returning(`{ unit: 'zpage', onTick(view) { view.rotate(999); return 0 } }`))
    const engine = makeEngine({ pages: 200, frames: 72, lane: 'writeback on', policy, clockStepNs: 1e6 })
    expect(() => engine.access(0, true)).toThrow(/onTick threw: .*999/)
  })
})

describe('the specification', () => {
  it('takes a name or a path, and says which there are where it is neither', () => {
    for (const policy of ['cold-age', './mine.ts', '/a/b.mjs', 'mine.js'])
      expect(parseSpec({ lanes: [{ lane: 'zcache', policy }] }).lanes[0]).toMatchObject({ policy })
    for (const policy of ['lru', 'mine.py', 3])
      expect(() => parseSpec({ lanes: [{ lane: 'zcache', policy }] })).toThrow(
        /neither the path of a \.ts, \.mts, \.js or \.mjs file nor one of .*lru-frame/,
      )
  })
  it('labels a lane by the name of the file', () => {
    const { lanes } = parseSpec({ lanes: [laneOf('/home/me/mine.ts'), laneOf('/home/me/other.ts')] })
    expect(lanes).toHaveLength(2)
    expect(() => parseSpec({ lanes: [laneOf('/a/mine.ts'), laneOf('/b/mine.ts')] })).toThrow(
      'zcache lz4 writeback mine.ts',
    )
  })
})
