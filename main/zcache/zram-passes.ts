import { PAGE_SIZE } from '../contract/index.ts'
import type { Policy, PolicyView } from './policies/index.ts'

/**
 * What an administrator's script does with a zram device every age: "echo type=TYPE > recompress", then "echo TYPE > writeback", then
 * "echo all > idle". An entry is idle from then on until it is used, or recompression has been at it.
 */

/** Which entries are recompressed: huge is kept raw; idle was not used for an age. */
type ZramRecompress = 'huge' | 'idle' | 'huge_idle'
/** Which are written back; incompressible is what recompression could not improve. */
export type ZramWriteback = ZramRecompress | 'incompressible'

export interface ZramPasses {
  ageNs: number
  writeback: ZramWriteback | null
  /** Pages written back at most in all (writeback_limit); null is no limit. */
  limit: number | null
  recompress: ZramRecompress | null
}

/** A device that recompresses. */
export interface Recompressor {
  isIncompressible(zpage: number): boolean
  /** Whether it would try. */
  mayRecompress(zpage: number): boolean
  /** Tries so many zpages. */
  recompress(zpages: readonly number[]): void
}

/** Victims looked for, and zpages recompressed, at one tick. */
const BATCH = 32
/** Entries are taken by their size in steps of so many bytes, the largest first (PP_BUCKET_SIZE_RANGE, Linux 6.13 and later). */
const BUCKET_BYTES = 64

/** @param device null where nothing is recompressed */
export function zramPasses(passes: ZramPasses, device: Recompressor | null): Policy {
  const { ageNs, writeback, recompress } = passes
  const limit = passes.limit ?? Number.POSITIVE_INFINITY
  let nextPass = Number.NaN
  /** What is still to be recompressed, and then to be written back; the last is next. */
  let large: number[] | null = null
  let found: number[] = []

  const isOf = (view: PolicyView, type: ZramRecompress, zpage: number) =>
    (type === 'idle' || view.bytesOf(zpage) === PAGE_SIZE) && (type === 'huge' || view.mark(zpage))
  const isLarge = (view: PolicyView, zpage: number) =>
    recompress !== null && device !== null && isOf(view, recompress, zpage) && device.mayRecompress(zpage)
  const isWanted = (view: PolicyView, zpage: number) => {
    if (writeback === null) return false
    return writeback === 'incompressible' ? (device?.isIncompressible(zpage) ?? false) : isOf(view, writeback, zpage)
  }
  const allOf = (view: PolicyView, wanted: (view: PolicyView, zpage: number) => boolean) => {
    const buckets = Array.from({ length: PAGE_SIZE / BUCKET_BYTES + 1 }, (): number[] => [])
    for (let zpage = view.oldest(); zpage >= 0; zpage = view.younger(zpage))
      if (wanted(view, zpage)) buckets[Math.floor(view.bytesOf(zpage) / BUCKET_BYTES)].push(zpage)
    return buckets.flatMap((bucket) => bucket.reverse())
  }
  const recompressSome = (view: PolicyView, left: number[]) => {
    const batch = left.splice(-BATCH).reverse()
    const still = batch.filter((zpage) => view.holds(zpage) && isLarge(view, zpage))
    for (const zpage of still) view.setMark(zpage, false)
    device?.recompress(still)
  }

  return {
    unit: 'zpage',
    onTick(view) {
      if (Number.isNaN(nextPass)) nextPass = view.now + ageNs
      if (large === null && view.now >= nextPass) {
        nextPass = view.now + ageNs
        large = allOf(view, isLarge)
      }
      if (large !== null) {
        if (large.length > 0) recompressSome(view, large)
        if (large.length === 0) {
          large = null
          found = allOf(view, isWanted)
          for (let zpage = view.oldest(); zpage >= 0; zpage = view.younger(zpage)) view.setMark(zpage, true)
        }
      }
      return Math.min(found.length, BATCH, Math.max(0, limit - view.writtenBack - view.outstanding))
    },
    onLoad: (view, zpage) => view.setMark(zpage, false),
    victim(view) {
      for (;;) {
        const zpage = found.pop()
        if (zpage === undefined) return -1
        if (view.holds(zpage) && isWanted(view, zpage)) return zpage
      }
    },
  }
}
