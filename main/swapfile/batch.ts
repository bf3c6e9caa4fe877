import type { PagesInFlight } from './pages-in-flight.ts'

/** The pages that go out together: tokens, kept in slot order as the kernel's plug sorts its requests, so that runs of neighbours show. */
export class Batch {
  readonly tokens: Int32Array
  count = 0
  private readonly slot: Int32Array

  /** @param size pages, at most */
  constructor(pages: PagesInFlight, size: number) {
    this.tokens = new Int32Array(size)
    this.slot = pages.slot
  }

  /** Returns whether it is full now. */
  add(token: number): boolean {
    const { tokens, slot } = this
    // Pages mostly come in order, so this is one comparison.
    let at = this.count++
    for (; at > 0 && slot[tokens[at - 1]] > slot[token]; at--) tokens[at] = tokens[at - 1]
    tokens[at] = token
    return this.count === tokens.length
  }

  /** End of the run of consecutive slots that begins at `from`. */
  runEnd(from: number, limit = this.count): number {
    const { tokens, slot } = this
    let to = from + 1
    while (to < limit && slot[tokens[to]] === slot[tokens[to - 1]] + 1) to++
    return to
  }
}
