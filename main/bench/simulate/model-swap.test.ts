import { describe, expect, it } from 'vitest'
import type { SwapfileSpec } from '../../contract/index.ts'
import type { IoObserver } from '../../swapfile/index.ts'
import { type DeviceModel, REFERENCE_DEVICE } from './device-model.ts'
import { ModelSwap } from './model-swap.ts'
import { PageTags } from './page-tags.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A device without luck: 10 us to read, 20 to write, 5 to sync, 1 for each further page, two at a time. */
const EVEN: DeviceModel = {
  label: 'even',
  read: [10_000, 10_000, 10_000, 10_000, 10_000, 10_000],
  write: [20_000, 20_000, 20_000, 20_000, 20_000, 20_000],
  sync: [5_000, 5_000, 5_000, 5_000, 5_000, 5_000],
  readPageNs: 1_000,
  writePageNs: 1_000,
  channels: 2,
}

const SLOTS = 4096

function open(options: Partial<Pick<SwapfileSpec, 'sync' | 'batch' | 'io'>>, device = EVEN, seed = 1) {
  const clock = new VirtualClock()
  const tags = new PageTags(1024, SLOTS)
  for (let frame = 0; frame < 1024; frame++) tags.frames[2 * frame] = frame
  const seen: string[] = []
  const observer: IoObserver = {
    onRead: (ns, pages) => seen.push(`read ${pages} ${ns}`),
    onWrite: (ns) => seen.push(`write ${ns}`),
    onSync: (ns) => seen.push(`sync ${ns}`),
  }
  const io = new ModelSwap(
    { sync: 'none', batch: 32, io: 'uring', ...options },
    { slots: SLOTS, clock, device, tags, seed, observer },
  )
  const ended: number[] = []
  const write = (slot: number, frame = slot % 1024) => io.write(slot, frame, (done) => void ended.push(done))
  return { clock, tags, io, seen, ended, write }
}

describe('psync', () => {
  it('ends a batch inside the flush, runs of neighbours as one operation', () => {
    const { clock, io, seen, ended, write } = open({ io: 'psync', sync: 'batch' })
    for (const slot of [7, 5, 6, 100]) write(slot)
    io.flush()
    expect(seen).toEqual(['write 22000', 'write 20000', 'sync 5000'])
    expect(clock.now()).toBe(47_000)
    expect(ended).toEqual([]) // only poll, wait and drain deliver
    expect(io.poll()).toBe(4)
    expect(ended).toEqual([5, 6, 7, 100])
  })

  it('syncs after every page where asked to', () => {
    const { clock, io, seen, write } = open({ io: 'psync', sync: 'each' })
    for (const slot of [1, 2]) write(slot)
    io.drain()
    expect(seen).toEqual(['write 20000', 'sync 5000', 'write 20000', 'sync 5000'])
    expect(clock.now()).toBe(50_000)
  })
})

describe('uring', () => {
  it('goes on while writes are under way, and delivers them when their time has come', () => {
    const { clock, io, ended, write } = open({})
    for (const slot of [10, 20, 30]) write(slot)
    io.flush()
    expect([clock.now(), io.inflight, io.poll()]).toEqual([0, 3, 0])
    clock.advance(20_000)
    expect([io.poll(), ended]).toEqual([2, [10, 20]]) // two channels
    expect([io.wait(), clock.now(), ended]).toEqual([1, 40_000, [10, 20, 30]])
  })

  it('delivers a batch together behind its sync, and holds the next one back until then', () => {
    const { clock, io, ended, write } = open({ sync: 'batch', batch: 2 })
    for (const slot of [10, 20, 30, 40]) write(slot)
    clock.advance(24_999)
    expect(io.poll()).toBe(0)
    clock.advance(1)
    expect([io.poll(), ended]).toEqual([2, [10, 20]])
    clock.advance(24_999)
    expect(io.poll()).toBe(0)
    clock.advance(1)
    expect([io.poll(), ended]).toEqual([2, [10, 20, 30, 40]])
  })

  it('lets reads past a held back batch, but not past busy channels', () => {
    const { clock, io, write } = open({ sync: 'batch', batch: 2 })
    for (const slot of [10, 20]) write(slot)
    expect(io.read(500, Int32Array.of(1), 1)).toBe(30_000) // behind a write of 20
    expect(clock.now()).toBe(30_000)
  })
})

it('a page goes to its slot and comes back into another frame', () => {
  const { tags, io, write } = open({})
  tags.frames[2 * 3 + 1] = 7
  write(50, 3)
  io.drain()
  io.read(50, Int32Array.of(9), 1)
  expect([tags.frames[2 * 9], tags.frames[2 * 9 + 1]]).toEqual([3, 7])
})

const BREACHES: Record<string, (swap: ReturnType<typeof open>) => void> = {
  'a read of a busy slot': ({ io, write }) => {
    write(1)
    io.read(1, Int32Array.of(2), 1)
  },
  'two writes of one slot at once': ({ write }) => {
    write(1)
    write(1)
  },
  'a slot outside the area': ({ write }) => write(SLOTS),
  'a poll from a WriteDone': ({ io }) => {
    io.write(1, 1, () => void io.poll())
    io.drain()
  },
}
it.each(Object.entries(BREACHES))('refuses %s, as the real one does', (_what, breach) => {
  expect(() => breach(open({}))).toThrow(expect.objectContaining({ code: 'invariant' }))
})

describe('the reference device takes about as long as was measured for', () => {
  /** Median over batches of 32 pages, us. */
  function median(sync: SwapfileSpec['sync'], slotOf: (page: number) => number): number {
    const { clock, io, write } = open({ sync, batch: 256 }, REFERENCE_DEVICE)
    const times: number[] = []
    for (let batch = 0; batch < 401; batch++) {
      const start = clock.now()
      for (let page = 0; page < 32; page++) write(slotOf(page), page)
      io.drain()
      times.push((clock.now() - start) / 1000)
    }
    return times.sort((a, b) => a - b)[200]
  }
  const within = (value: number, measured: number, share: number) =>
    expect(Math.abs(value / measured - 1), `${value} us, measured ${measured}`).toBeLessThan(share)

  it('32 scattered writes: 560 us', () =>
    within(
      median('none', (page) => page * 2),
      560,
      0.1,
    ))
  it('32 scattered writes and their sync: 673 us', () =>
    within(
      median('batch', (page) => page * 2),
      673,
      0.1,
    ))
  it('32 neighbours: 125 us', () =>
    within(
      median('none', (page) => page),
      125,
      0.05,
    ))
})

it('the same seed gives the same times on any machine, another seed others', () => {
  const times = (seed: number) => {
    const { clock, io } = open({}, REFERENCE_DEVICE, seed)
    return Array.from({ length: 5 }, (_, slot) => {
      io.read(slot, Int32Array.of(1), 1)
      return clock.now()
    })
  }
  const golden = [69_404, 164_265, 230_138, 320_484, 410_275]
  expect(times(42)).toEqual(golden)
  expect(times(43)).not.toEqual(golden)
})
