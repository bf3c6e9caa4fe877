import { existsSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, the longest first. A clean clone knows sizes only, and the longest of all is one of the smallest. */
const LONGEST = [
  'main/hosts/cli/cli.test.ts',
  'main/zcache/sequences.test.ts',
  'main/bench/kernel-lanes/real-kernel.test.ts',
  'native-bench/boundary.test.ts',
  'main/bench/simulate/oracle.test.ts',
  'main/hosts/cli/completion.test.ts',
  'main/bench/experiment.test.ts',
  'main/lab/lab.test.ts',
  'main/bench/simulate/simulate-experiment.test.ts',
  'main/kernel/kill.test.ts',
  'main/lab/optimal-bound.test.ts',
  'db/open.test.ts',
  'main/kernel/pkexec.test.ts',
  'main/bench/calibrate/disk.test.ts',
  'main/lab/sweeps/sweeps.test.ts',
  'native-bench/lzo1x.test.ts',
  'main/bench/pitfalls.test.ts',
  'main/lab/runs/collect-more.test.ts',
]

/** Begins with the longest files, so that at the end no worker waits for one alone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((file) => !existsSync(file))
    if (gone.length > 0) throw new Error(`.ci/longest-first.ts names files that are gone: ${gone.join(', ')}`)
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

function place({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((file) => moduleId.endsWith(file))
  return at === -1 ? LONGEST.length : at
}
