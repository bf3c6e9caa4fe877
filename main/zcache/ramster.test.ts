import { describe, expect, it } from 'vitest'
import { LabError } from '../contract/index.ts'
import { RemoteLost } from '../remote/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'

const PAGES = 160

function engineWith(options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 72,
    poolLimit: 28,
    lane: 'writeback off',
    backend: 'ramster',
    clockStepNs: 2e4,
    size: () => 700,
    ...options,
  })
  const ramster = engine.ramster()
  const { nodes } = engine
  if (!ramster || !nodes) throw new Error('no nodes were made')
  const sweep = (write: boolean) => {
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, write)
  }
  const rest = () => {
    engine.mm.drain()
    ramster.comeToRest()
    expect([...engine.mm.audit(), ...ramster.audit(true)]).toEqual([])
  }
  return { ...engine, ramster, copies: ramster.copies, nodes, sweep, rest }
}
type Ramstered = ReturnType<typeof engineWith>

/** A page whose only copy is at a node. */
function awayPage({ mm, ramster }: Ramstered): { vpn: number; slot: number } {
  for (let vpn = 0; vpn < PAGES; vpn++) {
    const { slot, frame } = mm.whereIs(vpn)
    if (slot >= 0 && frame < 0 && ramster.isRemote(slot)) return { vpn, slot }
  }
  throw new Error('no page is at a node')
}

describe('what is sent', () => {
  it('is the oldest, and its place here is free for more', () => {
    const sent = engineWith()
    const kept = engineWith({ ramster: { frames: 1, intervalNs: 1e15 } })
    for (const engine of [sent, kept]) {
      engine.sweep(true)
      engine.sweep(true)
      engine.rest()
    }
    expect(sent.copies.counters.pers_pages_remoted).toBeGreaterThan(50)
    expect(kept.copies.counters.pers_pages_remoted).toBeLessThanOrEqual(2)
    // What was refused for want of room went to disk.
    expect(sent.io.counts.writes).toBeLessThan(kept.io.counts.writes)
    const { slot } = awayPage(sent)
    expect(sent.ramster.pool.index.get(slot)).toBe(-1)
  })

  it('keeps all pages of one object at one node', () => {
    const engine = engineWith({ ramster: { nodes: { nodes: 3 } } })
    engine.sweep(true)
    engine.rest()
    const held = [0, 1, 2].map((node) => engine.nodes.count(node))
    expect(held.every((pages) => pages > 0)).toBe(true)
    expect(held.reduce((sum, pages) => sum + pages)).toBe(engine.copies.counters.remote_pers_pages)
    for (let slot = 0; slot < PAGES; slot++)
      if (engine.ramster.isRemote(slot)) expect(engine.nodes.get(slot % 3, slot, 0)).toBe(700)
  })

  it('stays within the memory a node may be asked for, compressed', () => {
    const engine = engineWith({ ramster: { nodeBytes: 4096 } })
    engine.sweep(true)
    engine.sweep(true)
    const { remote_zbytes_max, remote_pers_pages_max } = engine.copies.counters
    // Five of 700 bytes at each of two nodes.
    expect([remote_zbytes_max, remote_pers_pages_max]).toEqual([7000, 10])
    engine.rest()
  })

  it('is not begun anew while the last look is not answered', () => {
    const engine = engineWith({ ramster: { nodes: { answersPerPoll: 1 }, frames: 8 } })
    engine.sweep(true)
    engine.sweep(true)
    expect(engine.ramster.counters.remote_looks_skipped).toBeGreaterThan(10)
    engine.rest()
  })

  it('gives its frames back by compaction where the allocator has no other way', () => {
    const frames = (compaction: boolean) => {
      const size = (word: number) => [300, 700, 1100, 2000][(word >>> 3) & 3]
      const engine = engineWith({ allocator: 'zsmalloc', poolLimit: 40, size, ramster: { compaction, frames: 1 } })
      for (let round = 0; round < 6; round++) {
        engine.sweep(true)
        for (let vpn = round % 3; vpn < PAGES; vpn += 3) engine.mm.free(vpn)
      }
      engine.rest()
      return engine.ramster.pool.allocator.stats().pages_compacted
    }
    expect(frames(false)).toBe(0)
    expect(frames(true)).toBeGreaterThan(0)
  })

  it('gives its frames back too where the last answer is that the node has no memory', () => {
    const engine = engineWith({
      allocator: 'zsmalloc',
      poolLimit: 40,
      size: (word) => [300, 700, 1100, 2000][(word >>> 3) & 3],
      ramster: { nodes: { nodes: 1, answersPerPoll: 1, room: 10 }, intervalNs: 6e6, frames: 40 },
    })
    engine.sweep(true)
    for (let vpn = 0; vpn < PAGES; vpn += 3) engine.mm.free(vpn)
    for (let step = 0; step < 10_000; step++) engine.access(PAGES - 1, false)
    expect(engine.copies.counters.pers_pages_remote_nomem).toBeGreaterThan(0)
    expect(engine.ramster.pool.allocator.stats().pages_compacted).toBeGreaterThan(0)
  })
})

