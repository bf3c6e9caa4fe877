import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LabError, type PolicyName } from '../contract/index.ts'
import { FileIoError, SwapIoError } from '../swapfile/index.ts'
import { type EngineOptions, makeEngine, makePolicy } from './fixture-engine.ts'
import { ALLOCATORS, type AllocatorName, POLICIES } from './index.ts'

/**
 * The whole engine against a plain map: whatever the workload does, whatever the disk does, a page comes back as it was last
 * written, and the books balance. fast-check prints the seed of a failing sequence.
 */

const PAGES = 160

type Command =
  | { do: 'touch'; vpn: number; write: boolean }
  | { do: 'sweep'; from: number; count: number; write: boolean }
  | { do: 'free'; vpn: number }
  | { do: 'step' }
  | { do: 'drain' }
  | { do: 'swapoff' }
  | { do: 'fail writes'; count: number }
  | { do: 'fail read' }

const vpn = fc.nat(PAGES - 1)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('touch' as const), vpn, write: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      from: vpn,
      count: fc.integer({ min: 8, max: 60 }),
      write: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('free' as const), vpn }) },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'step' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'drain' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'swapoff' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail writes' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'fail read' }) },
)

function carryOut(options: EngineOptions, commands: Command[]): ReturnType<typeof makeEngine> {
  const engine = makeEngine(options)
  const { mm, io, file, access, versions } = engine
  const touch = (page: number, write: boolean) => {
    for (;;) {
      try {
        return access(page, write)
      } catch (error) {
        // Each injected read error fails one attempt; the page must still be there for the next.
        if (!(error instanceof SwapIoError || error instanceof FileIoError)) throw error
      }
    }
  }
  const audit = () => expect(engine.audit()).toEqual([])
  for (const step of commands) {
    switch (step.do) {
      case 'touch':
        touch(step.vpn, step.write)
        break
      case 'sweep':
        for (let i = 0; i < step.count; i++) touch((step.from + i) % PAGES, step.write)
        break
      case 'free':
        mm.free(step.vpn)
        break
      case 'step':
        mm.step()
        break
      case 'drain':
        mm.drain()
        break
      case 'swapoff':
        mm.invalidateArea()
        break
      case 'fail writes':
        io.failNextWrites(step.count)
        break
      case 'fail read':
        io.failNextReads(1)
        file?.failNextReads(1)
        break
    }
    audit()
  }
  io.heal()
  file?.heal()
  for (const page of versions.keys()) access(page, false)
  mm.drain()
  audit()
  return engine
}

const lanes: EngineOptions['lane'][] = ['raw', 'writeback off', 'writeback on']

describe.each([
  { layout: 'slot', form: 'page', cluster: 8 },
  { layout: 'log', form: 'page', cluster: 8 },
  { layout: 'log', form: 'zpage', cluster: 1 },
  { layout: 'log', form: 'zpage', cluster: 8 },
] as const)('writeback as $form to layout $layout, in clusters of $cluster', (way) => {
  it.each([
    { backend: 'zcache' as const, policy: 'lru-frame' as const },
    { backend: 'zcache' as const, policy: 'lru-frame' as const, exclusiveGets: false },
    { backend: 'zcache' as const, policy: 'lru-frame' as const, switches: { writethrough: true } },
    { backend: 'zcache' as const, policy: 'lru-frame' as const, fileEvery: 3, cleancache: true },
    { backend: 'zcache' as const, policy: 'keep-clean' as const },
    { backend: 'zcache' as const, policy: 'frontswap-shrink' as const },
    { backend: 'zswap' as const, policy: 'lru-zpage' as const },
    { backend: 'zswap' as const, policy: 'lru-zpage' as const, sameFilled: 'zswap' as const },
  ])('gives every page back as last written, with a failing disk: %o', ({ policy, ...rest }) => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 60, maxLength: 160 }),
        fc.nat(),
        fc.boolean(),
        (commands, seed, small) => {
          carryOut(
            {
              pages: PAGES,
              frames: 72,
              poolLimit: 20,
              lane: 'writeback on',
              ...way,
              ...rest,
              policy: makePolicy(policy, HURRIED[policy]),
              clockStepNs: 5e4,
              full: seed % 2 === 0 ? 'wait' : 'bypass',
              // Few to a block, or many.
              ...(small && { size: (word: number) => 40 + ((word >>> 3) % 700) }),
              swap: { seed, batch: 4, slow: 0.3 },
            },
            commands,
          )
        },
      ),
      { numRuns: 10 },
    )
  })
})

