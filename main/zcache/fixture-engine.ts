import type { AllocatorName, PolicyName } from '../contract/index.ts'
import { silent, silentMeters } from '../mm/fixture-meters.ts'
import { type Backend, type Clock, type CoreMm, Mm, type SamePages } from '../mm/index.ts'
import { MemoryNodes, type MemoryNodesOptions } from '../remote/index.ts'
import {
  LogSwap,
  logBufferPages,
  logGeometry,
  MemoryFile,
  MemorySwap,
  type MemorySwapOptions,
  SlotMap,
  type SwapIo,
} from '../swapfile/index.ts'
import type { Decompressor, PageCodec } from './codec.ts'
import {
  ALLOCATORS,
  arenaMover,
  type CompressedPool,
  type Future,
  openZcache,
  openZram,
  openZswap,
  openZswap2013,
  POLICIES,
  type Policy,
  type PoolOptions,
  type PoolParts,
  policyParameters,
  Ramster,
  type RamsterOptions,
  reserveFrames,
  SameFilled,
  XenTmem,
  type XenTmemOptions,
  type ZcacheOptions,
  type ZramOptions,
  zpageReserveFrames,
  zswap2013Rule,
} from './index.ts'
import type { PoolMeters } from './writeback.ts'

/**
 * An engine for tests: the real mm and a compressed pool over a swap area in memory, a clock that counts calls, and a codec whose sizes
 * follow from the content. A page's content is one 32-bit word repeated, which names (vpn, version).
 */

export const PAGE = 4096
const WORDS = PAGE / 4

export function countingClock(stepNs = 1): Clock {
  let t = 0
  return {
    now: () => {
      t += stepNs
      return t
    },
  }
}

/** Content word of a page's version; never 0. */
export function wordOf(vpn: number, version: number): number {
  return ((vpn * 0x9e3779b1) ^ (version * 0x85ebca6b)) | 1
}

/** Compressed size of a page holding this word: 40..4200, so that some pages do not fit and some fail each gate. */
export function sizeOf(word: number): number {
  return 40 + ((word >>> 3) % 4160)
}

/** Pages of the arena behind the frames: two to compress into, one for the allocator's bounce, one for recompression. */
export const SCRATCH_PAGES = 4
const RECOMPRESS_PAGE = 3

/** What the second codec's zpages are told from the first one's by: neither can read the other's. */
const SECOND_KEY = 0x2c0dec

/** Writes the word at the front and its complement at the end of the zpage, so that overlapping zpages are noticed. */
export class SizedCodec implements PageCodec {
  private readonly words: Int32Array
  private readonly bytes: DataView
  readonly scratch: number
  private readonly size: (word: number) => number
  private readonly key: number
  /**
   * @param frames what the arena holds beside SCRATCH_PAGES
   * @param key another codec has another
   */
  constructor(arena: Uint8Array, frames: number, size: (word: number) => number = sizeOf, key = 0) {
    this.key = key
    this.scratch = frames * PAGE
    this.words = new Int32Array(arena.buffer, arena.byteOffset, arena.byteLength / 4)
    this.bytes = new DataView(arena.buffer, arena.byteOffset, arena.byteLength)
    this.size = size
  }
  compress(frame: number, to: number, capacity: number): number {
    const word = readPage(this.words, frame)
    const size = this.size(word)
    if (size > capacity) return 0
    this.bytes.setInt32(to, word ^ this.key, true)
    this.bytes.setInt32(to + size - 4, ~word ^ this.key, true)
    return size
  }
  decompress(offset: number, bytes: number, frame: number): void {
    const word = this.bytes.getInt32(offset, true) ^ this.key
    if ((this.bytes.getInt32(offset + bytes - 4, true) ^ this.key) !== ~word) throw new Error('two zpages overlap')
    if (this.size(word) !== bytes) throw new Error('a zpage has another size than it was stored with')
    this.words.fill(word, frame * WORDS, (frame + 1) * WORDS)
  }
  keepRaw(frame: number): number {
    return frame * PAGE
  }
  loadRaw(offset: number, frame: number): void {
    this.words.copyWithin(frame * WORDS, offset / 4, offset / 4 + WORDS)
  }
}

/** The slowest there can be: a page is decompressed only when somebody waits for it. */
export class LateDecompressor implements Decompressor {
  private readonly codec: PageCodec
  private readonly pending: [offset: number, bytes: number, frame: number][] = []
  constructor(codec: PageCodec) {
    this.codec = codec
  }
  post(offset: number, bytes: number, frame: number): void {
    this.pending.push([offset, bytes, frame])
  }
  wait(behind: number): void {
    for (const [offset, bytes, frame] of this.pending.splice(0, this.pending.length - behind))
      this.codec.decompress(offset, bytes, frame)
  }
}