describe('a page at a node', () => {
  it('is fetched by a fault, which waits for it, and is held once where gets are exclusive', () => {
    const engine = engineWith()
    engine.sweep(true)
    engine.rest()
    const { vpn, slot } = awayPage(engine)
    engine.access(vpn, false)
    const { counters } = engine.copies
    expect([counters.remote_pers_pages_succ_get, engine.mm.counters.faults_remote]).toEqual([1, 1])
    expect(engine.mm.counters.faults_pool + engine.mm.counters.faults_disk).toBe(0)
    expect(engine.ramster.isRemote(slot)).toBe(false)
    engine.rest()
    expect(counters.remote_pages_flushed).toBeGreaterThan(0)
  })

  it('stays there until it is changed where gets are not exclusive', () => {
    const engine = engineWith({ exclusiveGets: false })
    engine.sweep(true)
    engine.rest()
    const { vpn, slot } = awayPage(engine)
    engine.access(vpn, false)
    expect(engine.ramster.isRemote(slot)).toBe(true)
    engine.access(vpn, true)
    expect(engine.ramster.isRemote(slot)).toBe(false)
    engine.rest()
  })

  it('is flushed there when it is given back, and at swapoff', () => {
    const engine = engineWith()
    engine.sweep(true)
    engine.rest()
    const { vpn } = awayPage(engine)
    const before = engine.copies.counters.remote_pers_pages
    engine.mm.free(vpn)
    expect(engine.copies.counters.remote_pers_pages).toBe(before - 1)
    engine.rest()
    engine.mm.invalidateArea()
    engine.rest()
    expect([engine.nodes.count(0), engine.nodes.count(1), engine.copies.counters.remote_zbytes]).toEqual([0, 0, 0])
    expect(engine.copies.counters.remote_page_flushes_failed).toBe(0)
  })

  it('comes back into memory by self-shrinking, once frontswap has stopped growing', () => {
    const engine = engineWith({ ramster: { shrink: { intervalNs: 5e6, inertia: 3, hysteresis: 20 } } })
    engine.sweep(true)
    for (let vpn = PAGES - 60; vpn < PAGES; vpn++) engine.mm.free(vpn)
    for (let round = 0; round < 4000; round++) engine.access(PAGES - 61, false)
    expect(engine.ramster.counters.selfshrinks).toBeGreaterThan(0)
    expect(engine.copies.counters.remote_pers_pages_succ_get).toBeGreaterThan(0)
    expect(engine.mm.counters.repatriated_pages).toBeGreaterThan(0)
    engine.rest()
  })
})

