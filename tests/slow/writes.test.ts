// The n-th write, fsync or rename fails, for every n of a journey: nothing is lost, nothing is filed twice, and the
// sender has heard an error, or "taken" with the bytes on disk. `EVERY_WRITE=1` takes every n, otherwise some.
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { cleanEnv, cli, sample, startHub, type RunningHub } from '../support/hub.js'
import { every, failing, some } from '../support/failing.js'
import { importClient } from '../support/import-client.js'
import { unread } from '../support/ledger-log.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

describe('a declaration over SFTP, through the import folders and back', () => {
  const declaration = (seq: string) =>
    Buffer.from(
      sample('dec/DecMessage.xml')
        .toString()
        .replace(/<ClientSeqNo>[^<]*</, `<ClientSeqNo>${seq}<`),
    )

  /** Uploads until that is taken, and waits for the last receipt in the InBox. */
  async function files(hub: RunningHub, { seq, file }: { seq: string; file: string }) {
    let uploads = 0
    await until(
      'an upload that is taken',
      async () => {
        uploads++
        return (await hub.sftp(`put ${file} OutBox/${seq}.xml`)).code === 0
      },
      60_000,
    )
    const messages = () =>
      hub.read<{ messages: { messageId: string; state: string }[] }>(`/v1/messages?reference=${seq}`)
    await until(
      `${seq} to be released`,
      async () => (await messages()).messages.some(({ state }) => state === 'released'),
      90_000,
    )
    const boxes = join(hub.dataDir, 'sftp', 'demo')
    const text = async (box: string, name: string) => readFile(join(boxes, box, name), 'utf8').catch(() => '')
    await until(
      `the receipt of ${seq} in the InBox`,
      async () => {
        const names = (await readdir(join(boxes, 'InBox'))).filter((name) => /^Receipt_.*\.xml$/.test(name))
        const found = await Promise.all(names.map((name) => text('InBox', name)))
        return found.some((one) => one.includes(seq) && one.includes('released'))
      },
      90_000,
    )
    return { uploads, messages: (await messages()).messages, boxes }
  }

  /** So many more or less from one time to the next: files that come together share the flush of their folder. */
  const varying = 8

  test(
    'comes to its end once, whichever of its writes fails',
    async () => {
      const base = await tempDir('writes')
      const [dataDir, imp] = [join(base, 'data'), join(base, 'imp')]
      for (const dir of [dataDir, imp]) await mkdir(dir, { mode: 0o700 })
      const disk = await failing(base)
      const client = await importClient('--root', imp, '--folders', 'Deccus001')
      const hub = await startHub({
        dataDir,
        nodeArgs: disk.nodeArgs,
        env: disk.env,
        config: {
          agencies: {
            gacc: { connector: 'folder', root: imp, pollSeconds: 0.1, settleSeconds: 0.1, retrySeconds: [0.3] },
          },
        },
      })
      const one = async (seq: string) => {
        const file = join(await tempDir('send'), `${seq}.xml`)
        await writeFile(file, declaration(seq))
        return { file, ...(await files(hub, { seq, file })) }
      }
      await disk.at(0)
      await one('COUNTED001')
      const counted = (await disk.calls()).length
      expect(counted).toBeGreaterThan(2 * varying)

      for (const nth of some(counted)) {
        const seq = `NTH${String(nth).padStart(7, '0')}`
        await disk.at(nth, nth % 2 === 0 ? 'EIO' : 'ENOSPC')
        const { file, messages } = await one(seq)
        const failed = await disk.failed()
        if (nth <= counted - varying) expect(failed, `write ${nth} of ${counted}`).toBeDefined()
        await disk.off()
        // One message, whatever was uploaded again, and its bytes.
        expect(messages, failed).toHaveLength(1)
        const content = await hub.get(`/v1/messages/${messages[0]!.messageId}/content`)
        expect(Buffer.from(await content.arrayBuffer()), failed).toEqual(await readFile(file))
      }
      // Nobody got anything twice.
      expect((await client.all()).map(({ times }) => times)).toEqual([1, ...some(counted).map(() => 1)])
      await until('nothing left on its way', async () => (await readdir(join(imp, 'Deccus001', 'OutBox'))).length === 0)
    },
    every ? 1_800_000 : 300_000,
  )
})

