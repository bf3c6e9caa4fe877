import type { Allocator, AllocatorEntry, FrameSource } from './allocator.ts'
import { arenaMover } from './byte-mover.ts'

/**
 * A pool for tests: a real arena whose frames come in a mixed order, are scribbled over when given back, and are counted; and a
 * plain map of what every live zpage must hold.
 */

const PAGE = 4096

/** mulberry32: the same numbers on every machine. 0..1 */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export class CountingSource implements FrameSource {
  taken = 0
  given = 0
  limit: number
  private readonly spare: number[]
  private readonly out = new Set<number>()
  private readonly onGive: (frame: number) => void

  constructor(frames: number[], limit = frames.length, onGive: (frame: number) => void = () => {}) {
    this.spare = frames
    this.limit = limit
    this.onGive = onGive
  }
  get held(): number {
    return this.out.size
  }
  next(): number {
    return this.out.size < this.limit ? (this.spare.at(-1) ?? -1) : -1
  }
  take(): number {
    const frame = this.next()
    if (frame < 0) return -1
    this.spare.pop()
    this.taken++
    this.out.add(frame)
    return frame
  }
  give(frame: number): void {
    if (!this.out.delete(frame)) throw new Error(`frame ${frame} is given back and was not taken`)
    this.given++
    this.spare.unshift(frame)
    this.onGive(frame)
  }
}

export interface Live {
  bytes: number
  slot: number
  generation: number
}

export function makePool(entry: AllocatorEntry, options: { frames: number; zpages?: number; chain?: number }) {
  const { frames, zpages = 4096, chain } = options
  // Behind the frames: the bounce area, and where a codec would have compressed to.
  const arena = new Uint8Array((frames + 2) * PAGE)
  const bounce = frames * PAGE
  const scratch = bounce + PAGE
  const order = Array.from({ length: frames }, (_, i) => (i * 7 + 3) % frames)
  if (new Set(order).size !== frames) throw new Error('choose a number of frames that 7 does not divide')
  const source = new CountingSource(order, frames, (frame) => arena.fill(0xee, frame * PAGE, (frame + 1) * PAGE))
  const mover = arenaMover(arena)
  const pool: Allocator = entry.create({ frames, poolFrames: frames, zpages, source, mover, arena, bounce, chain })
  const live = new Map<number, Live>()
  let stores = 0

  /** The content of a store: other bytes for every slot and generation, and no two neighbours alike. */
  const contentByte = (of: Live, i: number) =>
    (Math.imul(of.slot * 31 + of.generation, 0x9e3779b1) >>> ((i & 3) * 8)) ^ i

  /** Stores so many bytes. Returns the descriptor or -1. */
  const store = (bytes: number): number => {
    const what = { bytes, slot: stores++, generation: (0xffffff00 + stores) >>> 0 }
    const likely = bytes > entry.maxZpageBytes ? -1 : pool.likelyPlace()
    const from = likely < 0 ? scratch : likely
    // As a codec does, which may leave bytes behind its zpage.
    if (likely >= 0) arena.fill(0xdd, likely, likely + entry.maxZpageBytes)
    for (let i = 0; i < bytes; i++) arena[from + i] = contentByte(what, i)
    const zpage = pool.alloc(bytes, what.slot, what.generation)
    if (zpage < 0) return zpage
    if (live.has(zpage)) throw new Error(`descriptor ${zpage} is given twice`)
    if (zpage >= pool.descriptors) throw new Error(`descriptor ${zpage} is beyond ${pool.descriptors}`)
    pool.place(zpage, from)
    live.set(zpage, what)
    return zpage
  }

  const free = (zpage: number): void => {
    live.delete(zpage)
    pool.free(zpage)
  }

  /** Everything wrong with the pool against the map, byte by byte. */
  const faults = (): string[] => {
    const wrong = pool.audit()
    let zbytes = 0
    for (const [zpage, what] of live) {
      zbytes += what.bytes
      if (pool.bytesOf(zpage) !== what.bytes || pool.slotOf(zpage) !== what.slot)
        wrong.push(`zpage ${zpage} has ${pool.bytesOf(zpage)} bytes of slot ${pool.slotOf(zpage)}`)
      const sibling = pool.siblingOf(zpage)
      if (sibling >= 0 && (sibling === zpage || !live.has(sibling))) wrong.push(`${sibling} is no sibling of ${zpage}`)
      if (pool.gives === 'frame') {
        const alone = ![...live.keys()].some((other) => other !== zpage && pool.frameOf(other) === pool.frameOf(zpage))
        if (alone !== sibling < 0 || (sibling >= 0 && pool.frameOf(sibling) !== pool.frameOf(zpage)))
          wrong.push(`zpage ${zpage} has sibling ${sibling}`)
      }
      if (pool.generationOf(zpage) !== what.generation) wrong.push(`zpage ${zpage} has another generation`)
      const at = pool.locate(zpage)
      if (at !== bounce && (at < 0 || at + what.bytes > bounce || Math.floor(at / PAGE) !== pool.frameOf(zpage)))
        wrong.push(`zpage ${zpage} lies at ${at}`)
      for (let i = 0; i < what.bytes; i++)
        if (arena[at + i] !== (contentByte(what, i) & 255)) {
          wrong.push(`zpage ${zpage} has other content at byte ${i} of ${what.bytes}`)
          break
        }
    }
    if (pool.zpages !== live.size || pool.zbytes !== zbytes)
      wrong.push(`counts ${pool.zpages} zpages and ${pool.zbytes} bytes of ${live.size} and ${zbytes}`)
    if (pool.frames !== source.held) wrong.push(`counts ${pool.frames} frames and holds ${source.held}`)
    if (live.size === 0 && pool.frames !== 0) wrong.push(`${pool.frames} frames without a zpage`)
    const { fragmentation, internal_fragmentation, external_fragmentation } = pool.stats()
    const parts = internal_fragmentation + external_fragmentation
    if (Math.abs(parts - fragmentation) > 1e-9 || internal_fragmentation < 0 || external_fragmentation < -1e-9)
      wrong.push(`fragmentation ${fragmentation} of ${internal_fragmentation} and ${external_fragmentation}`)
    return wrong
  }

  return { pool, source, arena, live, store, free, faults }
}
