import { breach } from './swap-io.ts'

/**
 * Which slots of a swap area are taken, allocated in clusters as Linux does on an SSD: a wholly free cluster is taken and its
 * slots are handed out in order, so that pages evicted together lie together; where no cluster is wholly free, the next
 * one with room serves, lowest free slot first.
 *
 * Layout: one row per slot (taken, generation), one row per cluster (slots in use, free-list link). No allocation after
 * construction.
 */

/** Slots in a cluster: SWAPFILE_CLUSTER of Linux. */
export const SWAPFILE_CLUSTER = 256

const NONE = -1

export class SlotMap {
  readonly slots: number
  /** By slot; bumped at each free, so that a late visitor can see that the slot is no longer the one it knew. */
  readonly generation: Uint32Array

  private readonly taken: Uint8Array
  private readonly clusters: number
  private readonly used: Uint16Array
  // The wholly free clusters, first in first out: a freed cluster rests as long as possible, as on an SSD it should.
  private readonly nextFree: Int32Array
  private readonly listed: Uint8Array
  private head = NONE
  private tail = NONE
  private current = NONE
  /** Next slot to look at inside the current cluster. */
  private rover = 0
  private count = 0

  constructor(slots: number) {
    if (!Number.isInteger(slots) || slots < 1 || slots > 0x7fff_ffff) breach(`a slot map of ${slots} slots`)
    this.slots = slots
    this.clusters = Math.ceil(slots / SWAPFILE_CLUSTER)
    this.generation = new Uint32Array(slots)
    this.taken = new Uint8Array(slots)
    this.used = new Uint16Array(this.clusters)
    this.nextFree = new Int32Array(this.clusters)
    this.listed = new Uint8Array(this.clusters)
    for (let cluster = 0; cluster < this.clusters; cluster++) this.listFree(cluster)
  }

  /** Slots taken. */
  get inUse(): number {
    return this.count
  }

  isTaken(slot: number): boolean {
    return this.taken[slot] === 1
  }

  /** A free slot, taken now; -1 where every slot is in use. */
  alloc(): number {
    if (this.count === this.slots) return NONE
    for (;;) {
      if (this.current !== NONE) {
        const end = this.clusterEnd(this.current)
        while (this.rover < end) {
          const slot = this.rover++
          if (this.taken[slot]) continue
          this.taken[slot] = 1
          this.used[this.current]++
          this.count++
          return slot
        }
      }
      this.takeCluster()
    }
  }

  /** @throws LabError `invariant` where the slot is not taken. */
  free(slot: number): void {
    if (!(slot >= 0 && slot < this.slots)) breach(`slot ${slot} of ${this.slots} is freed`)
    if (!this.taken[slot]) breach(`slot ${slot} is freed twice`)
    this.taken[slot] = 0
    this.generation[slot]++
    this.count--
    const cluster = Math.floor(slot / SWAPFILE_CLUSTER)
    if (--this.used[cluster] === 0 && cluster !== this.current) this.listFree(cluster)
  }

  private clusterEnd(cluster: number): number {
    return Math.min((cluster + 1) * SWAPFILE_CLUSTER, this.slots)
  }

  /** Moves on to another cluster with room. The caller knows that there is a free slot. */
  private takeCluster(): void {
    const left = this.current
    this.current = NONE
    if (left !== NONE && this.used[left] === 0) this.listFree(left)
    if (this.head !== NONE) {
      this.current = this.head
      this.head = this.nextFree[this.current]
      if (this.head === NONE) this.tail = NONE
      this.listed[this.current] = 0
    } else {
      const start = left === NONE ? 0 : left + 1
      for (let i = 0; i < this.clusters; i++) {
        const cluster = (start + i) % this.clusters
        const first = cluster * SWAPFILE_CLUSTER
        if (this.used[cluster] === this.clusterEnd(cluster) - first) continue
        this.current = cluster
        break
      }
      if (this.current === NONE) breach(`no cluster has room with ${this.count} of ${this.slots} slots in use`)
    }
    this.rover = this.current * SWAPFILE_CLUSTER
  }

  private listFree(cluster: number): void {
    if (this.listed[cluster]) breach(`cluster ${cluster} is listed free twice`)
    this.listed[cluster] = 1
    this.nextFree[cluster] = NONE
    if (this.tail === NONE) this.head = cluster
    else this.nextFree[this.tail] = cluster
    this.tail = cluster
  }
}
