import { defineConfig } from 'vitest/config'

// The suites that take minutes: each has its own script, and .ci/run runs a bounded size of it.
export default defineConfig({
  test: {
    include: ['tests/slow/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 900_000,
    hookTimeout: 900_000,
    retry: process.env.CI ? 1 : 0,
  },
})
