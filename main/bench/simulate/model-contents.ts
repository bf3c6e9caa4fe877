import { LabError } from '../../contract/index.ts'
import type { PageContents } from '../world.ts'
import { FILE_VERSION } from './model-file.ts'
import type { PageTags } from './page-tags.ts'

const UNTOUCHED = 0
const OWN = 1
/** It has what the mapped file holds. */
const MAPPED = 2

/** Contents as tags: a page that comes back must carry the version that was written last. */
export class ModelContents implements PageContents {
  verified = 0
  mismatches = 0
  private readonly version: Int32Array
  private readonly touched: Uint8Array
  private readonly frames: Int32Array

  constructor(pages: number, tags: PageTags) {
    this.version = new Int32Array(pages)
    this.touched = new Uint8Array(pages)
    this.frames = tags.frames
  }

  fill(vpn: number, frame: number): void {
    this.touched[vpn] = OWN
    this.frames[2 * frame] = vpn
    this.frames[2 * frame + 1] = ++this.version[vpn]
  }

  map(vpn: number): void {
    this.touched[vpn] = MAPPED
  }

  change(vpn: number, frame: number): void {
    this.touched[vpn] = OWN
    this.frames[2 * frame + 1] = ++this.version[vpn]
  }

  forget(vpn: number): void {
    this.touched[vpn] = UNTOUCHED
  }

  isTouched(vpn: number): boolean {
    return this.touched[vpn] !== UNTOUCHED
  }

  verify(vpn: number, frame: number, from: string): void {
    this.verified++
    const version = this.touched[vpn] === MAPPED ? FILE_VERSION : this.version[vpn]
    if (this.frames[2 * frame] === vpn && this.frames[2 * frame + 1] === version) return
    this.mismatches++
    throw new LabError({
      code: 'mismatch',
      message:
        `Page ${vpn} came back from ${from} as page ${this.frames[2 * frame]} version ${this.frames[2 * frame + 1]}, ` +
        `not as version ${version}.`,
      remedy: 'This is a defect of Swaplab: keep the run, note its seed, and report it.',
    })
  }
}
