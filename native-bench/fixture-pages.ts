import { Arena } from './index.ts'

/** An arena whose pages tell themselves apart: page n is full of n + 1. */
export function numbered(pages: number): Arena {
  const arena = new Arena(pages)
  for (let page = 0; page < pages; page++) arena.page(page).fill(page + 1)
  return arena
}
