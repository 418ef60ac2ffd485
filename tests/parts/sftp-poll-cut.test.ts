// Fetching from a partner's server that breaks off, or a hub that dies, between any two steps: each file is taken once
// all the same.
import { describe, expect, test } from 'vitest'
import { usualTemporaryEndings } from '../../adapters/temporary-names.js'
import type { Box } from '../../adapters/channels/boxes.js'
import type { PollLimits } from '../../adapters/channels/sftp-poll/limits.js'
import type { Remote, RemoteFile } from '../../adapters/channels/sftp-poll/remote.js'
import { createRound } from '../../adapters/channels/sftp-poll/round.js'
import { declaration, quiet, renderReceipt, strictAccept, wrong } from './file-doors/strict-accept.js'
import { memory } from '../support/memory.js'

/** A server in memory whose n-th call fails, before or after it had its effect. */
function frail(
  files: Map<string, Buffer>,
  failAt: number,
  when: 'before' | 'after',
): Remote & { calls: number; reconnect(): void } {
  let alive = true
  const path = (box: Box, name: string) => `${box}/${name}`
  const step = async <T>(effect: () => T): Promise<T> => {
    if (!alive) throw new Error('not connected')
    self.calls += 1
    const fails = self.calls === failAt
    if (fails && when === 'before') {
      alive = false
      throw new Error('connection lost')
    }
    const value = effect()
    if (fails) {
      alive = false
      throw new Error('connection lost')
    }
    return value
  }
  const seen = (name: string, bytes: Buffer): RemoteFile => ({ name, size: bytes.length, mtime: 1 })
  const self: Remote & { calls: number; reconnect(): void } = {
    calls: 0,
    reconnect: () => void (alive = true),
    get alive() {
      return alive
    },
    list: (box, wanted, most) =>
      step(() =>
        [...files]
          .filter(([p]) => p.startsWith(`${box}/`))
          .map(([p, b]) => seen(p.slice(box.length + 1), b))
          .filter(({ name }) => wanted(name))
          .slice(0, most),
      ),
    stat: (box, name) =>
      step(() => {
        const bytes = files.get(path(box, name))
        return bytes && seen(name, bytes)
      }),
    read: (box, name) => step(() => files.get(path(box, name)) ?? Buffer.alloc(0)),
    claim: (box, from, to) =>
      step(() => {
        const bytes = files.get(path(box, from))
        if (!bytes) return false
        if (files.has(path(box, to))) throw new Error('exists')
        files.delete(path(box, from))
        files.set(path(box, to), bytes)
        return true
      }),
    move: (from, to) =>
      step(() => {
        const bytes = files.get(path(from.box, from.name))
        if (!bytes) return
        files.delete(path(from.box, from.name))
        files.set(path(to.box, to.name), bytes)
      }),
    write: (box, name, bytes) => step(() => void files.set(path(box, name), bytes)),
    close: async () => undefined,
  }
  return self
}

describe('broken off between any two steps', () => {
  const limits: PollLimits = {
    maxBytes: 100_000,
    temporaryEndings: usualTemporaryEndings,
    maxFiles: 100,
    settleMs: 0,
    claimMs: 0,
    retryMs: 0,
    lingerMs: 0,
    closeMs: 0,
    connectMs: 0,
    callMs: 0,
    transferMs: 0,
    turnMs: 30_000,
  }
  const steps = Array.from({ length: 16 }, (_, n) => n + 1)

  test.each(['before', 'after'] as const)(
    'the same run goes on where the connection broke %s the step',
    async (when) => {
      for (const failAt of steps) {
        const hub = strictAccept('sftp-poll')
        const files = new Map([
          ['OutBox/good.xml', declaration('A1')],
          ['OutBox/bad.xml', wrong('W1')],
        ])
        const remote = frail(files, failAt, when)
        const round = createRound({
          partnerId: 'alpha',
          accept: hub.accept,
          renderReceipt,
          memory,
          limits,
          log: quiet,
          stopping: () => false,
        })
        for (let n = 0; n < 8; n++) {
          remote.reconnect()
          await round(remote).catch(() => 0)
        }
        const names = [...files.keys()].sort()
        expect(names.map((name) => name.replace(/_\d{21}/, '_'))).toEqual([
          'FailBox/bad.xml',
          'FailBox/bad.xml.receipt.xml',
          'InBox/Failed_bad_.xml',
          'InBox/Successed_good_.xml',
          'SentBox/good.xml',
        ])
        expect(hub.offered).toHaveLength(2)
        expect(hub.violations).toEqual([])
      }
    },
  )

  test.each(['before', 'after'] as const)(
    'a new run takes over after a crash %s the step; the message stays one',
    async (when) => {
      for (const failAt of steps) {
        const hub = strictAccept('sftp-poll')
        const files = new Map([['OutBox/good.xml', declaration('A1')]])
        const remote = frail(files, failAt, when)
        const start = () =>
          createRound({
            partnerId: 'alpha',
            accept: hub.accept,
            renderReceipt,
            memory,
            limits,
            log: quiet,
            stopping: () => false,
          })
        let round = start()
        for (let n = 0; n < 8; n++) {
          const lost = await round(remote).then(
            () => false,
            () => true,
          )
          remote.reconnect()
          if (lost) round = start()
        }
        const names = [...files.keys()].map((name) => name.replace(/_\d{21}/, '_'))
        expect(names.filter((name) => !name.startsWith('InBox/'))).toEqual(['SentBox/good.xml'])
        expect(names).toContain('InBox/Successed_good_.xml')
        expect(hub.taken.size).toBe(1)
        expect(hub.violations).toEqual([])
      }
    },
  )

  test('a writer that goes on after the claim gets its file back, and the whole is taken later', async () => {
    const whole = declaration('A1', 3_000)
    const files = new Map([['OutBox/x.xml', whole.subarray(0, 1_000)]])
    const remote = frail(files, 0, 'before')
    const read = remote.read.bind(remote)
    let once = true
    remote.read = async (box, name, max) => {
      const bytes = await read(box, name, max)
      // The writer still holds the file open under its new name.
      if (once) files.set(`OutBox/${name}`, whole)
      once = false
      return bytes
    }
    const hub = strictAccept('sftp-poll')
    const round = createRound({
      partnerId: 'alpha',
      accept: hub.accept,
      renderReceipt,
      memory,
      limits,
      log: quiet,
      stopping: () => false,
    })
    for (let n = 0; n < 6; n++) await round(remote)
    expect(hub.offered.map(({ bytes }) => bytes.equals(whole))).toEqual([true])
    expect([...files.keys()]).toContain('SentBox/x.xml')
    expect(hub.violations).toEqual([])
  })
})
