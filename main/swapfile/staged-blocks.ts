import { breach } from './swap-io.ts'
import { MAX_BLOCK_ZPAGES, ZpageBlocks } from './zpage-block.ts'

/**
 * Blocks of zpages in RAM, being filled or written. A block is a page of the arena; one row per block:
 *
 * state    Uint8  EMPTY | FILLING (one at most) | WRITING | FAILED
 * alive    Uint8  zpages of it that nobody has given up
 * placeOf  Int32  where it is written: the writer's own, as long as it is WRITING
 *
 * A staged zpage's id is block * MAX_BLOCK_ZPAGES + its row in the block; one Uint8 each: ABSENT, ALIVE or GIVEN_UP.
 */

const EMPTY = 0
const FILLING = 1
const WRITING = 2
const FAILED = 3

const ABSENT = 0
const ALIVE = 1
const GIVEN_UP = 2

export class StagedBlocks {
  readonly ids: number
  readonly format: ZpageBlocks
  /** The block being filled; -1 for none. */
  filling = -1
  /** Zpages alive in failed blocks. */
  failed = 0

  readonly placeOf: Int32Array
  private readonly firstPage: number
  private readonly state: Uint8Array
  private readonly alive: Uint8Array
  private readonly zpages: Uint8Array
  private empty: number

  /** @param firstPage of the arena, the first block's */
  constructor(arena: Uint8Array, firstPage: number, blocks: number) {
    this.format = new ZpageBlocks(arena)
    this.firstPage = firstPage
    this.ids = blocks * MAX_BLOCK_ZPAGES
    this.state = new Uint8Array(blocks)
    this.alive = new Uint8Array(blocks)
    this.placeOf = new Int32Array(blocks)
    this.zpages = new Uint8Array(this.ids)
    this.empty = blocks
  }

  pageOf(block: number): number {
    return this.firstPage + block
  }

  get hasEmpty(): boolean {
    return this.empty > 0
  }

  fits(bytes: number): boolean {
    return this.filling >= 0 && this.format.hasRoom(this.pageOf(this.filling), bytes)
  }

  /** Takes an empty block to fill; the caller knows that there is one, and that none is being filled. */
  begin(): void {
    const block = this.state.indexOf(EMPTY)
    if (block < 0 || this.filling >= 0) breach('a block of zpages is begun without need or room')
    this.state[block] = FILLING
    this.empty--
    this.filling = block
    this.format.clear(this.pageOf(block))
  }

  /** Enters a zpage into the block being filled. Returns its id. */
  add(slot: number, generation: number, bytes: number): number {
    const block = this.filling
    const page = this.pageOf(block)
    const id = block * MAX_BLOCK_ZPAGES + this.format.count(page)
    this.format.add(page, slot, generation, bytes)
    this.zpages[id] = ALIVE
    this.alive[block]++
    return id
  }

  offsetOf(id: number): number {
    return this.format.offsetOf(this.pageOf(blockOf(id)), id % MAX_BLOCK_ZPAGES)
  }

  bytesOf(id: number): number {
    return this.format.bytesOf(this.pageOf(blockOf(id)), id % MAX_BLOCK_ZPAGES)
  }

  /** Nobody wants this zpage any more. */
  giveUp(id: number): void {
    const block = blockOf(id)
    this.zpages[id] = GIVEN_UP
    this.alive[block]--
    switch (this.state[block]) {
      case FILLING:
        this.format.forget(this.pageOf(block), id % MAX_BLOCK_ZPAGES)
        break
      case FAILED:
        this.failed--
        this.format.forget(this.pageOf(block), id % MAX_BLOCK_ZPAGES)
        this.zpages[id] = ABSENT
        if (this.alive[block] === 0) this.release(block)
        break
    }
  }

  aliveIn(block: number): number {
    return this.alive[block]
  }

  isAlive(id: number): boolean {
    return this.zpages[id] === ALIVE
  }

  /** The block being filled is full, or not to wait any longer. Returns it. */
  finish(): number {
    const block = this.filling
    this.state[block] = WRITING
    this.filling = -1
    return block
  }

  /** A failed block to write again; -1 for none. */
  retry(): number {
    if (this.failed === 0) return -1
    const block = this.state.indexOf(FAILED)
    this.state[block] = WRITING
    this.failed -= this.alive[block]
    return block
  }

  /** Its write failed, and everybody has been told: what is alive stays, the rest is forgotten. */
  fail(block: number): void {
    const page = this.pageOf(block)
    const count = this.format.count(page)
    for (let i = 0; i < count; i++) {
      const id = block * MAX_BLOCK_ZPAGES + i
      if (this.zpages[id] !== GIVEN_UP) continue
      this.format.forget(page, i)
      this.zpages[id] = ABSENT
    }
    this.state[block] = FAILED
    this.failed += this.alive[block]
    if (this.alive[block] === 0) this.release(block)
  }

  /** Its write has ended and everybody has been told. */
  end(block: number): void {
    this.zpages.fill(ABSENT, block * MAX_BLOCK_ZPAGES, (block + 1) * MAX_BLOCK_ZPAGES)
    this.alive[block] = 0
    this.release(block)
  }

  /** Whether a row of a block holds a zpage that somebody has still to hear of. */
  isPresent(id: number): boolean {
    return this.zpages[id] !== ABSENT
  }

  private release(block: number): void {
    this.state[block] = EMPTY
    this.empty++
  }
}

function blockOf(id: number): number {
  return Math.floor(id / MAX_BLOCK_ZPAGES)
}
