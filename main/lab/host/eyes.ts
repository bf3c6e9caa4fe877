import type { CodecFacts, ExperimentSpec, HostCheck, HostReport } from '../../contract/index.ts'

/** What the lab must be able to see of its host; tests bring their own. */
export interface HostEyes {
  report(swapDir: string): Promise<HostReport>
  /** Takes about 2 s: background I/O is sampled. */
  check(swapDir: string): Promise<HostCheck>
  codecs(): Promise<CodecFacts[]>
  /** Whether a run may put its files there; `waits`: for one that is under way. @throws LabError naming the field */
  checkSwapDirectory(spec: ExperimentSpec, swapDir: string, waits: boolean): void
  /** Copies pages of this very process into a corpus file, 0600. @throws LabError `capture_failed` */
  captureSelf(file: string, content: { pages: number; zeros: 'skip' | 'keep' }): Promise<void>
}
