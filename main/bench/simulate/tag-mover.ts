import type { ByteMover } from '../../zcache/index.ts'
import type { ZpageTags } from './page-tags.ts'

/**
 * Moves what a simulated zpage has: its tag. An allocator that moves a zpage in pieces moves the tag with the first; with further pieces it moves
 * what is never read, to a cell where nothing begins (zsmalloc's objects begin on multiples of 8).
 */
export class TagMover implements ByteMover {
  readonly tags: ZpageTags

  constructor(tags: ZpageTags) {
    this.tags = tags
  }

  move(to: number, from: number, _bytes: number): void {
    const { tags } = this
    const { words } = tags
    const source = tags.at(from)
    const target = tags.at(to)
    const vpn = words[source]
    words[target + 1] = words[source + 1]
    words[target] = vpn
  }
}
