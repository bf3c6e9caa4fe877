/** What decides when and which zpages are written back. One file each; `index.ts` is the table. */

/** What a policy may look at. Sizes in frames. */
export interface PoolView {
  readonly poolFrames: number
  /** Most frames the pool may take. */
  readonly poolLimit: number
  /** Writebacks under way, pages. */
  readonly outstanding: number
}

export interface Policy {
  /**
   * Reclaim is under way. Returns how many pool frames to write back now, oldest first; 0 for none. Called often: no
   * allocation.
   */
  onReclaim(pool: PoolView): number
}

export interface PolicyEntry {
  name: string
  title: string
  /** The rule in one sentence. */
  rule: string
  /** Where the rule comes from. */
  source: string
  create(): Policy
}
