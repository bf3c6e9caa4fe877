import { LabError } from '../../contract/index.ts'
import type { PageContents } from '../world.ts'
import type { PageTags } from './page-tags.ts'

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
    this.touched[vpn] = 1
    this.frames[2 * frame] = vpn
    this.frames[2 * frame + 1] = ++this.version[vpn]
  }

  change(vpn: number, frame: number): void {
    this.frames[2 * frame + 1] = ++this.version[vpn]
  }

  forget(vpn: number): void {
    this.touched[vpn] = 0
  }

  isTouched(vpn: number): boolean {
    return this.touched[vpn] === 1
  }

  verify(vpn: number, frame: number, from: string): void {
    this.verified++
    if (this.frames[2 * frame] === vpn && this.frames[2 * frame + 1] === this.version[vpn]) return
    this.mismatches++
    throw new LabError({
      code: 'mismatch',
      message:
        `Page ${vpn} came back from ${from} as page ${this.frames[2 * frame]} version ${this.frames[2 * frame + 1]}, ` +
        `not as version ${this.version[vpn]}.`,
      remedy: 'This is a defect of Swaplab: keep the run, note its seed, and report it.',
    })
  }
}
