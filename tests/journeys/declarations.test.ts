// Whole ways, told as a customs broker would: a real message in through a real door, its receipts out.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import { sample, samplePath } from '../support/hub.js'
import { freshOrder, renumbered } from '../support/orders.js'
import { hubOfFile } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const has = (status: string) => (receipts: Receipt[]) =>
  receipts.some((r) => r.stage === 'business' && r.status === status)

const startHub = hubOfFile()

/** Family, sample, the operation it is, and the status its course ends in. */
const courses: [string, string, string, string][] = [
  ['an import order', 'ceb/CEB311Message.xml', '10.1.1.1.1', 'approved'],
  ['a payment', 'ceb/CEB411Message.xml', '10.1.1.2.1', 'approved'],
  ['a waybill', 'ceb/CEB511Message.xml', '10.1.2.1.1', 'approved'],
  ['an import inventory 进口清单', 'ceb/CEB621Message.xml', '10.1.3.1.1', 'released'],
  ['an export order', 'ceb/CEB303Message.xml', '10.2.1.1.1', 'approved'],
  ['an export inventory 出口清单', 'ceb/CEB603Message.xml', '10.2.3.1.1', 'released'],
  ['a customs declaration 报关单', 'dec/DecMessage.xml', '1.1.2.1.1', 'released'],
  ['an export declaration', 'dec/DecMessage-export.xml', '1.1.3.1.1', 'released'],
  ['an amendment of a declaration 修撤单', 'dec/DecModMessage.xml', '1.1.6.1.1', 'approved'],
  ['its withdrawal', 'dec/DecModMessage-withdrawal.xml', '1.1.6.1.2', 'approved'],
  ['a sea import manifest 原始舱单', 'manifest/MT1101-9.xml', '2.1.1.1.1', 'released'],
  ['its other data', 'manifest/MT1101-0.xml', '2.1.1.1.2', 'approved'],
  ['its change', 'manifest/MT1101-5.xml', '2.1.1.2.1', 'approved'],
  ['its deletion', 'manifest/MT1101-3.xml', '2.1.1.2.2', 'approved'],
  ['a sea export manifest 预配舱单', 'manifest/MT2101-9.xml', '2.1.2.1.1', 'released'],
  ['an agency agreement 报关代理委托', 'acd/ImportAgrRequest.xml', '1.3.7.1.1', 'approved'],
]