describe.each(lanes)('lane %s on a log', (lane) => {
  it('gives every page back as last written, with a failing disk and cleaning under pressure', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 60, maxLength: 200 }), fc.nat(), (commands, seed) => {
        const swap = { seed, batch: 4, slow: 0.3 }
        carryOut({ pages: PAGES, frames: 72, poolLimit: 20, lane, layout: 'log', swap }, commands)
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(lanes)('the engine as lane %s', (lane) => {
  it.each([
    ['background reclaim', 8],
    ['direct reclaim only', 0],
  ])('gives every page back as last written, with %s and a failing disk', (_name, background) => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
        carryOut(
          { pages: PAGES, frames: 72, poolLimit: 28, lane, background, swap: { seed, batch: 4, slow: 0.3 } },
          commands,
        )
      }),
      { numRuns: 150 },
    )
  })
})

const fileAllocators = ['zbud', 'zbud-zswap', 'z3fold'] as const satisfies AllocatorName[]

describe.each(fileAllocators)('cleancache beside frontswap over %s', (allocator) => {
  it.each([
    ['writeback off', {}],
    ['writeback on', {}],
    ['writeback on', { writethrough: true }],
    ['writeback off', { activeOnly: true }],
    ['writeback off', { frontswap: false }],
  ] as const)('gives every page back as last written or as the file has it, with %s and %o', (lane, switches) => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 20, maxLength: 120 }),
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (commands, seed, fileEvery, exclusiveGets) => {
          carryOut(
            {
              pages: PAGES,
              frames: 72,
              poolLimit: 24,
              lane,
              allocator,
              exclusiveGets,
              fileEvery,
              cleancache: true,
              switches,
              policy: makePolicy(lane === 'writeback on' && seed % 2 === 0 ? 'lru-balance' : 'lru-frame'),
              swap: { seed, batch: 4, slow: 0.3 },
            },
            commands,
          )
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe.each(['writeback off', 'writeback on'] as const)('writethrough, %s', (lane) => {
  it.each(['lru-frame', 'lru-zpage', 'frontswap-shrink', 'keep-clean'] as const)(
    'gives every page back as last written from a failing disk, with policy %s',
    (policy) => {
      fc.assert(
        fc.property(
          fc.array(command, { minLength: 20, maxLength: 120 }),
          fc.nat(),
          fc.boolean(),
          (commands, seed, exclusiveGets) => {
            carryOut(
              {
                pages: PAGES,
                frames: 72,
                poolLimit: 24,
                lane,
                exclusiveGets,
                switches: { writethrough: true },
                policy: makePolicy(policy, HURRIED[policy]),
                clockStepNs: 5e4,
                swap: { seed, batch: 4, slow: 0.3 },
              },
              commands,
            )
          },
        ),
        { numRuns: 40 },
      )
    },
  )
})

describe.each(lanes)('a mapped file beside anonymous memory, as lane %s', (lane) => {
  it.each([
    ['background reclaim', 8],
    ['direct reclaim only', 0],
  ])('gives every page back as last written or as the file has it, with %s', (_name, background) => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 20, maxLength: 120 }),
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        (commands, seed, fileEvery) => {
          const swap = { seed, batch: 4, slow: 0.3 }
          carryOut({ pages: PAGES, frames: 72, poolLimit: 28, lane, background, fileEvery, swap }, commands)
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Policies that wait for minutes, hurried: every few milliseconds they find something to do. */
const HURRIED: Partial<Record<PolicyName, Record<string, number>>> = {
  'idle-drip': { quiet: 0.01, interval: 0.002, batch: 4 },
  'idle-age': { age: 0.02, batch: 4 },
  'cold-age': { interval: 0.02, youngest: 0.005, target: 1000 },
  senpai: { target: 60_000, tick: 0.005, interval: 1, tighten: 0.5 },
  'frontswap-shrink': { interval: 0.002, inertia: 1, share: 0.5 },
}

describe.each(['writeback off', 'writeback on'] as const)('gets that are not exclusive, %s', (lane) => {
  it.each(['lru-frame', 'lru-zpage', 'frontswap-shrink', 'keep-clean'] as const)(
    'give every page back as last written, with policy %s',
    (policy) => {
      fc.assert(
        fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
          carryOut(
            {
              pages: PAGES,
              frames: 72,
              poolLimit: 28,
              lane,
              exclusiveGets: false,
              policy: makePolicy(policy, HURRIED[policy]),
              clockStepNs: 5e4,
              swap: { seed, batch: 4, slow: 0.3 },
            },
            commands,
          )
        }),
        { numRuns: 50 },
      )
    },
  )
})

describe.each(Object.keys(POLICIES) as PolicyName[])('writeback by policy %s', (policy) => {
  it.each(['bypass', 'wait'] as const)('gives every page back as last written when a full pool means %s', (full) => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
        carryOut(
          {
            pages: PAGES,
            frames: 72,
            poolLimit: 20,
            lane: 'writeback on',
            policy: makePolicy(policy, HURRIED[policy]),
            clockStepNs: 5e4,
            full,
            swap: { seed, batch: 4, slow: 0.3 },
          },
          commands,
        )
      }),
      { numRuns: 30 },
    )
  })
})

