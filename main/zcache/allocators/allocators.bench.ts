import { danSize } from './dan-sizes.ts'
import { ALLOCATORS, type Allocator, type AllocatorEntry, noMover } from './index.ts'

/**
 * Nanoseconds of one free and one alloc in a pool at its steady state, as ratio to zbud, on this machine:
 * `node main/zcache/allocators/allocators.bench.ts`. All take turns in one process, because the machine drifts; medians are
 * shown. No bytes are moved: a simulation's cost, and what a real lane pays beside the copy.
 */

const FRAMES = 16_384
const ZPAGES = 24_576
const STEPS = 200_000
const ROUNDS = 15

/** Sizes and victims are drawn beforehand, so that only the allocator is timed. */
const sizes = new Int32Array(1 << 16)
const picks = new Int32Array(1 << 16)
let seed = 42
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0
  return (seed >>> 0) / 4294967296
}
for (let i = 0; i < sizes.length; i++) {
  sizes[i] = Math.min(3584, danSize(random))
  picks[i] = Math.floor(random() * ZPAGES)
}

class Contestant {
  readonly name: string
  readonly ns: number[] = []
  private readonly pool: Allocator
  private readonly live = new Int32Array(ZPAGES)
  private cursor = 0

  constructor(entry: AllocatorEntry) {
    this.name = entry.name
    const spare = Int32Array.from({ length: FRAMES }, (_, i) => i)
    let free = FRAMES
    this.pool = entry.create({
      frames: FRAMES,
      poolFrames: FRAMES,
      zpages: ZPAGES,
      source: {
        take: () => (free > 0 ? spare[--free] : -1),
        next: () => (free > 0 ? spare[free - 1] : -1),
        give: (frame) => {
          spare[free++] = frame
        },
      },
      mover: noMover,
      arena: process.argv.includes('--arena') ? new Uint8Array(FRAMES * 4096) : null,
      bounce: 0,
    })
    for (let i = 0; i < ZPAGES; i++) this.live[i] = this.pool.alloc(sizes[i & 0xffff], i, 0)
  }

  round(): void {
    const { pool, live } = this
    const start = process.hrtime.bigint()
    for (let step = 0; step < STEPS; step++) {
      const i = this.cursor++ & 0xffff
      const pick = picks[i]
      pool.free(live[pick])
      live[pick] = pool.alloc(sizes[(i * 7) & 0xffff], pick, step)
    }
    this.ns.push(Number(process.hrtime.bigint() - start) / STEPS)
    if (live.includes(-1)) throw new Error(`${this.name} ran out of frames`)
  }

  get median(): number {
    return [...this.ns].sort((a, b) => a - b)[this.ns.length >> 1]
  }
}

const contestants = Object.values(ALLOCATORS).map((entry) => new Contestant(entry))
for (let warm = 0; warm < 2; warm++) for (const c of contestants) c.round()
for (const c of contestants) c.ns.length = 0
for (let round = 0; round < ROUNDS; round++) for (const c of contestants) c.round()
const zbud = contestants[0].median
for (const c of contestants)
  process.stdout.write(
    `${c.name.padEnd(11)} ${c.median.toFixed(1).padStart(6)} ns a free + alloc  ${(c.median / zbud).toFixed(2)} x zbud  (${Math.min(...c.ns).toFixed(1)} to ${Math.max(...c.ns).toFixed(1)})\n`,
  )
