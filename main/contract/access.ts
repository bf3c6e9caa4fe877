import { z } from 'zod'

/** Access patterns of a workload, by the names specifications use; what each is like stands in main/bench/workloads/. */

const count = (min: number, max: number) => z.int().min(min).max(max)
const share = () => z.number().min(0).max(1)
const theta = (usual: number) =>
  z.number().min(0).max(3).default(usual).meta({
    title: 'Skew',
    help: 'exponent of the Zipf law; 0 is uniform, 0.9–1.2 is usual for memory',
  })
const writes = share().default(0.3).meta({
  title: 'Writes',
  help: 'share of accesses that change the page; the others only read it, which the lane live does not see once the page is in memory',
})

export const TraceFormat = z.enum(['csv', 'oracleGeneral'])
export type TraceFormat = z.infer<typeof TraceFormat>

export const TraceAccess = z.strictObject({
  pattern: z.literal('trace'),
  path: z
    .string()
    .min(1)
    .max(4096)
    .meta({ title: 'Trace', help: 'a file; compressed by zstd too. Relative paths start where the specification is' }),
  format: TraceFormat.default('csv').meta({
    title: 'Format',
    help: "csv: lines of time,id,op with op r, w or f (read, write, free); oracleGeneral: libCacheSim's binary records",
  }),
  ids: z.enum(['dense', 'pages']).default('dense').meta({
    title: 'Ids',
    help: 'dense: each new id gets the next page of the address space; pages: an id is a page number (as in traces exported here)',
  }),
  limit: count(1, 1_000_000_000)
    .optional()
    .meta({ title: 'Limit', unit: 'accesses', help: 'only the first so many of the trace; empty means all' }),
  writes: share()
    .default(0.3)
    .meta({ title: 'Writes', help: 'share of accesses that change the page, where the trace does not say' }),
})
export type TraceAccess = z.infer<typeof TraceAccess>

export const AccessSpec = z.discriminatedUnion('pattern', [
  z.strictObject({ pattern: z.literal('sequential'), writes }),
  z.strictObject({ pattern: z.literal('uniform'), writes }),
  z.strictObject({ pattern: z.literal('zipf'), theta: theta(0.9), writes }),
  z.strictObject({
    pattern: z.literal('phases'),
    phases: count(2, 1000).default(4).meta({ title: 'Phases', help: 'how often the hot set moves' }),
    hot: share().default(0.25).meta({ title: 'Hot set', help: 'share of the address space that a phase touches' }),
    writes,
  }),
  z.strictObject({
    pattern: z.literal('scan+hot'),
    hot: share().default(0.1).meta({ title: 'Hot set', help: 'share of the address space that stays hot' }),
    scan: share().default(0.3).meta({ title: 'Scan', help: 'share of accesses that belong to the sequential scan' }),
    writes,
  }),
  z.strictObject({
    pattern: z.literal('burst'),
    size: share().default(0.1).meta({ title: 'Burst', help: 'share of the address space allocated and freed at once' }),
    writes,
  }),
  z.strictObject({
    pattern: z.literal('gc'),
    hot: share().default(0.2).meta({ title: 'Hot set', help: 'share of the heap that the program itself works on' }),
    theta: theta(0.9),
    sweeps: share()
      .default(0.3)
      .meta({ title: 'Sweeps', help: 'share of accesses that belong to sweeps of the whole heap' }),
    writes: share()
      .default(0.3)
      .meta({ title: 'Writes', help: "share of the program's own accesses that change the page; sweeps only read" }),
  }),
  z.strictObject({
    pattern: z.literal('tabs'),
    tabs: count(2, 1000).default(24).meta({ title: 'Tabs', help: 'open at a time; each has the same number of pages' }),
    recency: z
      .number()
      .min(0)
      .max(3)
      .default(1)
      .meta({ title: 'Recency', help: 'exponent of the Zipf law by which tabs left lately are returned to; 0: any' }),
    close: share()
      .default(0.1)
      .meta({ title: 'Closed', help: 'share of changes of tab at which one is closed and a new one opened' }),
    writes,
  }),
  z.strictObject({
    pattern: z.literal('build'),
    jobs: count(1, 256).default(8).meta({ title: 'Jobs', help: 'short-lived processes at a time (make -j)' }),
    shared: share()
      .default(0.2)
      .meta({ title: 'Shared set', help: 'share of the address space that all processes use: compiler, headers' }),
    sharing: share()
      .max(0.95)
      .default(0.5)
      .meta({ title: 'Shared accesses', help: 'share of accesses that fall on the shared set; frees not counted' }),
    writes: share().default(0.3).meta({
      title: 'Writes',
      help: 'share of accesses that change a page already there; new pages are written',
    }),
  }),
  z.strictObject({
    pattern: z.literal('inversion'),
    hot: share()
      .default(0.4)
      .meta({ title: 'Hot set', help: 'share of the address space that is used on; the rest is written once' }),
    theta: theta(0.6),
    writes,
  }),
  TraceAccess,
])
export type AccessSpec = z.infer<typeof AccessSpec>
