// metrics — what Prometheus reads when a part of the hub cannot answer.
import { expect, test } from 'vitest'
import { createMetrics, type GaugeSources } from '../../monitoring/metrics.js'

const view = { heldBytes: 0, mostBytes: 1, waiting: 0, waits: 0, refused: 0 }
const quiet = {
  queueJobs: async () => [],
  agencies: async () => [],
  receiptsOwed: async () => 0,
  orphans: async () => 0,
  heldAnswers: async () => 0,
  oldestHeldAnswerSeconds: async () => 0,
  sharedKeys: async () => 0,
  damaged: () => 0,
  redisLatencySeconds: async () => 0.001,
  ledgerLatencySeconds: async () => 0.001,
  checksWaiting: () => 0,
  checkThreads: () => 1,
  overdue: async () => 0,
  undelivered: async () => 0,
  full: () => false,
  disks: () => [],
  logLinesLost: () => 7,
  doorUsage: () => ({}),
  memory: () => ({ partners: view, agencies: view }),
  ledgerSize: () => ({ bytes: 1, spare: 0 }),
  fleet: () => ({ living: 1, held: [], free: [], lost: 0 }),
  gates: () => [],
  connectors: () => [],
  retention: () => undefined,
  certificates: () => [],
  clockAheadSeconds: () => undefined,
  certificateTrouble: () => false,
} as unknown as GaugeSources

test('a number that cannot be had is absent, and takes no other with it', async () => {
  const metrics = createMetrics()
  const failing = async () => {
    throw new Error('database or disk is full')
  }
  metrics.watch({ ...quiet, ledgerLatencySeconds: failing, agencies: failing, orphans: failing })
  const { text } = await metrics.read()
  expect(text).toMatch(/^hub_log_lines_lost_total 7$/m)
  expect(text).toMatch(/^hub_receipts_owed 0$/m)
  expect(text).not.toMatch(/^hub_ledger_latency_seconds|^hub_replies_orphaned \d|^hub_queue_submissions\{/m)
})
