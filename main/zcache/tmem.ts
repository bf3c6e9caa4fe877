/**
 * Transcendent memory: the index from (pool, object, page index) to a page descriptor ("pampd", an integer here).
 *
 * Contract (tmem.c as described by its documentation): a put over an existing handle removes the old descriptor first; a get
 * on a persistent pool keeps the page unless the caller asks to free it, on an ephemeral pool it removes the page; an object without pages is destroyed at once;
 * flushes are idempotent. An object is a radix tree, 64-way, that grows in height with the largest index.
 *
 * Nodes: rows of 64 Int32 in one array; an entry is NONE, or a child node (inner levels), or a pampd (leaves). Capacity is
 * fixed at construction, so that a put can check for room before it touches anything and never fail half-way.
 */

const NODE_BITS = 6
const NODE_SLOTS = 1 << NODE_BITS
const NONE = -1
/** Indices a tree of this height reaches; 6 levels of 6 bits go past the 32-bit index. */
const REACH = [0, 64, 64 ** 2, 64 ** 3, 64 ** 4, 64 ** 5, 64 ** 6] as const
const MAX_HEIGHT = REACH.length - 1

export const TMEM_MISS = -1

export type TmemPoolKind = 'persistent' | 'ephemeral'

interface TmemObject {
  root: number
  /** Levels; 1 is a single leaf node. */
  height: number
  pages: number
}

interface TmemPool {
  kind: TmemPoolKind
  /** Frees the descriptor of a page that a flush or a duplicate put removes. */
  onFree: (pampd: number) => void
  /** By object id: small integers, so an array; a sparse one costs what a map would. */
  objects: (TmemObject | undefined)[]
}

export interface TmemCounters {
  obj_count: number
  obj_count_max: number
  objnode_count: number
  objnode_count_max: number
  flush_total: number
  flush_found: number
  flobj_total: number
  flobj_found: number
}

export class Tmem {
  readonly counters: TmemCounters = {
    obj_count: 0,
    obj_count_max: 0,
    objnode_count: 0,
    objnode_count_max: 0,
    flush_total: 0,
    flush_found: 0,
    flobj_total: 0,
    flobj_found: 0,
  }
  private readonly pools: (TmemPool | null)[] = []
  private readonly entries: Int32Array
  private readonly used: Uint8Array
  private readonly freeNodes: Int32Array
  private freeCount: number

  /** @param nodes most radix nodes of all pools, 256 bytes each */
  constructor(nodes: number) {
    this.entries = new Int32Array(nodes * NODE_SLOTS).fill(NONE)
    this.used = new Uint8Array(nodes)
    this.freeNodes = new Int32Array(nodes)
    for (let i = 0; i < nodes; i++) this.freeNodes[i] = nodes - 1 - i
    this.freeCount = nodes
  }

  /** Bytes of index memory for `nodes` nodes: entries, use counts, free list. */
  static bytes(nodes: number): number {
    return nodes * (NODE_SLOTS * 4 + 1 + 4)
  }

  /** @param onFree frees the descriptor of a page that a flush or a duplicate put removes */
  newPool(kind: TmemPoolKind, onFree: (pampd: number) => void): number {
    return this.pools.push({ kind, onFree, objects: [] }) - 1
  }

  /** Whether a put of this handle has the nodes it may need. */
  canPut(): boolean {
    return this.freeCount > MAX_HEIGHT
  }

  /** Inserts a descriptor; an old one under the same handle is removed and freed first. */
  put(pool: number, oid: number, index: number, pampd: number): void {
    const { objects, onFree } = this.pool(pool)
    let object = objects[oid]
    if (!object) {
      object = { root: this.takeNode(), height: 1, pages: 0 }
      objects[oid] = object
      this.counters.obj_count++
      this.counters.obj_count_max = Math.max(this.counters.obj_count_max, this.counters.obj_count)
    }
    while (index >= REACH[object.height]) {
      const root = this.takeNode()
      this.entries[root * NODE_SLOTS] = object.root
      this.used[root] = 1
      object.root = root
      object.height++
    }
    let node = object.root
    for (let level = object.height - 1; level > 0; level--) {
      const at = node * NODE_SLOTS + ((index >>> (level * NODE_BITS)) & (NODE_SLOTS - 1))
      if (this.entries[at] === NONE) {
        this.entries[at] = this.takeNode()
        this.used[node]++
      }
      node = this.entries[at]
    }
    const at = node * NODE_SLOTS + (index & (NODE_SLOTS - 1))
    const old = this.entries[at]
    this.entries[at] = pampd
    if (old === NONE) {
      this.used[node]++
      object.pages++
    } else onFree(old)
  }

