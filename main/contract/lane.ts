import { z } from 'zod'
import { CodecName } from './codec.ts'
import { isKernelLane, KernelLane, kernelLaneLabel } from './kernel-lane.ts'
import { count, label, onOff } from './lane-fields.ts'
import { isPolicyPath, PolicyChoice, type PolicyName } from './policy.ts'
import { RemoteNodeText } from './remote-node.ts'

/** The lanes that the engine carries out, and with the kernel's own every lane there is. */

export const RawLane = z.strictObject({ lane: z.literal('raw'), label })

export const AllocatorName = z.enum(['zbud', 'zbud-zswap', 'z3fold', 'zsmalloc'])
export type AllocatorName = z.infer<typeof AllocatorName>

const codec = CodecName.default('lz4').meta({ title: 'Codec', help: 'compressor; see "swaplab codecs"' })
const level = z.int().optional().meta({ title: 'Level', help: "the codec's own scale; empty means its default" })

/** What lanes with a compressed pool have in common, with the allocator and the policy they take by default. */
const pool = (allocator: AllocatorName, policy: PolicyName) => ({
  codec,
  level,
  allocator: AllocatorName.default(allocator).meta({
    title: 'Allocator',
    help: 'zpages in a frame: zbud (of zcache or of zswap) at most 2, z3fold 3, zsmalloc many; zsmalloc gives no frame back on demand',
  }),
  writeback: onOff.default('off').meta({
    title: 'Writeback',
    help: 'on: old zpages are decompressed and written to the swap file; off: a full pool rejects',
  }),
  policy: PolicyChoice.default(policy).meta({
    title: 'Policy',
    usedWith: 'writeback',
    help: 'when zpages are written back, and which; see "swaplab policies"; or the path of a file with one of your own',
  }),
  parameters: z
    .record(z.string(), z.number())
    .default({})
    .meta({ title: 'Policy parameters', usedWith: 'writeback', help: "name: value, over the policy's defaults" }),
  full: z.enum(['bypass', 'wait']).default('bypass').meta({
    title: 'Full pool',
    usedWith: 'writeback',
    rare: true,
    help: 'bypass: the new page goes to disk; wait: the store writes old pages back until there is room',
  }),
  budget: z.number().positive().nullable().default(null).meta({
    title: 'Writeback budget',
    unit: 'MiB per day',
    usedWith: 'writeback',
    rare: true,
    help: 'most that is written back, as an average; a copy that is on disk too costs none of it; empty is no limit',
  }),
  inflight: count(2, 4096).default(64).meta({
    title: 'In flight',
    unit: 'pages',
    usedWith: 'writeback',
    rare: true,
    help: 'most writebacks under way at once (zswap of 2013: 64)',
  }),
  writebackForm: z.enum(['page', 'zpage']).default('page').meta({
    title: 'Written back as',
    usedWith: 'writeback',
    rare: true,
    help: 'page: victims are decompressed first; zpage: they are written still compressed, many to a block of 4096 bytes (needs swapfile.layout "log"); in flight then counts blocks',
  }),
  writebackCluster: count(1, 32).default(1).meta({
    title: 'Writeback cluster',
    unit: 'pages',
    usedWith: 'writeback',
    rare: true,
    help: 'with each victim, pages of neighbouring slots that are in the pool are written back too, up to so many together; 1 is off',
  }),
  writebackThread: onOff.default('off').meta({
    title: 'Decompression thread',
    usedWith: 'writeback',
    rare: true,
    help: 'on: pages written back many at a time are decompressed by a second thread, on another CPU, while the engine submits the ones before; measured runs only; off: the engine does both',
  }),
  compaction: onOff.default('on').meta({
    title: 'Compaction',
    rare: true,
    help: 'zsmalloc only: objects are moved together after writeback, so that frames come free; off: they come free by chance',
  }),
})

