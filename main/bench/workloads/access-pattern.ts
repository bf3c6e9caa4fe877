import type { AccessSpec } from '../../contract/index.ts'
import { Random } from './random.ts'
import { ACCESS_RANDOM, type AccessOp, type AccessShape, type AccessStream, FREE, READ, WRITE } from './stream.ts'

/** A pattern whose accesses are made, not read from a file. */
export type MadeAccess = Exclude<AccessSpec, { pattern: 'trace' }>
export type PatternSpec<P extends MadeAccess['pattern']> = Extract<MadeAccess, { pattern: P }>

/** What every access pattern draws from, and the accesses it can make. Its file adds which page comes next. */
export abstract class AccessPattern implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  /** Pages of the address space. */
  protected readonly pages: number
  protected readonly random: Random
  private readonly writes: number

  /** writes: share of touches that change the page, 0..1 */
  constructor({ writes }: { writes: number }, { pages, seed }: AccessShape) {
    this.pages = pages
    this.random = new Random(seed, ACCESS_RANDOM)
    this.writes = writes
  }

  abstract next(): void

  /** Reads or writes, by the share of writes. */
  protected touch(vpn: number): void {
    this.vpn = vpn
    this.op = this.random.float() < this.writes ? WRITE : READ
  }

  protected read(vpn: number): void {
    this.vpn = vpn
    this.op = READ
  }

  protected write(vpn: number): void {
    this.vpn = vpn
    this.op = WRITE
  }

  protected free(vpn: number): void {
    this.vpn = vpn
    this.op = FREE
  }
}

/** Pages in a share of the address space: at least one, and at least one is left over. */
export function sharePages(share: number, pages: number): number {
  return Math.min(Math.max(1, Math.round(share * pages)), Math.max(1, pages - 1))
}
