import { PAGE_SIZE } from '../../contract/index.ts'
import { corpusPageOf, mix32 } from '../workloads/index.ts'
import type { SameFilled } from './model-same-pages.ts'
import { TAG_BYTES } from './page-tags.ts'

/** How long each page is once compressed. */
export interface ZpageSizes {
  /** Bytes, TAG_BYTES .. 4096; 4096 does not compress. */
  bytesOf(vpn: number, version: number): number
}

/** One size for each page of the address space, whatever its version: a write changes 16 bytes of a page, and hardly its size. */
export class SizeTable implements ZpageSizes {
  private readonly bytes: Uint16Array

  constructor(pages: number, sizeOf: (vpn: number) => number) {
    this.bytes = new Uint16Array(pages)
    for (let vpn = 0; vpn < pages; vpn++)
      this.bytes[vpn] = Math.min(PAGE_SIZE, Math.max(TAG_BYTES, Math.round(sizeOf(vpn))))
  }

  bytesOf(vpn: number): number {
    return this.bytes[vpn]
  }
}

/** Sizes of a corpus, given by its pages (CorpusPages.bytesBy), dealt to the address space as a measured run deals the pages themselves. */
export function corpusSizes(bytes: Uint16Array, pages: number, seed: number): SizeTable {
  return new SizeTable(pages, (vpn) => bytes[corpusPageOf(vpn, seed, bytes.length)])
}

/** Which pages are one repeated word (CorpusPages.sameFilled), dealt as the sizes are. */
export function corpusSameFilled(kinds: Uint8Array, pages: number, seed: number): SameFilled {
  return Uint8Array.from({ length: pages }, (_, vpn) => kinds[corpusPageOf(vpn, seed, kinds.length)])
}

/** Share and size of all-zero pages in Dan Magenheimer's statistics of a kernel build, lzo (2012). */
const ZERO_SHARE = 0.11
const ZERO_BYTES = 28

/**
 * The other pages: a gamma distribution (shape 3.16, scale 246 bytes) at probabilities i/64, so that with the zero pages the
 * mean is 694 and the standard deviation 474 bytes, as he gave them. He gave no more: the shape is an assumption.
 */
const GAMMA_QUANTILES = [
  54, 142, 184, 216, 242, 265, 287, 307, 325, 343, 361, 377, 394, 409, 425, 440, 455, 470, 485, 500, 515, 530, 544, 559,
  574, 589, 603, 618, 634, 649, 664, 680, 696, 712, 729, 745, 763, 780, 798, 816, 835, 854, 874, 895, 916, 938, 961,
  985, 1010, 1037, 1065, 1094, 1126, 1160, 1196, 1236, 1280, 1330, 1385, 1450, 1529, 1628, 1764, 1990, 2634,
]

/** Dan Magenheimer's distribution, its sizes but the zero pages' times `times` (he also took 2 and 3), for any codec. */
export function magenheimerSizes(times: number, pages: number, seed: number): SizeTable {
  const place = magenheimerPlace(seed)
  return new SizeTable(pages, (vpn) => {
    const p = place(vpn)
    if (p < ZERO_SHARE) return ZERO_BYTES
    const at = ((p - ZERO_SHARE) / (1 - ZERO_SHARE)) * (GAMMA_QUANTILES.length - 1)
    const cell = Math.min(GAMMA_QUANTILES.length - 2, Math.floor(at))
    const low = GAMMA_QUANTILES[cell]
    return times * (low + (at - cell) * (GAMMA_QUANTILES[cell + 1] - low))
  })
}

/** His zero pages; he counted no other repeated words. */
export function magenheimerSameFilled(pages: number, seed: number): SameFilled {
  const place = magenheimerPlace(seed)
  return Uint8Array.from({ length: pages }, (_, vpn) => (place(vpn) < ZERO_SHARE ? 1 : 0))
}

/** Where in the distribution a page lies, 0..1: the zero pages first. */
function magenheimerPlace(seed: number): (vpn: number) => number {
  const key = mix32(seed ^ 0x6d616765)
  return (vpn) => mix32(vpn ^ key) * 2 ** -32
}
