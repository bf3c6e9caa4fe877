import type { SlotMap, SwapIo } from '../swapfile/index.ts'
import {
  FRAME_DETACHED,
  FRAME_DIRTY,
  FRAME_FILE,
  FRAME_POOL,
  FRAME_READAHEAD,
  FRAME_WRITEBACK,
  type Frames,
} from './frames.ts'
import type { Frontswap } from './frontswap.ts'
import { LIST_ACTIVE_FILE, LIST_INACTIVE_FILE, type Lru } from './lru.ts'
import type { SwapSlots } from './swap-slots.ts'

/** The books of one mm. */
export interface Books {
  pte: Int32Array
  frames: Frames
  lru: Lru
  swap: SwapSlots
  frontswap: Frontswap | null
  slots: SlotMap
  io: SwapIo
  swapoutInflight: number
  /** Null where all memory is anonymous. */
  file: { cached(vpn: number): number } | null
}

/**
 * Checks that every frame is in exactly one place, and that every page has exactly one authoritative copy: its frame while that is dirty, else the
 * backend's while frontswap's bit is set, else the one on disk. A clean frame beside a copy that the backend kept (its gets are
 * not exclusive, or the page was written through) is a cache of it; a copy that is on disk too is a cache of that.
 * Returns what is wrong, in sentences; empty when all is well. At rest (after drain) nothing may be under way.
 */
export function auditMm(books: Books): string[] {
  return [...auditFrames(books), ...auditSlots(books)]
}

function auditFrames({ pte, frames, lru, swap, frontswap, io, swapoutInflight, file }: Books): string[] {
  const wrong: string[] = []
  let pool = 0
  let pages = 0
  for (let frame = 0; frame < frames.total; frame++) {
    const flags = frames.flags[frame]
    const slot = frames.slot[frame]
    if (flags & FRAME_POOL) pool++
    else if (frames.vpn[frame] >= 0 || slot >= 0) pages++
    const vpn = frames.vpn[frame]
    const readAhead = (flags & FRAME_FILE) !== 0 && (flags & FRAME_READAHEAD) !== 0
    if (readAhead && (pte[vpn] !== -1 || file?.cached(vpn) !== frame))
      wrong.push(`frame ${frame} says it was read ahead for page ${vpn}, which is elsewhere`)
    if (!readAhead && vpn >= 0 && pte[vpn] !== frame)
      wrong.push(`frame ${frame} says page ${vpn} maps it, the page table does not`)
    if (slot >= 0 && swap.frame[slot] !== frame)
      wrong.push(`frame ${frame} says it caches slot ${slot}, the swap cache does not`)
    if (slot >= 0 && frontswap?.has(slot)) {
      if (frontswap.exclusive && !frontswap.writethrough)
        wrong.push(`slot ${slot} has a copy in the backend and one in frame ${frame}`)
      else if (flags & FRAME_DIRTY)
        wrong.push(`slot ${slot} has a copy in the backend that is older than the page in frame ${frame}`)
    }
    const listedAsFile = lru.list[frame] === LIST_ACTIVE_FILE || lru.list[frame] === LIST_INACTIVE_FILE
    if (listedAsFile !== ((flags & FRAME_FILE) !== 0)) wrong.push(`frame ${frame} is on a list of the other kind`)
    if (flags & FRAME_FILE && (flags & FRAME_DIRTY || slot >= 0 || frames.vpn[frame] < 0))
      wrong.push(`frame ${frame} is said to hold a clean page of the file, and does not`)
    if (io.inflight === 0 && flags & FRAME_WRITEBACK) wrong.push(`frame ${frame} is under writeback, but nothing is`)
  }
  if (pool !== frames.pool) wrong.push(`${pool} frames are marked as pool, ${frames.pool} were counted`)
  if (frames.free + frames.reserve + pool + pages !== frames.total)
    wrong.push(`free ${frames.free} + reserve ${frames.reserve} + pool ${pool} + pages ${pages} is not ${frames.total}`)
  if (io.inflight === 0 && swapoutInflight !== 0)
    wrong.push(`${swapoutInflight} swap-outs are counted as under way at rest`)
  return wrong
}

function auditSlots({ pte, frames, swap, frontswap, slots }: Books): string[] {
  const wrong: string[] = []
  let owned = 0
  let clean = 0
  for (let slot = 0; slot < slots.slots; slot++) {
    if (swap.onDiskToo(slot)) {
      clean++
      if (!frontswap?.has(slot)) wrong.push(`slot ${slot} is said to have a copy beside the one on disk, and has none`)
    }
    const vpn = swap.vpn[slot]
    if (swap.isZero(slot) && (vpn < 0 || frontswap?.has(slot)))
      wrong.push(`slot ${slot} is in the zero map, and is free or has a copy in the backend`)
    if (vpn < 0) {
      if (frontswap?.has(slot)) wrong.push(`free slot ${slot} has a copy in the backend`)
      continue
    }
    owned++
    const frame = swap.frame[slot]
    const entry = pte[vpn]
    if (frame >= 0 && frames.flags[frame] & FRAME_DETACHED) continue
    if (entry !== -2 - slot && (frame < 0 || entry !== frame))
      wrong.push(`slot ${slot} says page ${vpn} owns it, its page table entry is ${entry}`)
  }
  if (clean !== swap.cleanCopies) wrong.push(`${clean} copies are on disk too, ${swap.cleanCopies} were counted`)
  if (owned !== slots.inUse) wrong.push(`${owned} slots have an owner, ${slots.inUse} are in use`)
  return wrong
}