describe('same-filled pages', () => {
  it.each([
    ['the zero map', 'raw', 'zero map', 'zcache'],
    ['the zero map', 'writeback on', 'zero map', 'zcache'],
    ['the zero map', 'writeback on', 'zero map', 'zswap'],
    ['zswap itself', 'writeback off', 'zswap', 'zswap'],
    ['zswap itself', 'writeback on', 'zswap', 'zswap'],
  ] as const)('come back as last written from %s, lane %s (%s, %s)', (_, lane, sameFilled, backend) => {
    let kept = 0
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
        const swap = { seed, batch: 4, slow: 0.3 }
        const policy = lane === 'writeback on' && backend === 'zswap' ? 'lru-zpage' : 'lru-frame'
        const options = { pages: PAGES, frames: 72, poolLimit: 20, lane, backend, policy, sameFilled, swap } as const
        const { mm, same } = carryOut(options, commands)
        kept += mm.counters.swpout_zero + (same()?.counters.same_filled_stores ?? 0)
      }),
      { numRuns: 40 },
    )
    expect(kept).toBeGreaterThan(100)
  })
})

describe('zswap of 2013', () => {
  it.each(['zswap 3.11', 'zswap v4'] as const)(
    '%s gives every page back as last written, from a failing disk',
    (backend) => {
      let writtenBack = 0
      fc.assert(
        fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
          const swap = { seed, batch: 4, slow: 0.3 }
          const options = { pages: PAGES, frames: 72, poolLimit: 20, lane: 'writeback on', backend, swap } as const
          writtenBack += carryOut(options, commands).pool()?.counters.writtenback_pages ?? 0
        }),
        { numRuns: 60 },
      )
      expect(writtenBack).toBeGreaterThan(100)
    },
  )
})

describe('without a disk to fall through to', () => {
  it('gives every page back as last written, writes nothing, and ends in a sentence where memory runs out', () => {
    let outOfMemory = 0
    let kept = 0
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
        // 160 pages of 2100 bytes at the mean in 110 frames: often just too much.
        const options = { pages: PAGES, frames: 110, poolLimit: 90, lane: 'writeback off', backend: 'zswap' } as const
        try {
          const { mm, io } = carryOut({ ...options, diskSwap: false, swap: { seed } }, commands)
          kept += mm.counters.swapout_kept
          expect(io.counts.writes).toBe(0)
        } catch (error) {
          if (!(error instanceof LabError) || error.code !== 'out_of_memory') throw error
          outOfMemory++
        }
      }),
      { numRuns: 60 },
    )
    expect([outOfMemory > 0, kept > 0]).toEqual([true, true])
  })
})

/** A rule for each hook and each unit of victims. */
const SOME_POLICIES = [
  'lru-zpage',
  'watermark',
  'second-chance',
  'frontswap-shrink',
  'lru-frame',
  'one-per-store',
  'cost-benefit',
] as const satisfies PolicyName[]

const pools = (['zcache', 'zswap'] as const).flatMap((backend) =>
  (Object.keys(ALLOCATORS) as AllocatorName[]).map((allocator) => ({ backend, allocator })),
)

describe.each(pools)('$backend over $allocator', ({ backend, allocator }) => {
  const able = SOME_POLICIES.filter(
    (policy) => ALLOCATORS[allocator].gives === 'frame' || makePolicy(policy).unit === 'zpage',
  )
  it.each(able)('gives every page back as last written, with writeback by %s and a failing disk', (policy) => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 20, maxLength: 120 }),
        fc.nat(),
        fc.boolean(),
        (commands, seed, second) => {
          carryOut(
            {
              pages: PAGES,
              frames: 72,
              poolLimit: 20,
              lane: 'writeback on',
              backend,
              allocator,
              compaction: !second,
              policy: makePolicy(policy, HURRIED[policy]),
              clockStepNs: 5e4,
              full: second ? 'wait' : 'bypass',
              swap: { seed, batch: 4, slow: 0.3 },
            },
            commands,
          )
        },
      ),
      { numRuns: 25 },
    )
  })

  it('gives every page back as last written, without writeback', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 120 }), fc.nat(), (commands, seed) => {
        const swap = { seed, batch: 4, slow: 0.3 }
        carryOut({ pages: PAGES, frames: 72, poolLimit: 28, lane: 'writeback off', backend, allocator, swap }, commands)
      }),
      { numRuns: 25 },
    )
  })
})
