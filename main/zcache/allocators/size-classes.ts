import { PAGE_SIZE } from '../../contract/index.ts'

/**
 * zsmalloc's size classes for 4096-byte pages: every 16 bytes from 32 to 4096, 255 of them, and the merging of those that would
 * be laid out alike. Linux mm/zsmalloc.c and Documentation/mm/zsmalloc.rst.
 */

const MIN_BYTES = 32
const STEP_BYTES = 16
export const SIZE_CLASSES = (PAGE_SIZE - MIN_BYTES) / STEP_BYTES + 1
export const MAX_CHAIN = 16
/** Most objects that begin in one frame: 4096 / 32. */
export const MAX_FRAME_OBJECTS = PAGE_SIZE / MIN_BYTES

export interface SizeClasses {
  /** Classes left after merging, largest first. */
  readonly count: number
  /** By (bytes + 15 - 32) / 16, 0 for less: the merged class. */
  readonly byStep: Uint8Array
  /** Bytes of an object, its handle included. */
  readonly size: Uint16Array
  /** Frames of a zspage. */
  readonly pages: Uint8Array
  /** Objects of a zspage. */
  readonly objects: Uint16Array
  /** Row = class * (MAX_CHAIN + 1) + frame of the chain: the first object that begins there; at the end, `objects`. */
  readonly firstObject: Uint16Array
  /** 1: one object fills one frame, and its handle is kept outside. */
  readonly huge: Uint8Array
}

/** The class of an object of so many bytes (handle included); above 4080 the last. */
export function classOf(classes: SizeClasses, bytes: number): number {
  const step = bytes <= MIN_BYTES ? 0 : (bytes - MIN_BYTES + STEP_BYTES - 1) >> 4
  return classes.byStep[step < SIZE_CLASSES ? step : SIZE_CLASSES - 1]
}

/** Frames of a zspage, at most `chain`, that leave the fewest bytes over; the shortest of equal ones. */
export function chainLength(size: number, chain: number): number {
  let best = 1
  let least = PAGE_SIZE
  for (let pages = 1; pages <= chain; pages++) {
    const waste = (pages * PAGE_SIZE) % size
    if (waste < least) {
      least = waste
      best = pages
    }
  }
  return best
}

/** @param chain most frames of a zspage, 1..16 (CONFIG_ZSMALLOC_CHAIN_SIZE; 4 before Linux 6.3, 8 since) */
export function sizeClasses(chain: number): SizeClasses {
  if (!Number.isInteger(chain) || chain < 1 || chain > MAX_CHAIN)
    throw new RangeError(`a chain of ${chain} frames; 1 to ${MAX_CHAIN} are possible`)
  const byStep = new Uint8Array(SIZE_CLASSES)
  const size: number[] = []
  const pages: number[] = []
  const objects: number[] = []
  for (let step = SIZE_CLASSES - 1; step >= 0; step--) {
    const bytes = MIN_BYTES + step * STEP_BYTES
    const length = chainLength(bytes, chain)
    const fit = Math.floor((length * PAGE_SIZE) / bytes)
    // A smaller class that would hold as many objects in as many frames gains nothing by being its own.
    if (pages.at(-1) !== length || objects.at(-1) !== fit) {
      size.push(bytes)
      pages.push(length)
      objects.push(fit)
    }
    byStep[step] = size.length - 1
  }
  const firstObject = new Uint16Array(size.length * (MAX_CHAIN + 1))
  for (let c = 0; c < size.length; c++)
    for (let page = 0; page <= MAX_CHAIN; page++)
      firstObject[c * (MAX_CHAIN + 1) + page] = Math.min(Math.ceil((page * PAGE_SIZE) / size[c]), objects[c])
  return {
    count: size.length,
    byStep,
    size: Uint16Array.from(size),
    pages: Uint8Array.from(pages),
    objects: Uint16Array.from(objects),
    firstObject,
    huge: Uint8Array.from(size, (_, c) => (pages[c] === 1 && objects[c] === 1 ? 1 : 0)),
  }
}
