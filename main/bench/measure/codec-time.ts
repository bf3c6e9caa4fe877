import type { Clock } from '../../mm/index.ts'
import type { Decompressor, PageCodec } from '../../zcache/index.ts'

/** One call in so many is timed, so that looking at the clock costs the others nothing; a power of two. */
const EVERY = 16

/**
 * Time inside the codecs of a trial, estimated from every sixteenth call of each kind: the CPU time that compression costs, since a codec never
 * waits. A timed call is longer by two looks at the clock, which its store or load shows.
 */
export class CodecTime {
  private readonly clock: Clock
  private readonly ns = { compress: 0, decompress: 0 }
  private readonly calls = { compress: 0, decompress: 0 }
  /** Time of a thread beside the engine, which keeps it itself; and that when the warm-up ended. */
  private besideNs: (() => number) | null = null
  private besideBefore = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** The same codec, watched. */
  over<C extends PageCodec & { close(): void }>(codec: C): PageCodec & { close(): void } {
    const { clock, ns, calls } = this
    return {
      scratch: codec.scratch,
      compress: (frame, to, capacity) => {
        if ((++calls.compress & (EVERY - 1)) !== 0) return codec.compress(frame, to, capacity)
        const start = clock.now()
        const bytes = codec.compress(frame, to, capacity)
        ns.compress += clock.now() - start
        return bytes
      },
      decompress: (offset, bytes, frame) => {
        if ((++calls.decompress & (EVERY - 1)) !== 0) return codec.decompress(offset, bytes, frame)
        const start = clock.now()
        codec.decompress(offset, bytes, frame)
        ns.decompress += clock.now() - start
      },
      keepRaw: (frame) => codec.keepRaw(frame),
      loadRaw: (offset, frame) => codec.loadRaw(offset, frame),
      close: () => codec.close(),
    }
  }

  /** The same thread, whose time is wanted too. */
  beside<D extends Decompressor & { busyNs(): number }>(thread: D): D {
    this.besideNs = () => thread.busyNs()
    return thread
  }

  /** Forgets the warm-up. */
  clear(): void {
    this.besideBefore = this.besideNs?.() ?? 0
    this.ns.compress = 0
    this.ns.decompress = 0
    this.calls.compress = 0
    this.calls.decompress = 0
  }

  /** Seconds; empty where there was nothing to compress. */
  metrics(): Record<string, number> {
    const { ns, calls } = this
    const seconds = (kind: 'compress' | 'decompress') => {
      const timed = Math.floor(calls[kind] / EVERY)
      return timed === 0 ? null : (ns[kind] / timed) * calls[kind] * 1e-9
    }
    const compress = seconds('compress')
    const beside = this.besideNs && (this.besideNs() - this.besideBefore) * 1e-9
    const own = seconds('decompress')
    const decompress = own === null && beside === null ? null : (own ?? 0) + (beside ?? 0)
    return {
      ...(compress !== null && { 'codec.compress_s': compress }),
      ...(decompress !== null && { 'codec.decompress_s': decompress }),
    }
  }
}
