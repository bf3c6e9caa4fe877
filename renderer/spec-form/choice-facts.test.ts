import { describe, expect, it } from 'vitest'
import { type OptionFacts, retuned } from './choice-facts.ts'

function option(...names: string[]): OptionFacts {
  const parameters = names.map((name) => ({ name, default: 1, min: 0, max: 9, unit: 'count' as const, meaning: name }))
  return { title: 'option', description: null, unavailable: null, parameters }
}

describe('numbers beside a choice', () => {
  it('go with the option they tuned, unless the next takes them too', () => {
    expect(retuned({ batch: 16, accept: 0.5 }, option('accept', 'batch'), option('batch'))).toEqual({ batch: 16 })
  })

  it('stay where they belong to neither, so that a misspelt one is still seen', () => {
    expect(retuned({ bach: 16 }, option('batch'), option('scan'))).toEqual({ bach: 16 })
  })

  it('stay for an option of which nothing is known, as a policy of a file', () => {
    expect(retuned({ batch: 16 }, option('batch'), undefined)).toEqual({ batch: 16 })
    expect(retuned({ batch: 16 }, undefined, option('scan'))).toEqual({ batch: 16 })
  })
})
