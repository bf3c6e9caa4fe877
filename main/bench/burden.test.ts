import { describe, expect, it } from 'vitest'
import { native } from '../../native-bench/index.ts'
import { burdened } from './burden.ts'

/** A world of which the burden uses the clock and the contents only; each check of a page takes a millisecond. */
const checked: number[] = []
const MS = 1e6
const wait = (ns: number) => {
  for (const until = native.now() + ns; native.now() < until; );
}
const plain = (): Parameters<typeof burdened>[0] => ({
  contents: {
    fill: () => wait(MS),
    verify: (vpn) => {
      checked.push(vpn)
      wait(MS)
    },
  },
  turnDue: () => false,
  turnTaken: () => {},
})

describe('a burdened world', () => {
  it('burns its share of the time since the last look, and no less', () => {
    const world = burdened(plain(), 0.5)
    const start = native.now()
    wait(4 * MS)
    world.turnDue(native.now())
    // Wall time may be longer on a busy host, never shorter.
    expect(native.now() - start).toBeGreaterThanOrEqual(6 * MS)
  })

  it('burns nothing for checking and making contents, or for a turn of the event loop', () => {
    const world = burdened(plain(), 1000)
    world.turnTaken(native.now())
    for (let vpn = 0; vpn < 20; vpn++) world.contents.verify(vpn, 0, 'here')
    world.contents.fill(0, 0)
    const before = native.now()
    world.turnDue(before)
    // 21 ms at a share of 1000 would be 21 s.
    expect(native.now() - before).toBeLessThan(10_000 * MS)
    expect(checked).toHaveLength(20)
  })
})
