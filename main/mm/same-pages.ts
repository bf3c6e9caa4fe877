/** Which repeated words make a page same-filled. */
export type SameWords = 'zero' | 'any'

/**
 * Pages of one repeated word: instead of the page a bit or a word is kept for its slot. The swap layer does it for zeros (the zero map), some
 * backends for any word. Which pages are such, and what is kept of them, depends on the world: bytes, or tags of a model.
 */
export interface SamePages {
  /** True where the frame holds such a page; what makes it again is then kept for the slot, until the next time. */
  keep(slot: number, frame: number): boolean
  /** Makes the frame the page that was kept last for the slot. */
  restore(slot: number, frame: number): void
}
