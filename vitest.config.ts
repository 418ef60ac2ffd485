import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/slow/**', 'node_modules/**'],
    pool: 'forks',
    // On two cores: many tests wait for what a real process does.
    maxWorkers: 3,
    // How fast a machine is, is not what a test asks: a busy one takes ten times as long.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A shared machine may hold one up; what fails twice is a fault.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
  },
})
