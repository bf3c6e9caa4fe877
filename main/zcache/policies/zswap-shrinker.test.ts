import { expect, it } from 'vitest'
import { FakeView } from './fixture-view.ts'
import { POLICIES, policyParameters } from './index.ts'
import { withShrinker } from './zswap-shrinker.ts'

const make = () => withShrinker(POLICIES.watermark.create(policyParameters(POLICIES.watermark, {})))

/** 1000 zpages, four in each frame, beside 1000 resident pages; the pool far from its limit. */
function pool(): FakeView {
  const view = new FakeView()
  view.storeMany(1000)
  view.poolFrames = 250
  view.activePages = 500
  view.inactivePages = 500
  return view
}

it('looks at twice the share that reclaim takes, of a pool scaled by its density, in batches of 128', () => {
  // 2 x 250 x 32 / 1000 = 16 a pass: eight passes make a batch.
  const policy = make()
  const view = pool()
  const asked = Array.from({ length: 16 }, () => policy.onReclaim?.(view))
  expect(asked).toEqual([0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 128])
})

it('takes one zpage off for each page read from disk, those read ahead among them', () => {
  const policy = make()
  const view = pool()
  for (let fault = 0; fault < 125; fault++) policy.onDiskFault?.(view, 0, 4)
  const asked = Array.from({ length: 8 }, () => policy.onReclaim?.(view))
  // The first pass counts half the pool: 8 + 7 x 16 are too few for a batch.
  expect(asked.at(-1)).toBe(0)
  expect(policy.onReclaim?.(view)).toBe(128)
})

it('keeps what is short of a batch for later, and of a pool that is smaller than one takes all once all is due', () => {
  const policy = make()
  const view = pool()
  view.inactivePages = 0
  // 32 a pass of 500 resident pages, so every fourth is a batch; of 15 frames 15, in eight passes.
  expect(Array.from({ length: 8 }, () => policy.onReclaim?.(view))).toEqual([0, 0, 0, 128, 0, 0, 0, 128])
  view.poolFrames = 15
  const asked = Array.from({ length: 8 }, () => policy.onReclaim?.(view))
  expect(asked).toEqual([0, 0, 0, 0, 0, 0, 0, 15])
})

it('gives every zpage a second chance, and looks at no more than it asked for', () => {
  const policy = make()
  const view = pool()
  let scan = 0
  while (scan === 0) scan = policy.onReclaim?.(view) ?? 0
  expect(policy.victim?.(view)).toBe(-1)
  expect(view.mark(0) && view.mark(127)).toBe(true)
  expect([view.mark(128), view.oldest()]).toEqual([false, 128])
})

it('leaves the worker at the limit to its work: what is full is written back', () => {
  const policy = make()
  const view = pool()
  view.poolFrames = 1000
  expect(policy.onFull?.(view)).toBe(0)
  expect(policy.onTick?.(view)).toBe(32)
  expect(view.victims(policy, 32)).toHaveLength(0)
  expect(policy.accepts?.(view)).toBe(false)
})