describe('a copy of the ledger', () => {
  /** A ledger with one message in it, and how many it has. */
  async function ledgerIn(dir: string) {
    const hub = await startHub({ dataDir: dir })
    const sent = await hub.send(sample('ceb/CEB311Message.xml'))
    const { messageId } = sent.receipts[0]!
    await until('it to be delivered', async () => !['accepted', 'unclear'].includes(await hub.state(messageId)))
    return { hub, messageId }
  }
  const hasMessage = async (file: string, messageId: string) => {
    const ledger = await openSqliteLedger({ file, log: unread })
    try {
      return (await ledger.getMessage(messageId)) !== undefined
    } finally {
      await ledger.close()
    }
  }

  test('made while a write fails is whole or is not there, and the one before it stays', async () => {
    const dir = await tempDir('data')
    const disk = await failing(join(dir, 'backups'))
    const hub = await startHub({ dataDir: dir, nodeArgs: disk.nodeArgs, env: disk.env })
    const { messageId } = (await hub.send(sample('ceb/CEB311Message.xml'))).receipts[0]!
    await disk.at(0)
    expect((await hub.cli('backup', '--json')).code).toBe(0)
    const counted = (await disk.calls()).length
    expect(counted).toBeGreaterThan(2)
    for (let nth = 1; nth <= counted; nth++) {
      await disk.at(nth)
      const { code, stderr } = await hub.cli('backup', '--json')
      const failed = await disk.failed()
      expect(failed, `write ${nth} of ${counted}`).toBeDefined()
      expect(code, `${failed}: ${stderr}`).toBe(1)
      await disk.off()
    }
    expect((await hub.cli('backup', '--json')).code).toBe(0)
    const made = (await readdir(join(dir, 'backups'))).filter((name) => name.endsWith('.db'))
    await hub.stop()
    for (const name of made) expect(await hasMessage(join(dir, 'backups', name), messageId), name).toBe(true)
  })

  test('put back while a write fails is in place, or the ledger before it is, with all it had', async () => {
    const base = await tempDir('restore')
    const dir = join(base, 'data')
    await mkdir(dir, { mode: 0o700 })
    const { hub, messageId: early } = await ledgerIn(dir)
    const copy = (JSON.parse((await hub.cli('backup', '--json')).stdout) as { file: string }).file
    const from = join(base, 'copy.db')
    await copyFile(copy, from)
    const second = sample('ceb/CEB311Message.xml')
      .toString()
      .replace(/<((?:ceb:)?orderNo)>[^<]*</, '<$1>SECOND001<')
    const late = (await hub.send(second.replace(/[0-9A-F]{8}-/g, 'ABCDEF01-'))).receipts[0]!.messageId
    await until('the second to be delivered', async () => !['accepted', 'unclear'].includes(await hub.state(late)))
    await hub.stop()
    const saved = join(base, 'saved.db')
    await copyFile(join(dir, 'ledger.db'), saved)

    const disk = await failing(dir)
    const restore = () =>
      run(process.execPath, [...disk.nodeArgs, cli, 'restore', from, '-d', dir, '-w', 'test'], {
        env: { ...cleanEnv(), ...disk.env },
      })
    await disk.at(0)
    expect((await restore()).code).toBe(0)
    const counted = (await disk.calls()).length
    expect(counted).toBeGreaterThan(3)
    for (let nth = 1; nth <= counted; nth++) {
      await copyFile(saved, join(dir, 'ledger.db'))
      // The ledger that is replaced is kept under the second: the last of them is the last by name.
      await until('another second', async () => {
        const second = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
        return !existsSync(join(dir, `ledger-replaced-${second}.db`))
      })
      await disk.at(nth)
      const { code, stderr } = await restore()
      const failed = await disk.failed()
      await disk.off()
      expect(failed, `write ${nth} of ${counted}`).toBeDefined()
      const [hasEarly, hasLate] = [
        await hasMessage(join(dir, 'ledger.db'), early),
        await hasMessage(join(dir, 'ledger.db'), late),
      ]
      expect(hasEarly, `${failed}: ${stderr}`).toBe(true)
      // Whoever hears that it failed finds the ledger as it was; or it was in place already, and is whole.
      if (code === 0) expect(hasLate, failed).toBe(false)
      else if (!hasLate) {
        const kept = (await readdir(dir)).filter((name) => /^ledger-replaced-.*\.db$/.test(name)).sort()
        expect(await hasMessage(join(dir, kept.at(-1)!), late), `${failed}: ${stderr}`).toBe(true)
      }
    }
    expect((await stat(join(dir, 'ledger.db'))).size).toBeGreaterThan(0)
  })
})