export const ZcacheLane = z.strictObject({
  lane: z.literal('zcache'),
  label,
  ...pool('zbud', 'lru-frame'),
  exclusiveGets: onOff.default('on').meta({
    title: 'Exclusive gets',
    rare: true,
    help: 'on: a load takes the zpage out of the pool; off: it stays until the page is changed, so that an unchanged page leaves RAM without being compressed again, and is held twice meanwhile',
  }),
  cleancache: onOff.default('on').meta({
    title: 'Cleancache',
    rare: true,
    help: 'clean pages of the mapped file are kept compressed when they leave RAM, as long as nothing better needs the frame; matters where workload.file.share is above 0 (off: nocleancache)',
  }),
  frontswap: onOff.default('on').meta({
    title: 'Frontswap',
    rare: true,
    help: 'off: swap pages are not taken and go to disk; only cleancache is left (nofrontswap)',
  }),
  writethrough: onOff.default('off').meta({
    title: 'Writethrough',
    rare: true,
    help: 'on: a page that is stored goes to disk as well, so that its zpage can be dropped without a write',
  }),
  activeOnly: onOff.default('off').meta({
    title: 'Active pages only',
    rare: true,
    help: 'on: only pages that were on an active list since they came into RAM are taken, of both kinds',
  }),
  freeze: z
    .strictObject({
      at: z.number().min(0).max(0.999).nullable().default(null).meta({
        title: 'Freeze at',
        unit: 'share of the accesses',
        help: 'from then on every put of either kind is refused and only drops the older copy; gets, flushes and writeback go on (zcache_freeze); empty: never',
      }),
      thaw: z.number().min(0.001).max(1).nullable().default(null).meta({
        title: 'Thaw at',
        unit: 'share of the accesses',
        help: 'puts are taken again; empty: frozen to the end',
      }),
    })
    .prefault({})
    .meta({ title: 'Freeze', rare: true }),
})
export type ZcacheLane = z.infer<typeof ZcacheLane>

export const ZswapLane = z.strictObject({
  lane: z.literal('zswap'),
  label,
  ...pool('zsmalloc', 'watermark'),
  incompressible: z.enum(['raw', 'reject']).default('raw').meta({
    title: 'Incompressible pages',
    rare: true,
    help: 'raw: kept as they are while writeback is on, so that they go to disk in their turn (Linux 6.18; z3fold and zsmalloc only); reject: they go to disk at once',
  }),
  diskSwap: onOff.default('on').meta({
    title: 'Swap to disk',
    rare: true,
    help: 'off: as memory.zswap.writeback=0: nothing is written back, and a page that zswap refuses stays in RAM; needs writeback off',
  }),
  shrinker: onOff.default('off').meta({
    title: 'Shrinker',
    help: 'on: as shrinker_enabled: memory pressure writes cold zpages back before the pool is full, beside the worker at the limit; needs writeback on, the policy watermark and a full pool that bypasses',
  }),
  sameFilled: z.enum(['swap-map', 'zswap', 'off']).default('swap-map').meta({
    title: 'Same-filled pages',
    rare: true,
    help: 'swap-map: pages of zeros never reach zswap, the swap layer keeps a bit (Linux 6.12 and newer; whatever mm.zeroMap says); zswap: it keeps any repeated word itself, without room in the pool (before); off: compressed as all others',
  }),
})
export type ZswapLane = z.infer<typeof ZswapLane>

export const LiveLane = z.strictObject({
  ...ZcacheLane.shape,
  lane: z.literal('live'),
  mode: z.enum(['sigbus', 'handler']).default('sigbus').meta({
    title: 'Faults',
    help: 'sigbus: the thread that touches a missing page is sent a signal and brings the page itself; handler: the kernel stops it and tells the engine, which brings the page',
  }),
  threads: count(1, 64).default(1).meta({
    title: 'Threads',
    help: 'that touch the pages, each its own share of them; with mode sigbus there is one, the engine’s own',
  }),
})
export type LiveLane = z.infer<typeof LiveLane>

/** Most nodes of a RAMster (its own limit). */
const MOST_NODES = 8