describe('a send that fails', () => {
  it('leaves the page here, to be sent again: nothing is stranded', () => {
    const engine = engineWith()
    engine.nodes.refusePuts(8)
    engine.sweep(true)
    for (let step = 0; step < 5000; step++) engine.access(PAGES - 1, false)
    engine.sweep(true)
    engine.rest()
    const { counters } = engine.copies
    expect(counters.pers_pages_remote_failed).toBe(8)
    expect(counters.pers_pages_remoted).toBeGreaterThan(0)
    engine.sweep(false)
    engine.rest()
  })

  it('is not repeated at every look: a node that refuses is left alone for a while, whatever its reason', () => {
    const engine = engineWith({ ramster: { nodes: { nodes: 1 }, intervalNs: 1e6, frames: 4 } })
    engine.nodes.refusePuts(1e6)
    // 100 ms in steps of 20 us, none of which needs anything of the node.
    engine.sweep(true)
    const { puts } = engine.nodes.counts
    expect(puts).toBeGreaterThan(0)
    for (let step = 0; step < 4500; step++) engine.access(PAGES - 1, false)
    expect(engine.nodes.counts.puts).toBeLessThanOrEqual(2 * puts)
    engine.rest()
  })

  it('for want of memory is counted apart, and tried again once there is some', () => {
    const engine = engineWith({ ramster: { nodes: { room: 3 } } })
    engine.sweep(true)
    engine.rest()
    const { counters } = engine.copies
    expect(counters.pers_pages_remote_nomem).toBeGreaterThan(0)
    expect(counters.remote_pers_pages).toBe(6)
    engine.nodes.room = 100
    for (let step = 0; step < 5000; step++) engine.access(PAGES - 1, false)
    engine.sweep(true)
    engine.sweep(true)
    engine.rest()
    expect(counters.remote_pers_pages_max).toBeGreaterThan(6)
  })

  it('for want of memory is tried again with as much as has been flushed since, not with everything', () => {
    const engine = engineWith({ ramster: { nodes: { nodes: 1, room: 20 }, intervalNs: 1e6 } })
    for (let round = 0; round < 20; round++) engine.sweep(true)
    engine.rest()
    const { pers_pages_remote_nomem, pers_pages_remoted } = engine.copies.counters
    expect(pers_pages_remoted).toBeGreaterThan(200)
    expect(pers_pages_remote_nomem).toBeLessThan(pers_pages_remoted / 20)
  })

  it('of a page that was overtaken leaves nothing at the node, whatever became of it', () => {
    const engine = engineWith({ ramster: { nodes: { answersPerPoll: 1, room: 4 }, frames: 20 } })
    for (let round = 0; round < 6; round++) engine.sweep(true)
    expect(engine.copies.counters.remote_puts_overtaken).toBeGreaterThan(0)
    engine.rest()
    expect(engine.copies.counters.remote_page_flushes_failed).toBe(0)
  })
})

describe('a node that is lost', () => {
  const failure = (act: () => void): LabError => {
    try {
      act()
    } catch (error) {
      if (error instanceof LabError) return error
      throw error
    }
    throw new Error('nothing was thrown')
  }

  it('ends the trial at the next word with it, by its name', () => {
    const engine = engineWith({ ramster: { nodes: { nodes: 1 } } })
    engine.sweep(true)
    engine.rest()
    const { vpn } = awayPage(engine)
    engine.nodes.lose(0)
    const error = failure(() => engine.mm.fault(vpn))
    expect(error).toBeInstanceOf(RemoteLost)
    expect([error.code, error.message]).toEqual([
      'io_error',
      'Node node 0 is lost, and the pages it held with it: it is gone.',
    ])
    expect(engine.ramster.isRemote(engine.mm.whereIs(vpn).slot)).toBe(true)
    expect(failure(() => engine.sweep(true)).message).toContain('node 0')
  })

  it('is one that has evicted a page, or gives it back with other bytes', () => {
    for (const [harm, why] of [
      ['evictAll', 'it has not the page of slot'],
      ['garble', 'came back with other bytes'],
    ] as const) {
      const engine = engineWith({ ramster: { nodes: { nodes: 1 } } })
      engine.sweep(true)
      engine.rest()
      const { vpn } = awayPage(engine)
      engine.nodes[harm](0)
      expect(failure(() => engine.mm.fault(vpn)).message).toContain(why)
      expect(engine.copies.counters.remote_pers_pages_unsucc_get).toBe(1)
    }
  })
})

it('has no order of the stores to ask for where the pool keeps none', () => {
  const engine = makeEngine({ pages: PAGES, frames: 72, lane: 'writeback off' })
  expect(() => engine.pool()?.younger(-1)).toThrow('no order of the stores is kept here')
})
