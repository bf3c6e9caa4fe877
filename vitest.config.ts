import { defineConfig } from 'vitest/config'
import { LongestFirst } from './.ci/longest-first.ts'

export default defineConfig({
  test: {
    include: ['{main,db,native-bench,renderer,.ci}/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // By itself vitest leaves one CPU idle: half of a machine with two.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
  },
})
