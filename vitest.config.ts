import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { builtSources } from './tests/support/built-sources.js'

// What hubs and ledgers of tests write is written to memory, where there is room: else they wait for the disk at each
// commit. Tests of the disk itself are in tests/slow.
const memory = '/dev/shm'
const roomBytes = 4 * 1024 ** 3
if (process.env.TMPDIR === undefined && existsSync(memory)) {
  const { bavail, bsize } = statfsSync(memory)
  if (bavail * bsize > roomBytes) process.env.TMPDIR = memory
}

/** Parts that serve SFTP or Redis, measure their process, move its clock or change its environment. */
const alone = [
  'tests/parts/queues/*.test.ts',
  'tests/parts/sftp-*.test.ts',
  'tests/parts/trust/*.test.ts',
  'tests/parts/{alerts,bundle,compose,descriptors,engine,gives-way,handshake-pace,http-connections,large-work}.test.ts',
  'tests/parts/{memory-budget,metrics,pages,prints,simulator,sound-packs,tracing,traffic}.test.ts',
]

/** To a process of a test the built sources are what packages are: loaded by Node, not by vitest. */
const built = { plugins: builtSources(), server: { deps: { external: [/\/dist\//] } } }

// A process that runs many files reads and compiles the sources once; so do most. The groups run one after the other,
// each with as many processes as keep two cores at work: journeys wait for hubs, parts compute.
export default defineConfig({
  test: {
    pool: 'forks',
    // How fast a machine is, is not what a test asks: a busy one takes ten times as long.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // A shared machine may hold one up; what fails twice is a fault. Of tests that go on from where the one before
    // stopped, what fails once fails twice: they are made to wait instead.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'journeys',
          include: ['tests/{journeys,contracts}/**/*.test.ts'],
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
          server: built.server,
        },
      },
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'alone',
          include: alone,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          server: built.server,
        },
      },
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'parts',
          include: ['tests/parts/**/*.test.ts'],
          exclude: [...alone, 'node_modules/**'],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          server: built.server,
        },
      },
    ],
  },
})
