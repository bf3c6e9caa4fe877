import { describe, expect, it } from 'vitest'
import { LabError } from '../../contract/index.ts'
import { PRESETS } from './presets.ts'
import { parseSpecText, specToYaml } from './spec-text.ts'

function refusal(text: string): LabError {
  try {
    parseSpecText(text)
  } catch (error) {
    if (error instanceof LabError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('a specification as text', () => {
  it('may be YAML or JSON, and comes back the same', () => {
    for (const { spec } of PRESETS) {
      expect(parseSpecText(specToYaml(spec))).toEqual(spec)
      expect(parseSpecText(JSON.stringify(spec))).toEqual(spec)
    }
  })

  it('takes on and off as YAML 1.1 writers mean them', () => {
    const { lanes } = parseSpecText(
      'lanes:\n  - { lane: zcache, writeback: on }\n  - { lane: zcache, writeback: false }',
    )
    expect(lanes).toMatchObject([{ writeback: 'on' }, { writeback: 'off' }])
  })

  it('names the line and the field at fault', () => {
    expect(refusal('name: x\nmemory:\n  frames: many\n')).toMatchObject({
      code: 'bad_input',
      field: 'memory.frames',
      message: expect.stringContaining('line 3, memory.frames'),
    })
    expect(refusal('name: x\nseeds: 4\n')).toMatchObject({ field: 'seeds', message: expect.stringContaining('line 2') })
    expect(refusal('name: [x\n').message).toMatch(/^Line \d+, column \d+: /)
    expect(refusal('').message).toBe('The specification is empty.')
  })

  it('refuses a second document, and says where it begins', () => {
    expect(() => parseSpecText('lanes: [{ lane: raw }]\n---\nlanes: [{ lane: zram }]\n')).toThrow(
      expect.objectContaining({ code: 'bad_input', message: 'Line 2: a second document begins here (---).' }),
    )
  })

  it('refuses aliases that stand for more than memory holds', () => {
    const levels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const bomb = levels.map((key, at) => `${key}: &${key} [${Array(9).fill(at ? `*${levels[at - 1]}` : 'x')}]`)
    expect(refusal(bomb.join('\n'))).toMatchObject({ code: 'bad_input', message: expect.stringContaining('aliases') })
    expect(refusal('name: *nobody')).toMatchObject({ code: 'bad_input' })
  })
})
