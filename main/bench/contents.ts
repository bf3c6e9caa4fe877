import { native } from '../../native-bench/index.ts'
import { LabError } from '../contract/index.ts'
import { corpusPageOf } from './workloads/index.ts'

/**
 * What every page of the address space must contain: the corpus page its vpn was dealt, stamped with vpn and version. A write
 * by the workload is a new version. Pages are checked whole when they come back, from whichever tier.
 *
 * version Uint32, touched Uint8; row = vpn. A page that was given back is not touched, but its version is never used again.
 */
export class Contents {
  verified = 0
  mismatches = 0
  private readonly version: Uint32Array
  private readonly touched: Uint8Array
  private readonly arena: number
  private readonly corpus: { arena: number; pages: number }
  private readonly seed: number

  constructor(pages: number, seed: number, arena: number, corpus: { arena: number; pages: number }) {
    this.version = new Uint32Array(pages)
    this.touched = new Uint8Array(pages)
    this.seed = seed
    this.arena = arena
    this.corpus = corpus
  }

  /** First touch of a page: gives the frame its content. */
  fill(vpn: number, frame: number): void {
    this.touched[vpn] = 1
    native.pageFill(this.arena, frame, this.corpus.arena, this.corpusPage(vpn), vpn, ++this.version[vpn])
  }

  /** A write by the workload to a resident page. */
  change(vpn: number, frame: number): void {
    native.pageStamp(this.arena, frame, vpn, ++this.version[vpn])
  }

  /** The workload gave the page back. An old copy can never pass for a new one. */
  forget(vpn: number): void {
    this.touched[vpn] = 0
  }

  isTouched(vpn: number): boolean {
    return this.touched[vpn] === 1
  }

  /** @throws LabError `mismatch` where the frame does not hold the page as last written */
  verify(vpn: number, frame: number, from: string): void {
    this.verified++
    if (native.pageVerify(this.arena, frame, this.corpus.arena, this.corpusPage(vpn), vpn, this.version[vpn])) return
    this.mismatches++
    throw new LabError({
      code: 'mismatch',
      message: `Page ${vpn} came back from ${from} with other content than version ${this.version[vpn]} had.`,
      remedy: 'This is a defect of Swaplab or of the disk: keep the run, note its seed, and report it.',
    })
  }

  private corpusPage(vpn: number): number {
    return corpusPageOf(vpn, this.seed, this.corpus.pages)
  }
}
