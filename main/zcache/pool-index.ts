/** Where a compressed pool looks up what a slot holds. `tmem-index.ts` and `slot-index.ts` implement it. */
export interface PoolIndex {
  /** Whether a put of any slot has the memory it may need. */
  canPut(): boolean
  /** Enters a descriptor; an old one of the same slot is released first. */
  put(slot: number, zpage: number): void
  /** The descriptor; -1 where there is none. */
  get(slot: number): number
  /** Takes the descriptor out without releasing it; -1 where there is none. */
  take(slot: number): number
  /** Releases what the slot holds, if anything. */
  flush(slot: number): void
  /** Releases everything. */
  flushAll(): void
  /** By their kernel names. */
  counters(): Record<string, number>
}

/** A slot without a zpage. */
export const NO_ZPAGE = -1
/** Frees the descriptor of a zpage that the index let go. */
export type ReleaseZpage = (zpage: number) => void
