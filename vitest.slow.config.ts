import { defineConfig } from 'vitest/config'

// The suites that take minutes: each has its own script, and .ci/run runs a bounded size of it.
export default defineConfig({
  test: {
    include: ['tests/slow/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    // At full size a test takes hours; one that hangs is found out by what is waited for within it.
    testTimeout: process.env.CI ? 900_000 : 14_400_000,
    hookTimeout: 900_000,
    retry: process.env.CI ? 1 : 0,
  },
})