  /** The descriptor, or TMEM_MISS. An ephemeral pool does not keep it. */
  get(pool: number, oid: number, index: number): number {
    const { kind, objects } = this.pool(pool)
    if (kind === 'ephemeral') return this.take(pool, oid, index)
    const object = objects[oid]
    if (!object || index >= REACH[object.height]) return TMEM_MISS
    let node = object.root
    for (let level = object.height - 1; level > 0; level--) {
      node = this.entries[node * NODE_SLOTS + ((index >>> (level * NODE_BITS)) & (NODE_SLOTS - 1))]
      if (node === NONE) return TMEM_MISS
    }
    return this.entries[node * NODE_SLOTS + (index & (NODE_SLOTS - 1))]
  }

  /** Takes a descriptor out without freeing it (an exclusive get); TMEM_MISS where there is none. */
  take(pool: number, oid: number, index: number): number {
    const objects = this.pool(pool).objects
    const object = objects[oid]
    if (!object || index >= REACH[object.height]) return TMEM_MISS
    const pampd = this.remove(object.root, object.height - 1, index)
    if (pampd === TMEM_MISS) return TMEM_MISS
    if (--object.pages === 0) this.destroyObject(objects, oid, object)
    return pampd
  }

  /** Drops one page, if it is there. */
  flushPage(pool: number, oid: number, index: number): void {
    this.counters.flush_total++
    const pampd = this.take(pool, oid, index)
    if (pampd === TMEM_MISS) return
    this.counters.flush_found++
    this.pool(pool).onFree(pampd)
  }

  /** Drops every page of an object. */
  flushObject(pool: number, oid: number): void {
    this.counters.flobj_total++
    const { objects, onFree } = this.pool(pool)
    const object = objects[oid]
    if (!object) return
    this.counters.flobj_found++
    this.freeTree(object.root, object.height - 1, onFree)
    objects[oid] = undefined
    this.counters.obj_count--
  }

  /** Drops every page of a pool, and the pool. */
  destroyPool(pool: number): void {
    for (const [oid, object] of this.pool(pool).objects.entries()) if (object) this.flushObject(pool, oid)
    this.pools[pool] = null
  }

  private pool(id: number): TmemPool {
    const pool = this.pools[id]
    if (!pool) throw new Error(`no tmem pool ${id}`)
    return pool
  }

  private takeNode(): number {
    if (this.freeCount === 0) throw new Error('tmem is out of nodes: canPut was not asked')
    this.counters.objnode_count++
    this.counters.objnode_count_max = Math.max(this.counters.objnode_count_max, this.counters.objnode_count)
    return this.freeNodes[--this.freeCount]
  }

  private releaseNode(node: number): void {
    this.used[node] = 0
    this.freeNodes[this.freeCount++] = node
    this.counters.objnode_count--
  }

  /** Removes a leaf entry below `node`, and the inner nodes that it leaves empty; the node itself is left to the caller. */
  private remove(node: number, level: number, index: number): number {
    const at = node * NODE_SLOTS + ((index >>> (level * NODE_BITS)) & (NODE_SLOTS - 1))
    const entry = this.entries[at]
    if (entry === NONE) return TMEM_MISS
    if (level === 0) {
      this.entries[at] = NONE
      this.used[node]--
      return entry
    }
    const pampd = this.remove(entry, level - 1, index)
    if (pampd !== TMEM_MISS && this.used[entry] === 0) {
      this.releaseNode(entry)
      this.entries[at] = NONE
      this.used[node]--
    }
    return pampd
  }

  private destroyObject(objects: (TmemObject | undefined)[], oid: number, object: TmemObject): void {
    this.freeTree(object.root, object.height - 1, null)
    objects[oid] = undefined
    this.counters.obj_count--
  }

  /** @param onFree null: no page is left in it */
  private freeTree(node: number, level: number, onFree: ((pampd: number) => void) | null): void {
    const base = node * NODE_SLOTS
    for (let i = 0; i < NODE_SLOTS; i++) {
      const entry = this.entries[base + i]
      if (entry === NONE) continue
      this.entries[base + i] = NONE
      if (level > 0) this.freeTree(entry, level - 1, onFree)
      else onFree?.(entry)
    }
    this.releaseNode(node)
  }
}
