import type { CodecFacts, LaneFacts, PolicyFacts } from '../contract/index.ts'

/** The lanes there are. A lane that needs a codec is available where at least one codec is. */
export function laneFacts(codecs: readonly CodecFacts[]): LaneFacts[] {
  const usable = codecs.filter((codec) => codec.available).map((codec) => codec.codec)
  const noCodec = usable.length > 0 ? null : 'no compression library was found; "swaplab codecs" says which to install'
  return [
    {
      lane: 'raw',
      title: 'Plain swap',
      description: 'Every evicted page goes to the swap file, every major fault comes from it: the baseline.',
      needs: ['a file system with direct I/O'],
      available: true,
      reason: null,
    },
    {
      lane: 'zcache',
      title: 'zcache',
      description:
        'Evicted pages are compressed into a pool inside the same RAM. With writeback off a full pool rejects; with it on, old pages are decompressed and written to the swap file to make room.',
      needs: ['a file system with direct I/O', 'one of the codecs'],
      available: noCodec === null,
      reason: noCodec,
    },
  ]
}

export const POLICIES: readonly PolicyFacts[] = [
  {
    policy: 'lru-frame',
    title: 'LRU by frame',
    rule: 'When the pool is full, the frame whose zpages were stored longest ago is written back whole, both buddies, until the store fits.',
    source: 'zcache and zswap of 2013: an LRU of zbud frames, evicted by frame',
    lanes: ['zcache'],
  },
]