export const RamsterLane = z.strictObject({
  ...ZcacheLane.shape,
  lane: z.literal('ramster'),
  nodes: z.array(RemoteNodeText).min(1).max(MOST_NODES).default(['redis://127.0.0.1:6379']).meta({
    title: 'Nodes',
    help: 'Redis or Valkey servers that lend their memory: redis://HOST:PORT, or the whole path of a Unix socket; 8 at most; each object of zcache has its pages on one of them; the default is this host’s own, to try it; mode simulate takes their number and asks none',
  }),
  nodePages: count(1, 1_048_576).nullable().default(null).meta({
    title: 'Node memory',
    unit: 'pages',
    help: "bytes of zpages that are sent to each node at most, as pages of 4096; what the server adds is not counted; empty: the server's own maxmemory is the limit",
  }),
  interval: z.number().min(0.001).max(3600).default(0.01).meta({
    title: 'Interval',
    unit: 's',
    help: "between two looks at what is to be sent; RAMster's was 1 s, with the first a minute after its start, on machines that swapped for many minutes",
  }),
  frames: count(1, 1024).default(100).meta({
    title: 'Frames at a look',
    unit: 'frames',
    rare: true,
    help: 'whose zpages are sent at most, oldest first (RAMster: 100)',
  }),
  selfShrink: onOff.default('on').meta({
    title: 'Self-shrinking',
    rare: true,
    help: 'on: when frontswap has stopped growing its pages are pulled back into memory, from nodes too, in the order of their slots',
  }),
  shrinkInterval: z.number().min(0.001).max(3600).default(5).meta({
    title: 'Shrink interval',
    unit: 's',
    rare: true,
    help: 'between two looks of self-shrinking (RAMster: 5 s)',
  }),
  inertia: count(0, 1000).default(3).meta({
    title: 'Shrink inertia',
    unit: 'intervals',
    rare: true,
    help: 'without growth before the first is pulled back (RAMster: 3)',
  }),
  shrinkHysteresis: count(1, 1000).default(20).meta({
    title: 'Shrink hysteresis',
    rare: true,
    help: 'each interval one in so many pages of frontswap is pulled back (RAMster: 20)',
  }),
  model: z
    .strictObject({
      rtt: z.number().min(0).max(1e6).default(100).meta({
        title: 'Round trip',
        unit: 'us',
        help: 'of a request and its answer, the server’s own time included; the default is an assumption: a switched network of 10 Gbit/s, and a server that is not busy',
      }),
      bandwidth: z.number().min(0.1).max(1e5).default(1180).meta({
        title: 'Bandwidth',
        unit: 'MB/s',
        help: 'of the way to each node, shared by what is sent and what is fetched (default: 10 Gbit/s less the headers of TCP, IP and Ethernet)',
      }),
    })
    .prefault({})
    .meta({ title: 'Model of a node', rare: true, help: 'for mode simulate' }),
})
export type RamsterLane = z.infer<typeof RamsterLane>

export const Zswap2013Lane = z.strictObject({
  lane: z.literal('zswap-2013'),
  label,
  form: z.enum(['3.11', 'v4']).default('3.11').meta({
    title: 'Form',
    help: '3.11: as merged: zbud, and a store at the limit writes one frame back itself, up to 8 tries; v4: as posted in January 2013: zsmalloc, and a store without room flushes 16 entries, oldest use first, 64 under way at most',
  }),
  codec,
  level,
})
export type Zswap2013Lane = z.infer<typeof Zswap2013Lane>

export const XenTmemLane = z.strictObject({
  lane: z.literal('xen-tmem'),
  label,
  codec,
  level,
  allocator: AllocatorName.default('zsmalloc').meta({
    title: 'Allocator',
    rare: true,
    help: "of the hypervisor's heap for zpages; Xen's own was a general one, to which zsmalloc comes nearest",
  }),
  selfBalloon: onOff.default('on').meta({
    title: 'Self-ballooning',
    help: 'on: each interval the guest moves towards the pages its workload has touched plus the reserve, and gives the rest to the hypervisor; off: it keeps memory.frames less memory.pool',
  }),
  interval: z.number().min(0.001).max(3600).default(5).meta({
    title: 'Interval',
    unit: 's',
    help: 'between two looks, of ballooning and of shrinking; runs of seconds need a shorter one',
  }),
  reserve: count(0, 1_048_576).default(256).meta({
    title: 'Balloon reserve',
    unit: 'pages',
    rare: true,
    help: 'of the goal, above the pages the workload has touched',
  }),
  downHysteresis: count(1, 1000).default(8).meta({
    title: 'Down-hysteresis',
    rare: true,
    help: 'each interval the guest gives up one in so many of the surplus',
  }),
  upHysteresis: count(1, 1000).default(1).meta({
    title: 'Up-hysteresis',
    rare: true,
    help: 'each interval the guest takes back one in so many of what it lacks',
  }),
  selfShrink: z.enum(['by-slot', 'by-age', 'off']).default('by-slot').meta({
    title: 'Self-shrinking',
    help: 'by-slot: when frontswap has stopped growing its pages are pulled back in the order of their slots, as the kernel did; by-age: the oldest first; off: never',
  }),
  inertia: count(0, 1000).default(3).meta({
    title: 'Shrink inertia',
    unit: 'intervals',
    rare: true,
    help: 'without growth before the first is pulled back',
  }),
  shrinkHysteresis: count(1, 1000).default(20).meta({
    title: 'Shrink hysteresis',
    rare: true,
    help: 'each interval one in so many pages of frontswap is pulled back',
  }),
})
export type XenTmemLane = z.infer<typeof XenTmemLane>

