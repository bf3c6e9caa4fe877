import { PAGE_SIZE } from '../../contract/index.ts'
import type { Future, Policy, PolicyView } from './policy.ts'

interface FakeZpage {
  at: number
  bytes: number
  /** Two zpages of one frame are neighbours. */
  frame: number
  marked: boolean
  owner: number
  onDiskToo: boolean
}

/** A pool that is as a test says, for the rule of one policy. Times in s, unlike the view's. */
export class FakeView implements PolicyView {
  now = 0
  poolFrames = 0
  poolLimit = 1000
  zbytes = 0
  outstanding = 0
  activePages = 0
  inactivePages = 0
  freeFrames = 100
  wanted = 32
  dropped = 0
  stores = 0
  rejects = 0
  loads = 0
  writtenBack = 0
  refaults = 0
  stallNs = 0
  future: Future | null = null
  private readonly pool = new Map<number, FakeZpage>()
  private order: number[] = []
  private next = 0

  /** Enters a zpage now; alone in its frame unless one is named. */
  store(bytes = 1000, frame = -1, owner = this.next): number {
    const zpage = this.next++
    this.pool.set(zpage, {
      at: this.now,
      bytes,
      frame: frame < 0 ? 1e6 + zpage : frame,
      marked: false,
      owner,
      onDiskToo: false,
    })
    this.order.push(zpage)
    this.stores++
    this.zbytes += bytes
    return zpage
  }

  storeMany(count: number): void {
    for (let i = 0; i < count; i++) this.store()
  }

  remove(zpage: number): void {
    this.pool.delete(zpage)
    this.order = this.order.filter((other) => other !== zpage)
  }

  /** A fault loads it. */
  load(policy: Policy, zpage: number): void {
    this.loads++
    policy.onLoad?.(this, zpage)
    this.remove(zpage)
  }

  /** The next victims in their order, leaving one by one. */
  victims(policy: Policy, count: number): number[] {
    const victims: number[] = []
    while (victims.length < count) {
      const victim = policy.victim ? policy.victim(this) : this.oldest()
      if (victim < 0) break
      victims.push(victim)
      this.remove(victim)
    }
    return victims
  }

  /** Lets time pass in steps, taking what onTick asks for; what was asked at each step. */
  ticks(policy: Policy, steps: number, stepS: number): number[] {
    return Array.from({ length: steps }, () => {
      this.now += stepS * 1e9
      const asked = policy.onTick?.(this) ?? 0
      this.victims(policy, asked)
      return asked
    })
  }

  get zpages(): number {
    return this.order.length
  }
  oldest(): number {
    return this.order[0] ?? -1
  }
  younger(zpage: number): number {
    return this.order[this.order.indexOf(zpage) + 1] ?? -1
  }
  storedAt(zpage: number): number {
    return this.at(zpage).at
  }
  bytesOf(zpage: number): number {
    const { bytes } = this.at(zpage)
    if (bytes > PAGE_SIZE) throw new Error('a zpage is smaller than a page')
    return bytes
  }
  neighbour(zpage: number): number {
    const { frame } = this.at(zpage)
    return this.order.find((other) => other !== zpage && this.at(other).frame === frame) ?? -1
  }
  ownerOf(zpage: number): number {
    return this.at(zpage).owner
  }
  onDiskToo(zpage: number): boolean {
    return this.at(zpage).onDiskToo
  }
  get cleanCopies(): number {
    return this.order.filter((zpage) => this.at(zpage).onDiskToo).length
  }
  /** A clean page leaves memory: the zpage where the policy keeps it, else -1. */
  offerClean(policy: Policy, owner: number): number {
    if (!policy.keepClean?.(this, owner) || policy.admit?.(this, 1000, owner) === false) return -1
    const zpage = this.store(1000, -1, owner)
    policy.onStore?.(this, zpage)
    this.at(zpage).onDiskToo = true
    return zpage
  }
  holds(zpage: number): boolean {
    return this.pool.has(zpage)
  }
  mark(zpage: number): boolean {
    return this.at(zpage).marked
  }
  setMark(zpage: number, value: boolean): void {
    this.at(zpage).marked = value
  }
  rotate(zpage: number): void {
    this.order = [...this.order.filter((other) => other !== zpage), zpage]
  }

  private at(zpage: number): FakeZpage {
    const found = this.pool.get(zpage)
    if (!found) throw new RangeError(`zpage ${zpage} is not in the pool`)
    return found
  }
}
