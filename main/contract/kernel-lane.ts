import { z } from 'zod'
import { label, onOff } from './lane-fields.ts'

/** The host's own swap as lanes: the same pages and accesses on real memory, carried out by the kernel. */

/** Names of compressors as the kernel's crypto interface has them. */
const kernelName = z.string().regex(/^[a-z0-9-]{1,32}$/)

const tiers = z.enum(['interval', 'fault']).default('interval').meta({
  title: 'Tell tiers apart',
  rare: true,
  help: 'interval: counts from /proc/vmstat for each sample; fault: asked after every fault, so that latencies are told by tier (disturbs caches)',
})

const pageCluster = z.int().min(0).max(5).default(0).meta({
  title: 'page-cluster',
  rare: true,
  help: 'swap-in readahead of the kernel, as a power of two of pages; 0 is off',
})

export const KernelSwapLane = z.strictObject({ lane: z.literal('kernel-swap'), label, tiers, pageCluster })

const KernelZswapLane = z.strictObject({
  lane: z.literal('kernel-zswap'),
  label,
  compressor: kernelName
    .default('lzo')
    .meta({ title: 'Compressor', help: 'one the kernel was built with; set and read back before the trial' }),
  poolPercent: z
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ title: 'max_pool_percent', unit: '% of the host’s RAM', help: 'most the pool may take' }),
  acceptPercent: z.int().min(1).max(100).default(90).meta({
    title: 'accept_threshold_percent',
    unit: '% of the pool',
    rare: true,
    help: 'a full pool takes pages again below this',
  }),
  shrinker: onOff
    .default('off')
    .meta({ title: 'shrinker_enabled', help: 'writes cold pages back under memory pressure (Linux 6.8 and newer)' }),
  reclaim: z.enum(['kernel', 'model']).default('kernel').meta({
    title: 'Reclaim',
    help: "kernel: its own reclaim chooses what leaves memory; model: each page leaves when the experiment's zswap lane with this codec would evict it (MADV_PAGEOUT), so that zswap is compared and not reclaim",
  }),
  tiers,
  pageCluster,
})
export type KernelZswapLane = z.infer<typeof KernelZswapLane>

const KernelZramLane = z.strictObject({
  lane: z.literal('kernel-zram'),
  label,
  algorithm: kernelName
    .default('lzo-rle')
    .meta({ title: 'Algorithm', help: 'of /dev/zram0 as a swap device; /sys/block/zram0/comp_algorithm lists them' }),
  as: z.enum(['swap', 'block']).default('swap').meta({
    title: 'As',
    help: "swap: a swap device; block: its pages are written and read directly, 4 KiB at a time: no reclaim, no fault, the engine's closest twin. No accesses then, only stores and loads in random order",
  }),
  tiers,
  pageCluster,
})

export const KernelLane = z.discriminatedUnion('lane', [KernelSwapLane, KernelZswapLane, KernelZramLane])
export type KernelLane = z.infer<typeof KernelLane>

/** Their names. */
export const KERNEL_LANES: readonly KernelLane['lane'][] = KernelLane.options.map(({ shape }) => shape.lane.value)
const NAMES: ReadonlySet<string> = new Set(KERNEL_LANES)

/** Least RAM of a kernel lane, pages: below it the kernel's own batches (64 pages for each CPU) are a large part of the limit. */
export const KERNEL_LANE_FRAMES = 2048

/** Most accesses of a trial whose evictions come from the model: some 200 MB are kept. */
export const MODEL_RECLAIM_OPERATIONS = 20_000_000

export function isKernelLane<L extends { lane: string }>(lane: L): lane is Extract<L, { lane: KernelLane['lane'] }> {
  return NAMES.has(lane.lane)
}

export function kernelLaneLabel(lane: KernelLane): string {
  switch (lane.lane) {
    case 'kernel-swap':
      return 'kernel swap'
    case 'kernel-zswap':
      return `kernel zswap ${lane.compressor}${lane.reclaim === 'model' ? ', model reclaim' : ''}`
    case 'kernel-zram':
      return `kernel zram ${lane.algorithm}${lane.as === 'block' ? ' block' : ''}`
  }
}
