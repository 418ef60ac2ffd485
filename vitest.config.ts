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

/** Parts that start processes (Redis, commands of the hub): in theirs runs nothing that computes for seconds. */
const starting = [
  'tests/parts/queues/*.test.ts',
  'tests/parts/trust/*.test.ts',
  'tests/parts/{bundle,compose,http-connections,pages,prints,sound-packs}.test.ts',
]
/** Parts that serve SFTP, measure their process, move its clock or change its environment: each has one of its own. */
const alone = [
  'tests/parts/sftp-*.test.ts',
  'tests/parts/{alerts,descriptors,engine,gives-way,handshake-pace,large-work,memory-budget,metrics}.test.ts',
  'tests/parts/{simulator,tracing,traffic}.test.ts',
]

/**
 * What proves a promise again by a rarer way, or at length, or no promise at all: `npm run test:further`. Whatever is
 * not named here is of `npm test`: each promise at each door, and each part alone. These are the dearest by processor.
 */
const further = [
  'tests/contracts/{ledger-proof-postgres,ledger-thread}.test.ts',
  // How a hub is set up, moved and seen into.
  'tests/journeys/{access-start,first-minutes,ledger-reopened,log-and-files,many-hubs}.test.ts',
  'tests/journeys/{retention,roles,secrets,tracing}.test.ts',
  // Ways and rules of single agencies.
  'tests/journeys/{agency-policies,edifact-agency,import-folder,questions-here,questions-in-trouble,signatures}.test.ts',
  // What proves afterwards, and what comes beside a receipt.
  'tests/journeys/{evidence,receipt-attachments,signed-receipts,verification}.test.ts',
  // What is large.
  'tests/journeys/{budgets,edifact-large,large-answers}.test.ts',
  // People at the monitor and at the command line, and those whom values name.
  'tests/journeys/{foreign-bytes,identity-provider,monitor,operator,operators,persons,sessions}.test.ts',
]
const furtherAlone = ['tests/parts/{sftp-clients,sftp-strangers,simulator,traffic}.test.ts']
const notOurs = ['node_modules/**']

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
          exclude: [...further, ...notOurs],
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
          name: 'starting',
          include: starting,
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          server: built.server,
        },
      },
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'alone',
          include: alone,
          exclude: [...furtherAlone, ...notOurs],
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
          exclude: [...starting, ...alone, ...notOurs],
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          server: built.server,
        },
      },
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'further',
          include: further,
          isolate: false,
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
          server: built.server,
        },
      },
      {
        extends: true,
        plugins: built.plugins,
        test: {
          name: 'further-alone',
          include: furtherAlone,
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
          server: built.server,
        },
      },
    ],
  },
})