/** Sizes of a second codec: three in four pages half as large as the first has them, the others no smaller. */
function strongerThan(size: (word: number) => number): (word: number) => number {
  return (word) => ((word >>> 5) & 3 ? (size(word) + 1) >> 1 : size(word))
}

/** The word a page consists of. @throws where it is torn */
export function readPage(words: Int32Array, frame: number): number {
  const word = words[frame * WORDS]
  const page = Buffer.from(words.buffer, words.byteOffset + frame * PAGE, PAGE)
  // A page of one word is itself moved on by a word, which memcmp finds out: a loop here was a third of the sequences' time.
  if (page.compare(page, 4, PAGE, 0, PAGE - 4) !== 0) {
    const at = words.subarray(frame * WORDS, (frame + 1) * WORDS).findIndex((other) => other !== word)
    throw new Error(`frame ${frame} is torn at word ${at}`)
  }
  return word
}

/** Whether an allocator can keep a page raw. */
export const takesWholePages = (name: AllocatorName): boolean => ALLOCATORS[name].maxZpageBytes === PAGE

/** A policy with its default parameters, but for the given ones. */
export function makePolicy(name: PolicyName, parameters: Readonly<Record<string, number>> = {}): Policy {
  return POLICIES[name].create(policyParameters(POLICIES[name], parameters))
}

/** A future that does not come true: the engine must stay whole whatever a policy has been told. The later half is never. */
function wrongFuture(pages: number): Future {
  return {
    operations: pages >> 1,
    pages,
    position: 0,
    nextUse: (owner) => pages - 1 - owner,
    pageAt: (use) => pages - 1 - use,
  }
}

/** Little, so that a log is cleaned often. */
const LOG_OVERPROVISION = 0.05

export interface EngineOptions {
  pages: number
  frames: number
  lane: 'raw' | 'writeback off' | 'writeback on'
  /** Default: zcache with its zbud, zswap with zsmalloc, raw pages where the allocator takes them, compaction. */
  backend?:
    | 'zcache'
    | 'zswap'
    | 'zswap 3.11'
    | 'zswap v4'
    | 'zram'
    | 'xen-tmem'
    | 'ramster'
    | ((core: CoreMm, parts: PoolParts) => Backend)
  /** Default: a device that keeps what it has, as many entries as there are slots. */
  zram?: Partial<ZramOptions>
  /** Default: two nodes that answer at once, and looks whenever time moves; its pool is zcache's, with its options. */
  ramster?: Partial<Omit<RamsterOptions, 'slots'>> & { nodes?: Partial<Omit<MemoryNodesOptions, 'arena'>> }
  /** Default: a guest that neither balloons nor shrinks. */
  xen?: Partial<XenTmemOptions>
  allocator?: AllocatorName
  incompressible?: 'raw' | 'reject'
  compaction?: boolean
  /** zcache only. */
  exclusiveGets?: boolean
  /** zcache only: whether it keeps pages of the mapped file (default: no), and its other switches. */
  cleancache?: boolean
  switches?: Pick<ZcacheOptions, 'frontswap' | 'activeOnly' | 'writethrough'>
  poolLimit?: number
  inflight?: number
  /** By name with its defaults, or ready made. */
  policy?: PolicyName | Policy
  /** What one look at the clock takes, ns. Policies see time in steps of 1 ms. */
  clockStepNs?: number
  full?: 'bypass' | 'wait'
  budgetBytesPerDay?: number
  readahead?: number
  /** Default: off. */
  fileReadahead?: number
  background?: number
  diskSwap?: boolean
  swap?: Partial<MemorySwapOptions>
  /** Default slot. */
  layout?: 'slot' | 'log'
  /** zpage: victims are written back as they are, on a log. Default page. */
  form?: 'page' | 'zpage'
  cluster?: number
  /** Whether what is written back is decompressed beside the engine, as late as can be. Default: by the engine. */
  late?: boolean
  /** Default: nothing is recorded. */
  meters?: Partial<PoolMeters>
  size?: (word: number) => number
  /** Pages whose word says so are same-filled: for the zero map, or for zswap or zram to keep itself. */
  sameFilled?: 'zero map' | 'zswap'
  /** Every so many pages one is of a mapped file; 0, the default, is none. */
  fileEvery?: number
}

