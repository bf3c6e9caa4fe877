import { z } from 'zod'
import type { KernelZswapLane } from './kernel-lane.ts'
import type { LaneSpec, ZswapLane } from './lane.ts'

/** What the engine's zswap lane predicts beside what this host's own zswap did, in the same run on the same pages. */

/** Of the trials of one lane. */
export const TwinFigure = z.object({
  median: z.number(),
  low: z.number().describe('the smallest trial'),
  high: z.number().describe('the largest trial'),
  n: z.int().describe('trials'),
})
export type TwinFigure = z.infer<typeof TwinFigure>

export const TwinRow = z.object({
  name: z.enum([
    'stored',
    'loaded',
    'written_back',
    'rejected',
    'zero_stored',
    'zero_loaded',
    'pool_bytes',
    'ratio',
    'fault_pool',
    'fault_disk',
    'fault_zeromap',
  ]),
  title: z.string(),
  unit: z.enum(['pages', 'bytes', 'ratio', 'ns']),
  model: TwinFigure.nullable().describe('null: nothing of the kind happened, or it was not measured'),
  kernel: TwinFigure.nullable(),
  deviation: z
    .number()
    .nullable()
    .describe('model / kernel - 1, of the medians; null where one is missing or the kernel’s is 0'),
})
export type TwinRow = z.infer<typeof TwinRow>

/** In the order of the kernel lanes; absent pairs (no zswap lane with the kernel lane's codec) are no twins. */
export const Twin = z.object({
  model: z.string().describe('label of the engine lane'),
  kernel: z.string().describe('label of the kernel lane'),
  compares: z
    .enum(['zswap', 'zswap and reclaim'])
    .describe('zswap: the kernel was given the evictions of the model one by one; zswap and reclaim: it chose its own'),
  differences: z.array(z.string()).describe('settings and rules that are not the same on both sides, in sentences'),
  rows: z.array(TwinRow),
})
export type Twin = z.infer<typeof Twin>

/** The lane of the engine that stands for a zswap lane of the kernel: the first with the same codec. -1 for none. */
export function modelLane(lanes: readonly LaneSpec[], kernel: KernelZswapLane): number {
  return lanes.findIndex((lane) => lane.lane === 'zswap' && lane.codec === kernel.compressor)
}

/** Where the settings of the two lanes part, for whoever reads their deviations. */
export function twinDifferences(model: ZswapLane, kernel: KernelZswapLane): string[] {
  return [
    'the model stops at memory.pool, the kernel at a share of the RAM of the host: the same only while neither is full',
    ...(kernel.reclaim === 'kernel'
      ? [
          'each side chooses by itself what leaves memory, and the kernel counts its pool to the RAM of the lane under version 2 of the memory cgroups only',
        ]
      : []),
    ...(model.allocator === 'zsmalloc' ? [] : [`the model allocates by ${model.allocator}, the kernel by zsmalloc`]),
    ...(model.writeback === 'on' && model.incompressible === 'raw'
      ? []
      : ['the model rejects what does not compress, Linux 6.18 and newer keep it as it is']),
    ...(model.sameFilled === 'swap-map'
      ? []
      : [
          'the model treats same-filled pages otherwise than Linux 6.12 and newer, which keep pages of zeros away from zswap',
        ]),
    ...(model.level === undefined ? [] : ['the codec of the model has a level of its own']),
  ]
}
