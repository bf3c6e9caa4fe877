/**
 * What an allocator knows of each zpage by its descriptor, wherever its bytes lie, and the sums: the beginning of every allocator that keeps none of it
 * in the frames.
 *
 * bytes       Uint16  row = zpage  compressed bytes, 0 = descriptor free
 * slots       Int32   row = zpage  owner
 * generations Uint32  row = zpage  the owner's generation
 */
export class Descriptors {
  static readonly BYTES_PER_ZPAGE = 2 + 4 + 4

  readonly descriptors: number
  zpages = 0
  zbytes = 0
  protected readonly bytes: Uint16Array
  private readonly slots: Int32Array
  private readonly generations: Uint32Array

  constructor(descriptors: number) {
    this.descriptors = descriptors
    this.bytes = new Uint16Array(descriptors)
    this.slots = new Int32Array(descriptors)
    this.generations = new Uint32Array(descriptors)
  }

  bytesOf(zpage: number): number {
    return this.bytes[zpage]
  }
  slotOf(zpage: number): number {
    return this.slots[zpage]
  }
  generationOf(zpage: number): number {
    return this.generations[zpage]
  }

  protected enter(zpage: number, bytes: number, slot: number, generation: number): void {
    this.bytes[zpage] = bytes
    this.slots[zpage] = slot
    this.generations[zpage] = generation
    this.zpages++
    this.zbytes += bytes
  }

  /** Returns its bytes. @throws Error where it is free already */
  protected leave(zpage: number): number {
    const bytes = this.bytes[zpage]
    if (bytes === 0) throw new Error(`zpage ${zpage} is freed twice`)
    this.bytes[zpage] = 0
    this.zpages--
    this.zbytes -= bytes
    return bytes
  }
}
