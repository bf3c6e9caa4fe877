import { describe, expect, it } from 'vitest'
import type { LabFault } from '../../../main/contract/index.ts'
import { placeOf, sortRows, varyOf } from './asked.ts'

const POOL = { id: 4, field: ' memory.pool', values: '1024, 2048 ' }
const LANE = { id: 9, field: 'lanes.1', values: '{ lane: raw }' }

it('only rows with field and values are asked, and a half written one is known', () => {
  const half = { id: 5, field: 'trials', values: ' ' }
  const empty = { id: 6, field: '', values: '' }
  expect(sortRows([POOL, half, empty])).toEqual({ whole: [POOL], half: [half] })
  expect(varyOf([POOL])).toEqual([{ field: 'memory.pool', values: '1024, 2048' }])
})

describe('a fault of a sweep is shown', () => {
  const place = (field: string | undefined) => {
    const fault: LabFault = { code: 'bad_input', message: 'made up', field }
    return placeOf(fault, [POOL, LANE])
  }

  it('at the row and the part that it names', () => {
    expect(place('vary.1.field')).toEqual({ at: 'row', id: 9, part: 'field' })
    expect(place('vary.0.values')).toEqual({ at: 'row', id: 4, part: 'values' })
  })

  it('at the row that varies the field it names, or what is above it', () => {
    expect(place('memory.pool')).toEqual({ at: 'row', id: 4, part: 'values' })
    expect(place('lanes.1.codec')).toEqual({ at: 'row', id: 9, part: 'values' })
  })

  it('at the specification for any other field, and by itself where it is of the whole', () => {
    expect(place('memory.poolside')).toEqual({ at: 'spec', field: 'memory.poolside' })
    expect(place('vary')).toEqual({ at: 'none' })
    expect(place(undefined)).toEqual({ at: 'none' })
  })
})