export const ZramLane = z.strictObject({
  lane: z.literal('zram'),
  label,
  codec,
  level,
  disksize: count(16, 4_194_304).nullable().default(null).meta({
    title: 'Disk size',
    unit: 'pages',
    rare: true,
    help: 'entries of the device at most; empty: as many as the swap area has slots',
  }),
  memLimit: onOff.default('on').meta({
    title: 'mem_limit',
    rare: true,
    help: 'on: memory.pool is the most frames it may take; off: as many as there are',
  }),
  recompress: z
    .strictObject({
      type: z.enum(['off', 'huge', 'idle', 'huge_idle']).default('off').meta({
        title: 'Recompress',
        help: 'what is given to a second codec every age: huge: pages kept raw; idle: entries not used for that long; huge_idle: both at once; it is kept so where it takes less room, and marked incompressible otherwise',
      }),
      codec: CodecName.default('zstd').meta({ title: 'Second codec', help: 'slower and stronger than the first' }),
      level,
      threshold: count(0, 4096).default(0).meta({
        title: 'Threshold',
        unit: 'bytes',
        help: 'entries below it are left as they are, and results not below it are not kept; 0 is none',
      }),
    })
    .prefault({})
    .meta({ title: 'Recompression' }),
  writeback: z.enum(['off', 'huge', 'idle', 'huge_idle', 'incompressible']).default('off').meta({
    title: 'Writeback',
    help: 'what is written to the backing file every age: huge: pages kept raw; idle: entries not used for that long; huge_idle: both at once; incompressible: what recompression could not improve',
  }),
  idleAge: z.number().min(0.001).max(86_400).default(30).meta({
    title: 'Idle age',
    unit: 's',
    help: 'between two passes of recompression and writeback, and after which an unused entry is idle; runs of seconds need a shorter one',
  }),
  writebackLimit: count(0, 1_000_000_000).nullable().default(null).meta({
    title: 'writeback_limit',
    unit: 'pages',
    usedWith: 'writeback',
    help: 'written back at most in a trial; empty is no limit',
  }),
})
export type ZramLane = z.infer<typeof ZramLane>

/** A lane that the engine carries out. */
export const EngineLane = z.discriminatedUnion('lane', [
  RawLane,
  ZcacheLane,
  ZswapLane,
  Zswap2013Lane,
  XenTmemLane,
  ZramLane,
  LiveLane,
  RamsterLane,
])
export type EngineLane = z.infer<typeof EngineLane>

export const LaneSpec = z.discriminatedUnion('lane', [...EngineLane.options, ...KernelLane.options])
export type LaneSpec = z.infer<typeof LaneSpec>

/** A lane of the engine that compresses: it has a codec. */
export type CompressedLane = Extract<EngineLane, { codec: CodecName }>

export function isCompressedLane(lane: LaneSpec): lane is CompressedLane {
  return 'codec' in lane
}

/** A lane whose compressed pool leaves allocator, writeback and policy open: it has a policy. */
export type PoolLane = Extract<EngineLane, { policy: PolicyChoice }>

export function isPoolLane(lane: LaneSpec): lane is PoolLane {
  return 'policy' in lane
}

/** The names of all pool lanes. */
export const POOL_LANES: readonly PoolLane['lane'][] = EngineLane.options.flatMap(({ shape }) =>
  'policy' in shape ? [shape.lane.value] : [],
)

