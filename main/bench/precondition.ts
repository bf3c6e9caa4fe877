import { setImmediate as turn } from 'node:timers/promises'
import { LabError, PAGE_SIZE, type PreconditionFacts } from '../contract/index.ts'
import type { Clock } from '../mm/index.ts'
import type { SwapIo } from '../swapfile/index.ts'
import { steadyState } from './measure/steady-state.ts'
import { Random } from './workloads/index.ts'

/** Random stream of the order of slots; 1 to 6 are the workload's, the trial order's, the device's and the arrivals'. */
const PRECONDITION_RANDOM = 7
/** Rounds in one pass over the swap file: a window of five is a pass and a quarter. */
const ROUNDS_PER_PASS = 4
/** Pages written between two turns of the event loop. */
const PAGES_PER_TURN = 256

export interface PreconditionParts {
  io: SwapIo
  /** Frames the pages are written from; they are filled with what does not compress. */
  arena: { bytes: Uint8Array; frames: number }
  clock: Clock
  /** Most passes. */
  passes: number
  /** Most pages under way. */
  depth: number
  seed: number
  signal: AbortSignal
  /** Of the most that is written, 0..1. */
  onProgress(fraction: number): void
}

/**
 * Writes the slots of a swap area in random order, pass after pass, with the run's own I/O, until the write rate is steady or
 * the passes are used up. Brings an SSD nearer to the state in which it has to clean up while it writes; at the level of a file, on a
 * device whose other blocks nobody knows, so this is not the preconditioning of the SNIA PTS. Turns of the event loop are in no rate.
 * @throws LabError `io_error`, `cancelled`
 */
export async function precondition(parts: PreconditionParts): Promise<PreconditionFacts> {
  const { io, arena, clock, passes, depth, signal } = parts
  const random = new Random(parts.seed, PRECONDITION_RANDOM)
  const words = new Uint32Array(arena.bytes.buffer, arena.bytes.byteOffset, (arena.frames * PAGE_SIZE) / 4)
  for (let i = 0; i < words.length; i++) words[i] = random.next32()
  const order = Int32Array.from({ length: io.slots }, (_, slot) => slot)
  let failed = 0
  const done = (_slot: number, _frame: number, ok: boolean) => {
    if (!ok) failed++
  }
  const perS: number[] = []
  const rounds = passes * ROUNDS_PER_PASS
  let pages = 0
  let steady = steadyState(perS)
  for (let round = 0; round < rounds && steady.reachedAt === null; round++) {
    const part = round % ROUNDS_PER_PASS
    if (part === 0) random.shuffle(order)
    const from = Math.floor((io.slots * part) / ROUNDS_PER_PASS)
    const to = Math.floor((io.slots * (part + 1)) / ROUNDS_PER_PASS)
    let ns = 0
    for (let at = from; at < to; at += PAGES_PER_TURN) {
      const end = Math.min(to, at + PAGES_PER_TURN)
      const start = clock.now()
      for (let i = at; i < end; i++) {
        while (io.inflight >= depth) io.wait()
        // A frame may be read by two writes at once: neither changes it.
        io.write(order[i], i % arena.frames, done)
      }
      if (end === to) io.drain()
      ns += clock.now() - start
      pages += end - at
      parts.onProgress(pages / (io.slots * passes))
      await turn() // a cancel comes in as a message
      if (signal.aborted)
        throw new LabError({ code: 'cancelled', message: 'Cancelled while the swap file was being preconditioned.' })
    }
    if (failed > 0)
      throw new LabError({
        code: 'io_error',
        message: `${failed} writes failed while the swap file was being preconditioned.`,
        remedy: 'Check the kernel log (dmesg) and the health of the disk (smartctl), or choose another swap directory.',
      })
    perS.push(((to - from) / ns) * 1e9)
    steady = steadyState(perS)
  }
  return {
    bytes: pages * PAGE_SIZE,
    passes: pages / io.slots,
    perS,
    steady: steady.reachedAt !== null,
    reason: passes === 1 ? `${steady.reason} One pass has ${ROUNDS_PER_PASS}; 2 or more can show it.` : steady.reason,
  }
}

/** What every report says of it. */
export function preconditionNote({ bytes, passes, steady }: PreconditionFacts): string {
  const written = `${(bytes / 2 ** 20).toFixed(0)} MiB, ${passes.toFixed(2)} times the swap file`
  return `preconditioned at file level, not SNIA PTS: random 4 KiB writes, ${written}, ${steady ? 'to a steady write rate' : 'and no steady write rate reached'}`
}
