import type { Clock, CoreMm } from '../mm/index.ts'
import type { Allocator } from './allocators/index.ts'
import type { PoolCounters } from './counters.ts'
import type { Future, PolicyView } from './policies/index.ts'
import { NO_ZPAGE } from './pool-index.ts'
import type { Zpages } from './zpages.ts'

export interface PoolViewParts {
  core: CoreMm
  allocator: Allocator
  zpages: Zpages
  counters: PoolCounters
  clock: Clock
}

/** What a policy sees of a pool: its books and core mm's, as they stand. */
export class PoolView implements PolicyView {
  readonly poolLimit: number
  readonly future: Future | null
  wanted = 0
  dropped = 0
  private readonly parts: PoolViewParts
  private known = NO_ZPAGE
  private knownSlot = 0

  constructor(parts: PoolViewParts, poolLimit: number, future: Future | null) {
    this.parts = parts
    this.poolLimit = poolLimit
    this.future = future
  }

  /** The slot of a zpage that a hook is told of: its allocator would look for it beside bytes that are not in the CPU's cache yet. */
  know(zpage: number, slot: number): void {
    this.known = zpage
    this.knownSlot = slot
  }

  private slotOf(zpage: number): number {
    return zpage === this.known ? this.knownSlot : this.parts.allocator.slotOf(zpage)
  }

  get now() {
    return this.parts.clock.now()
  }
  get poolFrames() {
    return this.parts.counters.pers_pageframes
  }
  get zpages() {
    return this.parts.counters.pers_zpages
  }
  get zbytes() {
    return this.parts.counters.pers_zbytes
  }
  get outstanding() {
    return this.parts.counters.outstanding_writeback_pages
  }
  get activePages() {
    return this.parts.core.activePages
  }
  get inactivePages() {
    return this.parts.core.inactivePages
  }
  get freeFrames() {
    return this.parts.core.freeFrames
  }
  get stores() {
    return this.parts.counters.succ_pers_puts
  }
  get rejects() {
    return this.parts.counters.failed_pers_puts
  }
  get loads() {
    return this.parts.counters.fault_loads
  }
  get writtenBack() {
    return this.parts.counters.writtenback_pages
  }
  get refaults() {
    return this.parts.core.refaults
  }
  get stallNs() {
    return this.parts.core.stallNs
  }
  oldest(): number {
    return this.parts.zpages.oldest()
  }
  younger(zpage: number): number {
    return this.parts.zpages.younger(zpage)
  }
  storedAt(zpage: number): number {
    return this.parts.zpages.storedAt(zpage)
  }
  bytesOf(zpage: number): number {
    return this.parts.allocator.bytesOf(zpage)
  }
  neighbour(zpage: number): number {
    return this.parts.allocator.siblingOf(zpage)
  }
  get cleanCopies() {
    return this.parts.core.cleanCopies
  }
  ownerOf(zpage: number): number {
    return this.parts.core.ownerOf(this.slotOf(zpage))
  }
  onDiskToo(zpage: number): boolean {
    return this.parts.core.onDiskToo(this.slotOf(zpage))
  }
  holds(zpage: number): boolean {
    return this.parts.zpages.has(zpage)
  }
  mark(zpage: number): boolean {
    return this.parts.zpages.mark(zpage)
  }
  setMark(zpage: number, value: boolean): void {
    this.parts.zpages.setMark(zpage, value)
  }
  rotate(zpage: number): void {
    this.parts.zpages.rotate(zpage)
  }
}