describe('a message goes its whole way', () => {
  test('each kind of message is taken over HTTP, reaches customs once, and every receipt comes back', async () => {
    const hub = await startHub()
    for (const [what, file, operation, end] of courses) {
      const answer = await hub.send(sample(file))
      expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBe(202)
      const [technical] = answer.receipts
      expect(technical).toMatchObject({ stage: 'technical', status: 'accepted', code: 'HUB_ACCEPTED', operation })
      const receipts = await hub.receiptsOf(technical!.messageId, has(end))
      expect(receipts.every((r) => r.messageId === technical!.messageId)).toBe(true)
      for (const receipt of receipts.filter((r) => r.stage === 'business'))
        expect(receipt.body, `${what}: ${receipt.code} carries the agency's own receipt`).toBeDefined()
    }
    const { taken } = await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')
    expect(taken.map((t) => t.times)).toEqual(courses.map(() => 1))
  })

  test('business receipts wait in the mailbox until acknowledged, and the next one wakes a long poll', async () => {
    const hub = await startHub()
    const waiting = hub.read<{ receipts: (Receipt & { seq?: number })[] }>('/v1/receipts?wait=50')
    const { receipts } = await hub.send(renumbered(sample('ceb/CEB621Message.xml')))
    const first = (await waiting).receipts[0]!
    expect(first).toMatchObject({ messageId: receipts[0]!.messageId, stage: 'business' })
    await hub.receiptsOf(receipts[0]!.messageId, has('released'))
    const before = (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts
    const acknowledge = (path: string, body?: object) =>
      fetch(`${hub.url}/v1/receipts/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${hub.env.HUB_KEY}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    const ids = before.map(({ receiptId }) => receiptId)
    expect((await acknowledge(`${ids[0]!}/ack`)).status).toBe(200)
    // All at once, what was acknowledged before among them; what is not there is named.
    const several = await acknowledge('ack', { receipts: [...ids, 'rcp_nobodys'] })
    expect(await several.json()).toEqual({ acknowledged: ids, unknown: ['rcp_nobodys'] })
    expect((await acknowledge('ack', { receipts: [] })).status).toBe(400)
    expect((await acknowledge('ack', { receipts: Array.from({ length: 501 }, (_, n) => `rcp_${n}`) })).status).toBe(400)
    expect((await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts).toEqual([])
  })

  test('a file sent over SFTP moves to SentBox, and all its receipts are found in InBox', async () => {
    const hub = await startHub()
    const dir = await tempDir('sftp')
    await writeFile(join(dir, 'manifest.xml'), renumbered(sample('manifest/MT1101-9.xml')))
    const put = await hub.sftp(`put ${join(dir, 'manifest.xml')} OutBox/manifest.xml\nls -1 SentBox\nls -1 OutBox`)
    expect(put.code, put.stderr).toBe(0)
    expect(put.stdout).toContain('manifest.xml')
    const listing = await until('the business receipt in InBox', async () => {
      const { stdout } = await hub.sftp('ls -1 InBox')
      return /Receipt_/.test(stdout) && stdout
    })
    expect(listing).toMatch(/Successed_manifest_\d{21}\.xml/)
    const name = /Receipt_\S+\.xml/.exec(listing)![0]
    await hub.sftp(`get InBox/${name} ${dir}/`)
    const xml = await readFile(join(dir, name), 'utf8')
    const receipt = receiptFromXml(xml)
    expect(receipt).toMatchObject({ stage: 'business', operation: '2.1.1.1.1' })
    expect(receipt.body!.content).toContain('<MessageType>MT9999</MessageType>')
  })

  test('a broken declaration lands in FailBox over SFTP, with the faults beside it', async () => {
    const hub = await startHub()
    const dir = await tempDir('sftp')
    await writeFile(
      join(dir, 'broken.xml'),
      sample('ceb/CEB621Message.xml')
        .toString()
        .replace('<ceb:appType>1</ceb:appType>', '')
        .replace(/<appType>\d<\/appType>/, ''),
    )
    const put = await hub.sftp(`put ${join(dir, 'broken.xml')} OutBox/`)
    expect(put.code, put.stderr).toBe(0)
    const { stdout } = await hub.sftp(`ls -1 FailBox\nget FailBox/broken.xml.receipt.xml ${dir}/`)
    expect(stdout.replaceAll(/sftp> .*/g, '')).toContain('broken.xml.receipt.xml')
    const receipt = await readFile(join(dir, 'broken.xml.receipt.xml'), 'utf8')
    expect(receipt).toContain('HUB_XSD_')
    expect(receipt).toContain('appType')
  })

  test('the command line sends a declaration and shows its receipts to the end', async () => {
    const hub = await startHub()
    const known = async () => (JSON.parse((await hub.cli('status', '--json')).stdout) as { messages: number }).messages
    const before = await known()
    const file = join(await tempDir('declaration'), 'declaration.xml')
    await writeFile(file, renumbered(sample('dec/DecMessage.xml')))
    const sent = await hub.cli('send', file, '--wait', '20', '--json')
    expect(sent.code, sent.stderr).toBe(0)
    const { files } = JSON.parse(sent.stdout) as { files: { receipts: Receipt[] }[] }
    expect(files[0]!.receipts.map((r) => r.status)).toEqual(expect.arrayContaining(['accepted', 'released']))
    expect(await known()).toBe(before + 1)
    expect((await hub.cli('receipts')).stdout).toContain('RELEASED')
    expect((await hub.cli('receipts')).stdout).toContain('nothing waits')
  })

  test('a declaration that customs turns down is corrected and taken under the same number', async () => {
    const hub = await startHub()
    await hub.simulator('POST', '/control', { refuse: '商品编号不存在', times: 1 })
    const declaration = renumbered(sample('dec/DecMessage.xml'))
    const first = await hub.send(declaration)
    await hub.receiptsOf(first.receipts[0]!.messageId, has('rejected'))
    expect(await hub.state(first.receipts[0]!.messageId)).toBe('rejected')
    const mended = declaration.toString().replace(/<GrossWet>[^<]*</, '<GrossWet>10251<')
    const second = await hub.send(mended)
    expect(second.status).toBe(202)
    await hub.receiptsOf(second.receipts[0]!.messageId, has('released'))
  })
})

describe('the same message again', () => {
  test('gets the first receipt again and is submitted once (promise 8)', async () => {
    const hub = await startHub()
    const order = freshOrder()
    const first = await hub.send(order)
    const again = await hub.send(order)
    expect(again.status).toBe(200)
    expect(again.receipts).toEqual(first.receipts)
    await hub.receiptsOf(first.receipts[0]!.messageId, has('approved'))
    const { taken } = await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')
    expect(taken).toHaveLength(1)
    expect(taken[0]!.times).toBe(1)
  })

  test('with other bytes under the same reference is a conflict, and the first goes on (promise 8)', async () => {
    const hub = await startHub()
    const order = freshOrder()
    const first = await hub.send(order)
    const other = await hub.send(
      order
        .toString()
        .replace(/<(ceb:)?note>[^<]*</, '<$1note>另一份<')
        .replace('</', '</'),
    )
    if (other.status === 200) throw new Error('the sample has no note to change')
    expect(other.status).toBe(409)
    expect(other.receipts[0]).toMatchObject({ status: 'refused', code: 'HUB_REFERENCE_CONFLICT' })
    await hub.receiptsOf(first.receipts[0]!.messageId, has('approved'))
  })

  test('over SFTP after it was accepted over HTTP is known all the same', async () => {
    const hub = await startHub()
    const first = await hub.send(sample('ceb/CEB411Message.xml'))
    expect(first.status).toBe(202)
    const put = await hub.sftp(`put ${samplePath('ceb/CEB411Message.xml')} OutBox/again.xml\nls -1 SentBox`)
    expect(put.stdout).toContain('again.xml')
    expect((await hub.read<{ repeats: number }>(`/v1/messages/${first.receipts[0]!.messageId}`)).repeats).toBe(1)
  })
})
