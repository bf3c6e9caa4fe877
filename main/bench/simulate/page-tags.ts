/**
 * What frames and slots hold in a simulation: instead of bytes a tag, vpn and version. Two Int32 a row, [vpn, version].
 * Zpages carry theirs in the first 8 bytes of their place in the arena, so that an allocator that lets two overlap is found out.
 */
export class PageTags {
  readonly frames: Int32Array
  readonly slots: Int32Array

  constructor(frames: number, slots: number) {
    this.frames = new Int32Array(frames * 2).fill(-1)
    this.slots = new Int32Array(slots * 2).fill(-1)
  }
}

/** Bytes of a tag. */
export const TAG_BYTES = 8
