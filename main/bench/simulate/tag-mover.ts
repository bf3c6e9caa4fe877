import type { ByteMover } from '../../zcache/index.ts'
import { TAG_BYTES } from './page-tags.ts'

/**
 * Moves what a simulated zpage has: the tag in its first bytes. An allocator that moves a zpage in pieces moves the tag with the first,
 * which is never shorter (zsmalloc's objects begin on multiples of 8); of further pieces it moves what never is read.
 */
export class TagMover implements ByteMover {
  private readonly arena: Uint8Array
  private readonly words: Int32Array

  constructor(arena: Uint8Array) {
    this.arena = arena
    this.words = new Int32Array(arena.buffer, arena.byteOffset, arena.byteLength >> 2)
  }

  move(to: number, from: number, bytes: number): void {
    if (((to | from) & 3) === 0 && bytes >= TAG_BYTES) {
      const { words } = this
      const vpn = words[from >> 2]
      words[(to >> 2) + 1] = words[(from >> 2) + 1]
      words[to >> 2] = vpn
    } else this.arena.copyWithin(to, from, from + Math.min(bytes, TAG_BYTES))
  }
}
