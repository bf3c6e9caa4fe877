import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExperimentSpec, LaneSpec, parseSpec } from '../../contract/index.ts'
import { canonicalJson, experimentHash } from './experiment-hash.ts'

describe('the hash of an experiment', () => {
  it('does not depend on the order of keys, on defaults left out, or on the name', () => {
    const full = ExperimentSpec.parse({})
    const reversed = ExperimentSpec.parse(Object.fromEntries(Object.entries(full).reverse()))
    expect(experimentHash(reversed)).toBe(experimentHash(full))
    expect(experimentHash({ ...full, name: 'another' })).toBe(experimentHash(full))
    expect(experimentHash({ ...full, seed: 43 })).not.toBe(experimentHash(full))
  })

  it('rests on JSON that is valid and complete', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  /** Of experiments as histories have them. These stay: where one changes, an option is missing in ADDED_OPTIONS, or a default has become another. */
  const KNOWN: Record<string, string> = {
    raw: 'dc03cff7b09292512fccc8f012f5d849d00166a9065d1c8de7d3307c3219ca63',
    zcache: '5cbd17310a5b5e06f08776fad9f0ecd53af3ac572fc62ec16a89a46721372386',
    zswap: '803d91b3c6e014e58421d529a29b78e675efa7c2cb9a52627b0374cea0633c1a',
    'zswap-2013': '544fb10285185eee466f1f9ad83335a078537267eca5c512794d4d2ff32092f4',
    zram: 'a7b2fac139c5d3e2734fb89fbc41f5d1dfa5c396ed3a127e9984a2dfaaebc94c',
    'xen-tmem': '3747d20b2665c84f86f8e1637b8d2a2505677b21b3beef3f54df228e976e8b37',
    live: '7b3cc673381334569b2b8ec5b8ee6264961af0dc3fb841afb1797754f800d3cc',
    'kernel-swap': '07a4e505152d8b1c2fc524365911c8e97979c36b22b315b3186e9f3d5c78518b',
    'kernel-zswap': '2ae4d79b46249f082ffead96b645e1867ddeeb3e1b1165c21d118243ef387ced',
    'kernel-zram': 'bf96652ad7e3c059cbae1d8ac7ebf16e02bdb216d13365ff9867e62d5e77c04c',
  }

  it('outlives the options that are added', () => {
    // Of RAMster below.
    expect(new Set([...Object.keys(KNOWN), 'ramster'])).toEqual(
      new Set(LaneSpec.options.map(({ shape }) => shape.lane.value)),
    )
    for (const [lane, hash] of Object.entries(KNOWN))
      expect(experimentHash(parseSpec({ lanes: [{ lane }] })), lane).toBe(hash)
  })

  it('has the nodes of RAMster in it', () => {
    const hashes = [['redis://10.0.0.1'], ['redis://10.0.0.2'], ['redis://10.0.0.1', 'redis://10.0.0.2']].map((nodes) =>
      experimentHash(parseSpec({ lanes: [{ lane: 'ramster', nodes }] })),
    )
    expect(hashes[0]).toBe('c4051502414f04d1d83f35445aa24c80c4f15b55f8ef105354c01ddb1235f04f')
    expect(new Set(hashes).size).toBe(3)
  })

  it('has an added option in it once that is used', () => {
    const hashes = [{}, { freeze: { at: 0.5 } }, { freeze: { at: 0.5, thaw: 0.6 } }].map((options) =>
      experimentHash(parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'zcache', ...options }] })),
    )
    expect(new Set(hashes).size).toBe(3)
    const rings = [{}, { depth: 8 }, { completion: 'polled' }, { registered: 'off' }]
    expect(new Set(rings.map((swapfile) => experimentHash(parseSpec({ swapfile })))).size).toBe(4)
  })
})
