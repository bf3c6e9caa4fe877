import { describe, expect, it } from 'vitest'
import { createAccess } from './access.ts'
import { listed } from './fixture-stream.ts'
import { ForeseenAccesses, MOST_FORESEEN } from './foreseen.ts'
import { type AccessStream, FREE, READ, WRITE } from './stream.ts'

describe('ForeseenAccesses', () => {
  it('gives the accesses of its stream, in their order', () => {
    const shape = { pages: 300, operations: 2000, seed: 5 }
    const spec = { pattern: 'build', jobs: 4, shared: 0.2, sharing: 0.5, writes: 0.3 } as const
    const stream = createAccess(spec, shape)
    const foreseen = new ForeseenAccesses(createAccess(spec, shape), shape)
    for (let i = 0; i < shape.operations; i++) {
      stream.next()
      foreseen.next()
      expect([foreseen.vpn, foreseen.op]).toEqual([stream.vpn, stream.op])
    }
  })

  it('knows at each moment when each page is used next', () => {
    const foreseen = new ForeseenAccesses(
      listed([
        [0, READ],
        [1, WRITE],
        [0, WRITE],
      ]),
      { pages: 3, operations: 3 },
    )
    const now = () => [0, 1, 2].map((vpn) => foreseen.nextUse(vpn))
    expect(now()).toEqual([0, 1, 3 + 2])
    foreseen.next()
    expect(now()).toEqual([2, 1, 3 + 2])
    expect([2, 1, 5].map((position) => foreseen.pageAt(position))).toEqual([0, 1, 2])
    foreseen.next()
    foreseen.next()
    expect(now()).toEqual([3 + 0, 3 + 1, 3 + 2])
  })

  it('counts what is given back before it is touched as not used again', () => {
    const foreseen = new ForeseenAccesses(
      listed([
        [0, READ],
        [0, FREE],
        [0, WRITE],
      ]),
      { pages: 1, operations: 3 },
    )
    foreseen.next()
    expect(foreseen.nextUse(0)).toBe(3)
    foreseen.next()
    expect(foreseen.nextUse(0)).toBe(2)
  })

  it('refuses more accesses than its tables may hold, and says what to do', () => {
    const none: AccessStream = { vpn: 0, op: READ, next: () => {} }
    expect(() => new ForeseenAccesses(none, { pages: 1, operations: MOST_FORESEEN + 1 })).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'workload.operations' }),
    )
  })
})
