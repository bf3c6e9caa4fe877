/**
 * The countdown of frontswap's self-shrinking, as Xen's self-ballooning and RAMster drove it: every interval, once frontswap has not grown for
 * some intervals, a share of its pages is to come back; all of them where the share is less than one page.
 * Source: drivers/xen/xen-selfballoon.c, drivers/staging/zcache/ramster/ramster.c.
 */
export class SelfShrinking {
  private readonly intervalNs: number
  private readonly inertia: number
  private readonly share: number
  private nextLook = Number.NaN
  private pages = 0
  private looksLeft: number

  /** @param share 0..1 of the pages, each time */
  constructor(options: { intervalNs: number; inertia: number; share: number }) {
    this.intervalNs = options.intervalNs
    this.inertia = options.inertia
    this.share = options.share
    this.looksLeft = options.inertia
  }

  /** Pages to bring back now. */
  due(now: number, pages: number): number {
    if (now < this.nextLook) return 0
    this.nextLook = now + this.intervalNs
    const grew = pages > this.pages
    this.pages = pages
    if (grew || pages === 0) {
      this.looksLeft = this.inertia
      return 0
    }
    if (this.looksLeft > 0 && --this.looksLeft > 0) return 0
    const part = Math.floor(pages * this.share)
    return part > 0 ? part : pages
  }
}
