/**
 * What an allocator knows of each zpage by its descriptor, wherever its bytes lie, and the sums:
 *
 * bytes       Uint16  row = zpage  compressed bytes, 0 = descriptor free
 * slots       Int32   row = zpage  owner
 * generations Uint32  row = zpage  the owner's generation
 */
export class Descriptors {
  static readonly BYTES_PER_ZPAGE = 2 + 4 + 4

  readonly bytes: Uint16Array
  readonly slots: Int32Array
  readonly generations: Uint32Array
  zpages = 0
  zbytes = 0

  constructor(count: number) {
    this.bytes = new Uint16Array(count)
    this.slots = new Int32Array(count)
    this.generations = new Uint32Array(count)
  }

  get count(): number {
    return this.bytes.length
  }

  enter(zpage: number, bytes: number, slot: number, generation: number): void {
    this.bytes[zpage] = bytes
    this.slots[zpage] = slot
    this.generations[zpage] = generation
    this.zpages++
    this.zbytes += bytes
  }

  /** Returns its bytes. @throws Error where it is free already */
  free(zpage: number): number {
    const bytes = this.bytes[zpage]
    if (bytes === 0) throw new Error(`zpage ${zpage} is freed twice`)
    this.bytes[zpage] = 0
    this.zpages--
    this.zbytes -= bytes
    return bytes
  }
}
