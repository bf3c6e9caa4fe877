import { AccessSpec, ContentSpec, NamedWorkload } from '../../contract/index.ts'

/**
 * The workload set. Comparing policies on one workload says nothing about the next: these are the regions in which compressed swap
 * behaves differently. Sizes are multiples of the RAM; with the presets' pool (7/16 of it) and zbud's two zpages a frame,
 * RAM and pool together hold about 1.4 times the RAM.
 */

const ZIPF = AccessSpec.parse({ pattern: 'zipf', theta: 0.9, writes: 0.3 })
const MAGENHEIMER = 'D. Magenheimer, kernel build on 1 GB, zcache against plain swap, March 2012'

/** Synthetic contents with a share that does not compress; the rest in the proportions of the default mix. */
function incompressible(percent: 0 | 25 | 50): NamedWorkload {
  const rest = 1 - percent / 100
  const [zero, text, heap] = [0.12, 0.39, 0.49].map((part) => Number((part * rest).toFixed(4)))
  return {
    name: `incompressible-${percent}`,
    title: `${percent} % incompressible (synthetic)`,
    description:
      percent === 0
        ? 'Synthetic contents that all compress: the base line for the two with a share that does not.'
        : `Synthetic contents, ${percent} % of the pages random: what rejecting, or keeping, pages that do not compress does to the rest.`,
    source: 'the trade-off of storing incompressible pages raw in zswap, Linux 6.18 (2025); contents made by Swaplab',
    pagesPerFrame: 1.75,
    accessesPerPage: 4,
    access: ZIPF,
    content: ContentSpec.parse({
      source: 'synthetic',
      mix: { zero, text, heap, random: Number((1 - zero - text - heap).toFixed(4)) },
    }),
  }
}

const SET: readonly NamedWorkload[] = [
  {
    name: 'fits',
    title: 'Fits',
    description: 'Everything fits the RAM: what compressed swap costs where nothing is swapped.',
    source: `${MAGENHEIMER}: N of 4 to 12, no difference`,
    pagesPerFrame: 0.75,
    accessesPerPage: 4,
    access: ZIPF,
    content: null,
  },
  {
    name: 'slightly-over',
    title: 'Slightly over',
    description: 'A quarter more than the RAM, which fits once compressed: where the pool saves most of the disk.',
    source: `${MAGENHEIMER}: N of 16 to 28, up to 31 % faster`,
    pagesPerFrame: 1.25,
    accessesPerPage: 4,
    access: ZIPF,
    content: null,
  },
  {
    name: 'full-pool',
    title: 'Full pool',
    description:
      'Three times the RAM, more than the pool can hold: where the gain is lost unless old pages are written back.',
    source: `${MAGENHEIMER}: N of 32 and 36, the gain is gone`,
    pagesPerFrame: 3,
    accessesPerPage: 4,
    access: ZIPF,
    content: null,
  },
  {
    name: 'cold-bulk',
    title: 'Cold bulk',
    description:
      'A bulk written once fills the pool, and the hot set, itself larger than the RAM, goes to disk: the inversion of age that writeback is to undo.',
    source: 'the case that writeback from the old end of the pool was written for (zcache 2013, zswap 2013)',
    pagesPerFrame: 3,
    accessesPerPage: 12,
    access: AccessSpec.parse({ pattern: 'inversion', hot: 0.4, theta: 0.6, writes: 0.3 }),
    content: null,
  },
  {
    name: 'scan-over-hot',
    title: 'Scan over a hot set',
    description:
      'A backup walks past a service: whether a policy lets pages that are read once push out those that are used.',
    source: 'the classic case against LRU (E. O’Neil, P. O’Neil, G. Weikum, LRU-K, SIGMOD 1993)',
    pagesPerFrame: 3,
    accessesPerPage: 6,
    access: AccessSpec.parse({ pattern: 'scan+hot', hot: 0.25, scan: 0.3, writes: 0.3 }),
    content: null,
  },
  {
    name: 'phases',
    title: 'Phases',
    description: 'The hot set moves six times: how quickly a policy lets go of what has become cold.',
    source: 'P. J. Denning’s phases and transitions of locality (CACM 2021, and before)',
    pagesPerFrame: 3,
    accessesPerPage: 8,
    access: AccessSpec.parse({ pattern: 'phases', phases: 6, hot: 0.4, writes: 0.3 }),
    content: null,
  },
  incompressible(0),
  incompressible(25),
  incompressible(50),
  {
    name: 'kernel-build',
    title: 'Kernel build',
    description:
      'Eight short-lived processes at a time over a shared set: pages freed before anybody reads them again, so that writing them back was wasted.',
    source: 'after the builds of Magenheimer (2012) and Jennings (2013); the pattern is a model, not a recording',
    pagesPerFrame: 2,
    accessesPerPage: 12,
    access: AccessSpec.parse({ pattern: 'build', jobs: 8, shared: 0.2, sharing: 0.5, writes: 0.3 }),
    content: null,
  },
  {
    name: 'gc',
    title: 'Garbage collector',
    description:
      'A program with a hot set, and sweeps over its whole heap: every cold page is wanted once, in order, again and again.',
    source: 'after M. Hertz, Y. Feng, E. D. Berger, Garbage collection without paging, PLDI 2005',
    pagesPerFrame: 1.75,
    accessesPerPage: 16,
    access: AccessSpec.parse({ pattern: 'gc', hot: 0.3, theta: 0.9, sweeps: 0.3, writes: 0.3 }),
    content: null,
  },
  {
    name: 'browser-tabs',
    title: 'Browser tabs',
    description:
      'Sets of pages left and returned to whole, the last ones soonest: how long a return waits, and whether the right tabs went to disk.',
    source:
      'the load that compressed memory is used for on desktops and phones; the pattern is a model, not a recording',
    pagesPerFrame: 4,
    accessesPerPage: 12,
    access: AccessSpec.parse({ pattern: 'tabs', tabs: 24, recency: 1, close: 0.1, writes: 0.3 }),
    content: null,
  },
  {
    name: 'key-value',
    title: 'Key-value store',
    description:
      'A cache with a long tail, nearly all reads: pages that are clean on disk already cost nothing to evict again.',
    source: 'YCSB’s workload B: Zipf 0.99, 95 % reads (B. Cooper et al., SoCC 2010)',
    pagesPerFrame: 3,
    accessesPerPage: 4,
    access: AccessSpec.parse({ pattern: 'zipf', theta: 0.99, writes: 0.05 }),
    content: null,
  },
]

/** Checked once, so that the set can be no worse than what a person may write. */
export const WORKLOADS: readonly NamedWorkload[] = SET.map((workload) => NamedWorkload.parse(workload))
