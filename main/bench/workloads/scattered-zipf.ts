import { Permutation } from './permutation.ts'
import type { Random } from './random.ts'
import { ZipfRanks } from './zipf-ranks.ts'

/**
 * Some of the pages 0 .. pages-1, the one of rank k (counted from 1) in proportion to 1 / k^theta. The ranks are scattered over the pages by a seeded
 * permutation, so that hot pages are no neighbours and readahead gets nothing for free.
 */
export class ScatteredZipf {
  private readonly ranks: ZipfRanks
  private readonly place: Permutation

  /** hot: pages that have a rank, 1 .. pages; theta >= 0 */
  constructor(hot: number, pages: number, theta: number, seed: number) {
    this.ranks = new ZipfRanks(hot, theta)
    this.place = new Permutation(pages, seed)
  }

  draw(random: Random): number {
    return this.place.at(this.ranks.draw(random))
  }
}
