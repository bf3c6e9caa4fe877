/**
 * A swap area that also takes compressed pages as they are, many to a block of 4096 bytes. A zpage is *staged* from stage() on: readable
 * in RAM, wherever its write stands, until it is as durable as asked. A zpage whose write failed stays staged until it is tried again.
 */
export interface ZpageArea {
  /** Larger zpages fit no block. */
  readonly maxZpageBytes: number
  /** Ids of staged zpages lie below: the size of a table kept beside them. */
  readonly stagedIds: number
  /** Zpages whose write has failed and not been tried again. */
  readonly failedZpages: number
  /** Writes them again. Returns their number: each will have an end once more. */
  retryFailed(): number
  /** Who hears of the end of every write of a zpage. Set once, before the first stage(). */
  onZpage: ZpageEnd | null
  /** Whether one of so many bytes can be staged now. Where all blocks are taken, it sees that they get written. */
  canStage(bytes: number): boolean
  /** Whether one of so many bytes, or so many of as many together, would share the block that is being filled, and cost no write of their own. */
  sharesBlock(bytes: number, zpages?: number): boolean
  /**
   * Copies a zpage from a byte offset of the arena; the slot must hold nothing here. Submits by itself when a batch is full. Returns its id,
   * its own while it is staged. Never calls onZpage.
   */
  stage(slot: number, generation: number, offset: number, bytes: number): number
  /** Id of the slot's staged zpage; -1 where it has none. */
  stagedOf(slot: number): number
  /** Where a staged zpage lies: byte offset in the arena, until the next call of anything here. */
  stagedOffset(id: number): number
  stagedBytes(id: number): number
  /** Gives up what the slot has here, staged or on disk. A write under way ends into nothing. */
  discard(slot: number): void
  /**
   * Reads the block that holds a slot's zpage, and blocks until it is there.
   * @param along takes the other slots it holds, MAX_BLOCK_ZPAGES at most
   * @returns their number @throws SwapIoError
   */
  readBlock(slot: number, along: Int32Array): number
  /** Byte offset in the arena of a slot's zpage in the block read last, until the next call of anything here. */
  readOffset(slot: number): number
  readBytes(slot: number): number
}

export const ZPAGE_DURABLE = 0 // on disk, as durable as the sync policy asks
export const ZPAGE_FAILED = 1 // not written, and still staged
export const ZPAGE_DISCARDED = 2 // given up before its write had ended
export type ZpageOutcome = typeof ZPAGE_DURABLE | typeof ZPAGE_FAILED | typeof ZPAGE_DISCARDED

/** Called only from poll, wait or drain, under the rules of WriteDone. */
export type ZpageEnd = (slot: number, id: number, outcome: ZpageOutcome) => void
