import { describe, expect, it } from 'vitest'
import { splitHash } from './hash-location.ts'

describe('the address after #', () => {
  it.each([
    ['', '/', ''],
    ['#', '/', ''],
    ['#/new', '/new', ''],
    ['#new', '/new', ''],
    ['#/compare?base=a&new=b', '/compare', 'base=a&new=b'],
    ['#/runs/a%2Fb', '/runs/a%2Fb', ''],
  ])('%s is path %s and search %s', (hash, path, search) => expect(splitHash(hash)).toEqual({ path, search }))
})
