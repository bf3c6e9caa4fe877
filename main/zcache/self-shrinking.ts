/**
 * The countdown of frontswap's self-shrinking, as Xen's self-ballooning and RAMster drove it: every interval, once frontswap has not grown for
 * some intervals, one in `hysteresis` of its pages is to come back; all of them where there are no more than that.
 * Source: drivers/xen/xen-selfballoon.c, drivers/staging/zcache/ramster/ramster.c.
 */
export class SelfShrinking {
  private readonly intervalNs: number
  private readonly inertia: number
  private readonly hysteresis: number
  private nextLook = Number.NaN
  private pages = 0
  private looksLeft: number

  constructor(options: { intervalNs: number; inertia: number; hysteresis: number }) {
    this.intervalNs = options.intervalNs
    this.inertia = options.inertia
    this.hysteresis = options.hysteresis
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
    return pages <= this.hysteresis ? pages : Math.floor(pages / this.hysteresis)
  }
}
