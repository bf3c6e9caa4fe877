import { NamedWorkload } from '../../main/contract/index.ts'

/** Two of the set: one that leaves contents alone, one that brings its own. */
export const workloads: NamedWorkload[] = [
  {
    name: 'slightly-over',
    title: 'Slightly over',
    description: 'A quarter more than the RAM, which fits once compressed: where the pool saves most of the disk.',
    source: 'D. Magenheimer, March 2012',
    pagesPerFrame: 1.25,
    accessesPerPage: 4,
    access: { pattern: 'zipf', theta: 0.9, writes: 0.3 },
    content: null,
  },
  {
    name: 'incompressible-50',
    title: '50 % incompressible (synthetic)',
    description: 'Synthetic contents, 50 % of the pages random.',
    source: 'the fixture',
    pagesPerFrame: 1.75,
    accessesPerPage: 4,
    access: { pattern: 'zipf', theta: 0.9, writes: 0.3 },
    content: { source: 'synthetic', mix: { zero: 0.06, text: 0.195, heap: 0.245, random: 0.5 }, pages: 4096 },
  },
].map((workload) => NamedWorkload.parse(workload))
