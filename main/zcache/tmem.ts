/**
 * Transcendent memory: the index from (pool, object, page index) to a page descriptor ("pampd", an integer here).
 *
 * Contract (tmem.c as described by its documentation): a put over an existing handle removes the old descriptor first; a get
 * on a persistent pool keeps the page unless the caller asks to free it, on an ephemeral pool it removes the page; an object without pages is destroyed at once;
 * flushes are idempotent. An object is a radix tree, 64-way, that grows in height with the largest index.
 *
 * Nodes: rows of 64 Int32 in one array; an entry is NONE, or a child node (inner levels), or a pampd (leaves). Capacity is
 * fixed at construction, so that a put can check for room before it touches anything and never fail half-way.
 *
 * Objects: rows of 4 Int32 in one array for each pool, row = object id: root (a node, NONE where there is no such object), height (levels; 1 is a
 * single leaf node), pages.
 */

const NODE_BITS = 6
const NODE_SLOTS = 1 << NODE_BITS
const NONE = -1
/** Indices a tree of this height reaches; 6 levels of 6 bits go past the 32-bit index. */
const REACH = [0, 64, 64 ** 2, 64 ** 3, 64 ** 4, 64 ** 5, 64 ** 6] as const
const MAX_HEIGHT = REACH.length - 1

/** Int32s of an object's row, and its columns. */
const OBJECT_ROW = 4
const ROOT = 0
const HEIGHT = 1
const PAGES = 2

export const TMEM_MISS = -1

export type TmemPoolKind = 'persistent' | 'ephemeral'

interface TmemPool {
  kind: TmemPoolKind
  /** Frees the descriptor of a page that a flush or a duplicate put removes. */
  onFree: (pampd: number) => void
  objects: Int32Array
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
  /** Entries by level on the way down to a leaf. */
  private readonly path = new Int32Array(MAX_HEIGHT)

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

  /**
   * @param objects object ids are 0..objects-1
   * @param onFree frees the descriptor of a page that a flush or a duplicate put removes
   */
  newPool(kind: TmemPoolKind, objects: number, onFree: (pampd: number) => void): number {
    return this.pools.push({ kind, onFree, objects: new Int32Array(objects * OBJECT_ROW).fill(NONE) }) - 1
  }

  /** Whether a put of this handle has the nodes it may need. */
  canPut(): boolean {
    return this.freeCount > MAX_HEIGHT
  }

  /** Inserts a descriptor; an old one under the same handle is removed and freed first. */
  put(pool: number, oid: number, index: number, pampd: number): void {
    const { objects, onFree } = this.pool(pool)
    const object = oid * OBJECT_ROW
    if (objects[object + ROOT] === NONE) {
      objects[object + ROOT] = this.takeNode()
      objects[object + HEIGHT] = 1
      objects[object + PAGES] = 0
      this.counters.obj_count++
      this.counters.obj_count_max = Math.max(this.counters.obj_count_max, this.counters.obj_count)
    }
    while (index >= REACH[objects[object + HEIGHT]]) {
      const root = this.takeNode()
      this.entries[root * NODE_SLOTS] = objects[object + ROOT]
      this.used[root] = 1
      objects[object + ROOT] = root
      objects[object + HEIGHT]++
    }
    let node = objects[object + ROOT]
    for (let level = objects[object + HEIGHT] - 1; level > 0; level--) {
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
      objects[object + PAGES]++
    } else onFree(old)
  }

  /** The descriptor, or TMEM_MISS. An ephemeral pool does not keep it. */
  get(pool: number, oid: number, index: number): number {
    const { kind, objects } = this.pool(pool)
    if (kind === 'ephemeral') return this.take(pool, oid, index)
    const object = oid * OBJECT_ROW
    let node = objects[object + ROOT]
    if (node === NONE || index >= REACH[objects[object + HEIGHT]]) return TMEM_MISS
    for (let level = objects[object + HEIGHT] - 1; level > 0; level--) {
      node = this.entries[node * NODE_SLOTS + ((index >>> (level * NODE_BITS)) & (NODE_SLOTS - 1))]
      if (node === NONE) return TMEM_MISS
    }
    return this.entries[node * NODE_SLOTS + (index & (NODE_SLOTS - 1))]
  }

  /** Takes a descriptor out without freeing it (an exclusive get); TMEM_MISS where there is none. */
  take(pool: number, oid: number, index: number): number {
    const objects = this.pool(pool).objects
    const { entries, used, path } = this
    const object = oid * OBJECT_ROW
    const height = objects[object + HEIGHT]
    let node = objects[object + ROOT]
    if (node === NONE || index >= REACH[height]) return TMEM_MISS
    for (let level = height - 1; level > 0; level--) {
      const at = node * NODE_SLOTS + ((index >>> (level * NODE_BITS)) & (NODE_SLOTS - 1))
      path[level] = at
      node = entries[at]
      if (node === NONE) return TMEM_MISS
    }
    const at = node * NODE_SLOTS + (index & (NODE_SLOTS - 1))
    const pampd = entries[at]
    if (pampd === NONE) return TMEM_MISS
    entries[at] = NONE
    used[node]--
    // Nodes that it leaves empty go too, but for the root.
    for (let level = 1; level < height && used[node] === 0; level++) {
      this.releaseNode(node)
      entries[path[level]] = NONE
      node = path[level] >>> NODE_BITS
      used[node]--
    }
    if (--objects[object + PAGES] === 0) this.destroyObject(objects, oid, null)
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
    if (objects[oid * OBJECT_ROW + ROOT] === NONE) return
    this.counters.flobj_found++
    this.destroyObject(objects, oid, onFree)
  }

  /** Drops every page of a pool, and the pool. */
  destroyPool(pool: number): void {
    const { objects } = this.pool(pool)
    for (let oid = 0; oid < objects.length / OBJECT_ROW; oid++)
      if (objects[oid * OBJECT_ROW + ROOT] !== NONE) this.flushObject(pool, oid)
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

  /** @param onFree null: no page is left in it */
  private destroyObject(objects: Int32Array, oid: number, onFree: ((pampd: number) => void) | null): void {
    const object = oid * OBJECT_ROW
    this.freeTree(objects[object + ROOT], objects[object + HEIGHT] - 1, onFree)
    objects[object + ROOT] = NONE
    this.counters.obj_count--
  }

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
