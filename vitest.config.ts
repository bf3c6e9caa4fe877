import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './.ci/longest-first.ts'

export default defineConfig({
  test: {
    include: ['{main,db,native-bench,renderer,.ci}/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One more than there are CPUs: a test that waits (for the kernel, a disk, a process) leaves its CPU to another file.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
  },
})