/** The codecs a lane uses, each with the field that names it. */
export function laneCodecs(lane: LaneSpec): { name: CodecName; field: string }[] {
  if (!isCompressedLane(lane)) return []
  const first = { name: lane.codec, field: 'codec' }
  if (lane.lane !== 'zram' || lane.recompress.type === 'off') return [first]
  return [first, { name: lane.recompress.codec, field: 'recompress.codec' }]
}

/** A policy of a user's own goes by its file's name. */
function policyLabel(policy: PolicyChoice): string {
  return isPolicyPath(policy) ? policy.slice(policy.search(/[^/\\]*$/)) : policy
}

function codecLabel({ codec, level }: Pick<CompressedLane, 'codec' | 'level'>): string {
  return level === undefined ? codec : `${codec}:${level}`
}

function recompressLabel({ recompress }: ZramLane): string {
  return recompress.type === 'off' ? '' : ` recompress ${recompress.type} ${codecLabel(recompress)}`
}

function poolLabel(lane: PoolLane, usual: AllocatorName): string {
  const allocator = lane.allocator === usual ? '' : ` ${lane.allocator}`
  const writeback =
    lane.writeback === 'on'
      ? `writeback ${policyLabel(lane.policy)}${lane.writebackForm === 'zpage' ? ' as zpages' : ''}${lane.writebackCluster > 1 ? ` in clusters of ${lane.writebackCluster}` : ''}${lane.writebackThread === 'on' ? ' by a second thread' : ''}`
      : 'no writeback'
  return `${lane.lane} ${codecLabel(lane)}${allocator} ${writeback}`
}

/** What is not as usual. */
function zcacheSwitches(lane: ZcacheLane | LiveLane | RamsterLane): string[] {
  const switches: [boolean, string][] = [
    [lane.exclusiveGets === 'off', 'gets not exclusive'],
    [lane.cleancache === 'off', 'no cleancache'],
    [lane.frontswap === 'off', 'no frontswap'],
    [lane.writethrough === 'on', 'writethrough'],
    [lane.activeOnly === 'on', 'active pages only'],
    [lane.freeze.at !== null, `frozen ${lane.freeze.at} to ${lane.freeze.thaw ?? 1}`],
  ]
  return switches.flatMap(([unusual, words]) => (unusual ? [words] : []))
}

/** The name of a lane in every chart and table: its own label, or one made of what distinguishes it. */
export function laneLabel(lane: LaneSpec): string {
  if (lane.label) return lane.label
  if (isKernelLane(lane)) return kernelLaneLabel(lane)
  switch (lane.lane) {
    case 'raw':
      return 'raw'
    case 'live': {
      const { mode, threads } = lane
      const touching = threads > 1 ? `${mode} ${threads} threads` : mode
      return [poolLabel(lane, 'zbud'), touching, ...zcacheSwitches(lane)].join(', ')
    }
    case 'ramster': {
      const { nodes, nodePages } = lane
      const where = nodes.length === 1 ? 'one node' : `${nodes.length} nodes`
      const room = nodePages === null ? where : `${where} of ${nodePages} pages`
      return [poolLabel(lane, 'zbud'), room, ...zcacheSwitches(lane)].join(', ')
    }
    case 'zcache':
      return [poolLabel(lane, 'zbud'), ...zcacheSwitches(lane)].join(', ')
    case 'zswap-2013':
      return `zswap ${lane.form} ${codecLabel(lane)}`
    case 'zram':
      return `zram ${codecLabel(lane)}${recompressLabel(lane)}${lane.writeback === 'off' ? '' : ` writeback ${lane.writeback}`}`
    case 'xen-tmem':
      return `xen-tmem ${codecLabel(lane)}${lane.selfBalloon === 'off' ? ', no balloon' : ''}${lane.selfShrink === 'by-slot' ? '' : `, self-shrinking ${lane.selfShrink}`}`
    case 'zswap':
      return `${poolLabel(lane, 'zsmalloc')}${lane.shrinker === 'on' ? ' and shrinker' : ''}${lane.diskSwap === 'off' ? ', no disk' : ''}`
  }
}
