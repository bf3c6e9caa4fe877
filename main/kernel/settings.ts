import { z } from 'zod'

/** What the privileged helper is told, and what it answers: one JSON document a line. The verbs are all there are. */

export const KernelSettings = z.discriminatedUnion('lane', [
  z.strictObject({ lane: z.literal('kernel-swap') }),
  z.strictObject({
    lane: z.literal('kernel-zswap'),
    compressor: z.string().regex(/^[a-z0-9-]{1,32}$/),
    poolPercent: z.int().min(1).max(100),
    acceptPercent: z.int().min(1).max(100),
    shrinker: z.boolean(),
  }),
  z.strictObject({
    lane: z.literal('kernel-zram'),
    algorithm: z.string().regex(/^[a-z0-9-]{1,32}$/),
    /** False: a disk in RAM that nobody swaps to. */
    swap: z.boolean(),
  }),
])
export type KernelSettings = z.infer<typeof KernelSettings>

export const Preparation = z.strictObject({
  settings: KernelSettings,
  /** Of the swap file: absolute, resolved. */
  directory: z.string().regex(/^\/[^\0]*$/),
  /** Pages the swap area must hold. */
  slots: z.int().min(256).max(8_388_608),
  /** RAM the measuring process may use from now on, bytes. */
  memoryBytes: z
    .int()
    .min(2 ** 22)
    .max(2 ** 40),
  /** The measuring process. */
  pid: z.int().min(2),
  pageCluster: z.int().min(0).max(5),
})
export type Preparation = z.infer<typeof Preparation>

export const HelperRequest = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('status') }),
  z.strictObject({ verb: z.literal('prepare'), preparation: Preparation }),
  /** Writes out and drops what the measuring process has in RAM, its swap cache with it. */
  z.strictObject({ verb: z.literal('drop') }),
  /** Sets zswap's limit to nothing: whatever it holds has to be written back, as the next pages ask for room. */
  z.strictObject({ verb: z.literal('close-pool') }),
  /** Flushes the disk behind the swap area. */
  z.strictObject({ verb: z.literal('flush') }),
  z.strictObject({ verb: z.literal('restore') }),
])
export type HelperRequest = z.infer<typeof HelperRequest>

export interface Prepared {
  cgroup: 1 | 2
  /** Where the kernel swaps to. */
  swapArea: string
  /** Directory of the control group that the measuring process is in. */
  group: string
}

export interface Status {
  uid: number
  journal: boolean
  swaps: string[]
}
