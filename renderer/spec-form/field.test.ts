import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CodecName, ExperimentSpec, LaneSpec, LIMITS, PolicyName } from '../../main/contract/index.ts'
import { type Field, fallbackOf, fieldsOf, notUsed, SPEC_FIELDS, switchVariant } from './field.ts'

function field(path: string, fields: readonly Field[] = SPEC_FIELDS): Field {
  const [key, ...rest] = path.split('.')
  const found = fields.find((entry) => entry.key === key)
  if (!found) throw new Error(`no field ${path}`)
  if (rest.length === 0) return found
  if (found.kind === 'group') return field(rest.join('.'), found.fields)
  if (found.kind === 'variants') return field(rest.slice(1).join('.'), found.variants.get(rest[0]) ?? [])
  if (found.kind === 'list') return field(rest.join('.'), [{ ...found.item, key: rest[0] }])
  throw new Error(`${path} leads through a ${found.kind}`)
}

describe('the form read from the contract', () => {
  it('has every key of the specification, in its order', () => {
    expect(SPEC_FIELDS.map(({ key }) => key)).toEqual(Object.keys(ExperimentSpec.parse({})))
  })

  it('takes title, unit, limits and default from the schema', () => {
    expect(field('memory.frames')).toMatchObject({
      kind: 'number',
      whole: true,
      title: 'RAM',
      unit: 'pages',
      minimum: LIMITS.frames.min,
      maximum: LIMITS.frames.max,
      fallback: 4096,
    })
  })

  it('knows which fields may be left empty', () => {
    expect(field('lanes.lane.zcache.level')).toMatchObject({
      kind: 'number',
      whenEmpty: undefined,
      fallback: undefined,
    })
    expect(field('lanes.lane.zcache.codec')).toMatchObject({ kind: 'choice', whenEmpty: 'required', fallback: 'lz4' })
  })

  it('shows a preprocessed field as what it becomes', () => {
    expect(field('lanes.lane.zcache.writeback')).toMatchObject({ kind: 'choice', options: ['on', 'off'] })
  })

  it('offers every codec of the contract', () => {
    expect(field('lanes.lane.zcache.codec')).toMatchObject({ options: CodecName.options })
  })

  it('knows what of a lane is not used while writeback is off', () => {
    const unused = (lane: string, siblings: unknown) => {
      const lanes = field('lanes')
      const variants = lanes.kind === 'list' && lanes.item.kind === 'variants' ? lanes.item.variants : null
      return variants?.get(lane)?.flatMap((entry) => (notUsed(entry, siblings) === null ? [] : [entry.key]))
    }
    expect(unused('zcache', { writeback: 'off' })).toEqual([
      'policy',
      'parameters',
      'full',
      'budget',
      'inflight',
      'writebackForm',
      'writebackCluster',
      'writebackThread',
    ])
    expect(unused('zram', { writeback: 'off' })).toEqual(['writebackLimit'])
    for (const lane of ['zcache', 'zram']) {
      expect(unused(lane, { writeback: lane === 'zram' ? 'huge' : 'on' })).toEqual([])
      // Half written YAML.
      expect(unused(lane, {})).toEqual([])
    }
    expect(notUsed(field('lanes.lane.zswap.policy'), { writeback: 'off' })).toBe('not used: writeback is off')
  })

  it('has a control for every field of the contract', () => {
    const kinds = (fields: readonly Field[]): string[] =>
      fields.flatMap((entry) => {
        if (entry.kind === 'group') return kinds(entry.fields)
        if (entry.kind === 'variants') return [...entry.variants.values()].flatMap(kinds)
        if (entry.kind === 'list') return kinds([entry.item])
        return entry.kind === 'other' ? [`${entry.key} is drawn as YAML only`] : []
      })
    expect(kinds(SPEC_FIELDS)).toEqual([])
  })

  it('reads shapes that are not plain: nullable, numbers by name, unknown', () => {
    const fields = fieldsOf(
      z.object({
        budget: z.number().positive().nullable().default(null).meta({ unit: 'MiB' }),
        parameters: z.record(z.string(), z.number()).default({}),
        odd: z.array(z.array(z.string())).or(z.number()),
      }),
    )
    expect(fields[0]).toMatchObject({ kind: 'number', whenEmpty: null, fallback: null, unit: 'MiB', minimum: 0 })
    expect(fields[1]).toMatchObject({ kind: 'numbers', fallback: {} })
    expect(fields[2]).toMatchObject({ kind: 'other' })
  })

  it('reads a word-or-number union', () => {
    expect(field('workload.content.capture.pid')).toMatchObject({ kind: 'wordOrNumber', words: ['self'] })
    expect(field('cpu')).toMatchObject({ kind: 'wordOrNumber', words: ['disk', 'any'] })
  })

  it('reads a choice that may also be a text: the policies by name, or the path of one', () => {
    expect(field('lanes.lane.zcache.policy')).toMatchObject({
      kind: 'choiceOrText',
      options: PolicyName.options,
      fallback: 'lru-frame',
    })
  })

  it('reads a list of texts as words', () => {
    expect(field('adaptive.metrics')).toMatchObject({ kind: 'words', fallback: [] })
  })

  it('starts from a specification that validates', () => {
    const values = Object.fromEntries(SPEC_FIELDS.map((entry) => [entry.key, fallbackOf(entry)]))
    expect(ExperimentSpec.safeParse(values).error).toBeUndefined()
  })
})

