import { describe, expect, it } from 'vitest'
import { identityOf, isAlive, parseStartTicks, thisProcess } from './process-identity.ts'

describe('the identity of a process', () => {
  it('has its start counted from behind its name, whatever is in that', () => {
    const rest = `${Array.from({ length: 18 }, (_, field) => field + 4).join(' ')} 98765 23 24`
    expect(parseStartTicks(`42 (node) S ${rest}`)).toBe(98765)
    expect(parseStartTicks(`42 (a) b (c)) R ${rest}`)).toBe(98765)
  })

  it('is none for a zombie, and for a process that is gone', () => {
    expect(parseStartTicks('42 (node) Z 1 42 42 0 -1')).toBeNull()
    expect(identityOf(2 ** 30)).toBeNull()
  })

  it('is alive in this boot, under this number, since this start', () => {
    const self = thisProcess()
    expect(isAlive(self)).toBe(true)
    expect(isAlive({ ...self, startTicks: self.startTicks - 1 })).toBe(false)
    expect(isAlive({ ...self, pid: 2 ** 30 })).toBe(false)
    expect(isAlive({ ...self, bootId: 'another' })).toBe(false)
  })
})