/** Whether a page counts as same-filled where the engine looks for such pages: one in eight. */
function isSame(word: number): boolean {
  return ((word >>> 7) & 7) === 0
}

/** Version 0 of every page is what the mapped file holds. */
const FILE_VERSION = 0

function mappedFile(pages: number, every: number, arena: Uint8Array): { pageOf: Int32Array; io: MemoryFile } | null {
  if (every === 0) return null
  const vpns = Array.from({ length: pages }, (_, vpn) => vpn).filter((vpn) => vpn % every === 0)
  const content = new Uint8Array(vpns.length * PAGE)
  const words = new Int32Array(content.buffer)
  for (const [page, vpn] of vpns.entries()) words.fill(wordOf(vpn, FILE_VERSION), page * WORDS, (page + 1) * WORDS)
  const pageOf = new Int32Array(pages).fill(-1)
  for (const [page, vpn] of vpns.entries()) pageOf[vpn] = page
  return { pageOf, io: new MemoryFile(arena, content) }
}

export function makeEngine(options: EngineOptions) {
  const { pages, frames } = options
  const buffers = frames + SCRATCH_PAGES
  const inflight = options.inflight ?? 8
  const asZpages = options.form === 'zpage' && options.lane === 'writeback on'
  const blocks = asZpages ? inflight : 0
  const arena = new Uint8Array((buffers + logBufferPages(blocks)) * PAGE)
  const words = new Int32Array(arena.buffer)
  const slots = new SlotMap(pages + 64)
  const file = mappedFile(pages, options.fileEvery ?? 0, arena)
  const geometry = logGeometry(pages + 64, LOG_OVERPROVISION)
  const onLog = options.layout === 'log'
  const io = new MemorySwap({ slots: onLog ? geometry.places : pages + 64, arena, ...options.swap })
  const log = onLog
    ? new LogSwap(io, {
        slots: slots.slots,
        geometry,
        arena,
        buffers,
        blocks,
        move: arenaMover(arena).move,
        generations: slots.generation,
        now: () => 0,
        onCleaned: () => {},
      })
    : null
  const area: SwapIo = log ?? io
  const { policy = 'lru-frame' } = options
  const clock = countingClock(options.clockStepNs)
  let pool: CompressedPool | null = null
  let tmem: XenTmem | null = null
  let same: SameFilled | null = null
  const fill = (frame: number, word: number) => words.fill(word, frame * WORDS, (frame + 1) * WORDS)
  const writeback = options.lane === 'writeback on'
  const { backend = 'zcache' } = options
  const codec = new SizedCodec(arena, frames, options.size)
  let ramster: Ramster | null = null
  const nodes = backend === 'ramster' ? new MemoryNodes({ nodes: 2, arena, ...options.ramster?.nodes }) : null
  const parts: PoolParts = {
    codec,
    decompressor: options.late ? new LateDecompressor(codec) : null,
    second: {
      codec: new SizedCodec(arena, frames, strongerThan(options.size ?? sizeOf), SECOND_KEY),
      page: frames + RECOMPRESS_PAGE,
    },
    arena,
    mover: arenaMover(arena),
    bounce: (frames + 2) * PAGE,
    generations: slots.generation,
    clock,
    meters: { writeback: silent, writebackDecompress: silent, age: silent, ...options.meters },
    zpageArea: asZpages ? log : null,
  }
  const makePool = (core: CoreMm): CompressedPool => {
    const shape: PoolOptions = {
      frames,
      slots: pages + 64,
      poolLimit: options.poolLimit ?? frames >> 1,
      policy: writeback ? (typeof policy === 'string' ? makePolicy(policy) : policy) : null,
      inflight,
      full: options.full ?? 'bypass',
      budgetBytesPerDay: options.budgetBytesPerDay ?? null,
      cluster: options.cluster ?? 1,
      compaction: options.compaction ?? true,
      future: wrongFuture(pages),
    }
    if (backend === 'zram') {
      const { slots, poolLimit } = shape
      const device = { frames, slots, disksize: slots, memLimit: poolLimit, passes: null, recompressThreshold: 0 }
      return openZram(core, { ...device, ...options.zram }, parts)
    }
    if (backend === 'zswap 3.11' || backend === 'zswap v4') {
      const form = backend === 'zswap v4' ? 'v4' : '3.11'
      return openZswap2013(core, form, { ...shape, policy: zswap2013Rule(form) }, parts)
    }
    if (backend !== 'zswap')
      return openZcache(
        core,
        {
          ...shape,
          allocator: options.allocator ?? 'zbud',
          exclusiveGets: options.exclusiveGets ?? true,
          oldestAsked: backend === 'ramster',
          filePages: options.cleancache ? (file?.io.pages ?? 0) : 0,
          ...options.switches,
        },
        parts,
      )
    const allocator = options.allocator ?? 'zsmalloc'
    const whole = takesWholePages(allocator)
    const incompressible = options.incompressible ?? (whole ? 'raw' : 'reject')
    return openZswap(core, { ...shape, allocator, incompressible }, parts)
  }
  const makeTmem = (core: CoreMm): XenTmem =>
    new XenTmem(
      core,
      {
        frames,
        slots: pages + 64,
        bootFrames: options.poolLimit ?? frames >> 1,
        allocator: options.allocator ?? 'zsmalloc',
        balloon: null,
        shrink: null,
        ...options.xen,
      },
      parts,
    )
  const samePages = (): SamePages => {
    const kept = new Int32Array(pages + 64)
    return {
      keep(slot, frame) {
        kept[slot] = readPage(words, frame)
        return isSame(kept[slot])
      },
      restore: (slot, frame) => fill(frame, kept[slot]),
    }
  }
  const mm = new Mm(
    {
      pages,
      frames,
      reserve: asZpages ? zpageReserveFrames(inflight, true) : writeback ? reserveFrames(inflight) : 0,
      readahead: options.readahead ?? 8,
      fileReadahead: options.fileReadahead ?? 1,
      background: options.background ?? 8,
      diskSwap: options.diskSwap ?? true,
      watermarks: { min: 4, low: 8, high: 12 },
    },
    {
      backend:
        typeof backend === 'function'
          ? (core) => backend(core, parts)
          : options.lane === 'raw'
            ? null
            : (core) => {
                if (backend === 'xen-tmem') {
                  tmem = makeTmem(core)
                  pool = tmem.pool
                  return tmem
                }
                pool = makePool(core)
                if (nodes) {
                  const { nodes: _, ...shape } = options.ramster ?? {}
                  ramster = new Ramster(
                    core,
                    {
                      slots: pages + 64,
                      intervalNs: 1e6,
                      frames: 4,
                      nodeBytes: Number.POSITIVE_INFINITY,
                      compaction: true,
                      shrink: null,
                      ...shape,
                    },
                    { pool, codec, remote: nodes },
                  )
                  return ramster
                }
                if (options.sameFilled === 'zswap')
                  same = new SameFilled(pool, samePages(), pages + 64, backend === 'zram' ? null : pool)
                return same ?? pool
              },
      io: area,
      slots,
      file,
      clock,
      meters: silentMeters,
      zeroMap: options.sameFilled === 'zero map' ? samePages() : null,
    },
  )
  /** What each page must hold; of a page of the file FILE_VERSION until it is written to. */
  const versions = new Map<number, number>()
  const used = new Map<number, number>()
  /** A version the page never had. */
  const renew = (vpn: number) => {
    const version = (used.get(vpn) ?? FILE_VERSION) + 1
    used.set(vpn, version)
    versions.set(vpn, version)
    return version
  }

  /** One access of the workload, checked against the plain map `versions`. */
  const access = (vpn: number, write: boolean): void => {
    let frame = mm.pte[vpn]
    if (frame < 0) {
      const first = frame === -1
      frame = mm.fault(vpn)
      if (mm.isOfFile(frame)) versions.set(vpn, FILE_VERSION)
      else if (first) fill(frame, wordOf(vpn, renew(vpn)))
    } else mm.markRead(frame)
    const expected = wordOf(vpn, versions.get(vpn) ?? 0)
    const got = readPage(words, frame)
    if (got !== expected) throw new Error(`page ${vpn} came back with other content`)
    if (write) {
      mm.markWritten(frame)
      fill(frame, wordOf(vpn, renew(vpn)))
    }
    mm.step()
    mm.tick(clock.now())
  }

  /** What is wrong with the books of all parts. */
  const audit = (): string[] => [
    ...mm.audit(),
    ...(tmem?.audit() ?? ramster?.audit(false) ?? pool?.audit(area.inflight === 0) ?? []),
    ...(same?.audit() ?? []),
    ...(log?.audit() ?? []),
  ]

  return {
    mm,
    io,
    file: file?.io ?? null,
    log,
    audit,
    slots,
    clock,
    arena,
    words,
    versions,
    access,
    fill,
    pool: () => pool,
    nodes,
    ramster: () => ramster,
    same: () => same,
  }
}