describe('switching a variant', () => {
  const access = field('workload.access')
  it('keeps fields of the same name and fills in the rest', () => {
    if (access.kind !== 'variants') throw new Error('access is a union')
    expect(switchVariant(access, { pattern: 'zipf', theta: 1.2, writes: 0.7 }, 'scan+hot')).toEqual({
      pattern: 'scan+hot',
      hot: 0.1,
      scan: 0.3,
      writes: 0.7,
    })
  })

  it('takes the default of the new variant for what stood at the default of the old one, and keeps what was chosen', () => {
    const lanes = field('lanes')
    if (lanes.kind !== 'list' || lanes.item.kind !== 'variants') throw new Error('lanes are a list of a union')
    const zcache = switchVariant(lanes.item, {}, 'zcache')
    expect(zcache).toMatchObject({ allocator: 'zbud', policy: 'lru-frame' })
    expect(switchVariant(lanes.item, zcache, 'zswap')).toMatchObject({ allocator: 'zsmalloc', policy: 'watermark' })
    expect(switchVariant(lanes.item, { ...zcache, codec: 'zstd', allocator: 'z3fold' }, 'zswap')).toMatchObject({
      codec: 'zstd',
      allocator: 'z3fold',
    })
  })

  it('leaves nothing behind that another lane cannot take, whatever was chosen', () => {
    const lanes = field('lanes')
    if (lanes.kind !== 'list' || lanes.item.kind !== 'variants') throw new Error('lanes are a list of a union')
    for (const [from, fields] of lanes.item.variants)
      for (const to of lanes.item.variants.keys()) {
        const last = fields.flatMap((entry) => (entry.kind === 'choice' ? [[entry.key, entry.options.at(-1)]] : []))
        const chosen = { ...switchVariant(lanes.item, {}, from), ...Object.fromEntries(last) }
        expect(LaneSpec.safeParse(switchVariant(lanes.item, chosen, to)).error, `${from} to ${to}`).toBeUndefined()
      }
  })

  it('gives for every variant of every union what its schema accepts, but for texts that only a person can give', () => {
    const content = field('workload.content')
    if (content.kind !== 'variants') throw new Error('content is a union')
    for (const variant of content.variants.keys()) {
      const value = { path: '/tmp/x', ...switchVariant(content, {}, variant) }
      const typed = 'path' in value && value.path === '' ? { ...value, path: '/tmp/x' } : value
      const { path, ...rest } = typed
      const needsPath = content.variants.get(variant)?.some(({ key }) => key === 'path')
      const spec = { workload: { content: needsPath ? { ...rest, path } : rest } }
      expect(ExperimentSpec.safeParse(spec).error, variant).toBeUndefined()
    }
  })
})
