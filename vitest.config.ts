import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{main,db,native-bench,renderer,.ci}/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    pool: 'forks',
  },
})
