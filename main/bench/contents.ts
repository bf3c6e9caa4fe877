import { native } from '../../native-bench/index.ts'
import { LabError } from '../contract/index.ts'
import { corpusPageOf } from './workloads/index.ts'
import type { PageContents } from './world.ts'

const TOUCHED = 1
/** Carries no stamp. */
const PLAIN = 2
/** It has what the mapped file holds. */
const MAPPED = 4
/** The version of a page that was never written to. */
const FILE_VERSION = 0

/**
 * What every page of the address space must contain: the corpus page its vpn was dealt, stamped with vpn and version. A write
 * by the workload is a new version. Pages are checked whole when they come back, from whichever tier. A page dealt a corpus page of one
 * repeated word stays that word through all versions.
 *
 * version Uint32, touched Uint8 (TOUCHED, PLAIN, MAPPED); row = vpn. A page that was given back is not touched, but its version is never used
 * again. A page of the mapped file has the file's version until it is written to, and again after it was given back.
 */
export class Contents implements PageContents {
  verified = 0
  mismatches = 0
  private readonly version: Uint32Array
  private readonly touched: Uint8Array
  private readonly arena: number
  private readonly corpus: { arena: number; pages: number }
  private readonly seed: number
  /** By corpus page: whether it is one repeated word, which carries no stamp. */
  private readonly plain: Uint8Array

  constructor(pages: number, seed: number, arena: number, corpus: { arena: number; pages: number }) {
    this.version = new Uint32Array(pages)
    this.touched = new Uint8Array(pages)
    this.seed = seed
    this.arena = arena
    this.corpus = corpus
    this.plain = Uint8Array.from({ length: corpus.pages }, (_, page) => native.pageSameFilled(corpus.arena, page))
  }

  fill(vpn: number, frame: number): void {
    const page = this.corpusPage(vpn)
    this.touched[vpn] = this.plain[page] ? TOUCHED | PLAIN : TOUCHED
    native.pageFill(this.arena, frame, this.corpus.arena, page, vpn, ++this.version[vpn])
  }

  map(vpn: number): void {
    this.touched[vpn] = TOUCHED | MAPPED | (this.plain[this.corpusPage(vpn)] ? PLAIN : 0)
  }

  change(vpn: number, frame: number): void {
    this.touched[vpn] &= ~MAPPED
    if (this.touched[vpn] & PLAIN) return
    native.pageStamp(this.arena, frame, vpn, ++this.version[vpn])
  }

  forget(vpn: number): void {
    this.touched[vpn] = 0
  }

  isTouched(vpn: number): boolean {
    return this.touched[vpn] !== 0
  }

  verify(vpn: number, frame: number, from: string): void {
    this.verified++
    const version = this.touched[vpn] & MAPPED ? FILE_VERSION : this.version[vpn]
    if (native.pageVerify(this.arena, frame, this.corpus.arena, this.corpusPage(vpn), vpn, version)) return
    this.mismatches++
    throw new LabError({
      code: 'mismatch',
      message: `Page ${vpn} came back from ${from} with other content than version ${version} had.`,
      remedy: 'This is a defect of Swaplab or of the disk: keep the run, note its seed, and report it.',
    })
  }

  private corpusPage(vpn: number): number {
    return corpusPageOf(vpn, this.seed, this.corpus.pages)
  }
}

/** Fills a page of an arena with what the mapped file holds for `vpn`. */
export function fillMappedPage(
  target: { arena: number; page: number },
  vpn: number,
  seed: number,
  corpus: { arena: number; pages: number },
): void {
  native.pageFill(target.arena, target.page, corpus.arena, corpusPageOf(vpn, seed, corpus.pages), vpn, FILE_VERSION)
}
