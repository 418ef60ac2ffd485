// ledger-attachments — the part of the contract about files that come with agencies' answers: kept with them, once, and
// given out as they came.
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Ledger, LedgerEvents, NewReply, NewReplyFile } from '../../store/ledger.js'
import { pack } from '../../store/packing.js'
import { at, given, receiptOf, submissionOf } from './ledger-given.js'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

export async function replyFile(name: string, bytes: Buffer): Promise<NewReplyFile> {
  return { name, mediaType: 'application/pdf', size: bytes.length, sha256: sha256(bytes), form: await pack(bytes) }
}

export const replyOf = (bytes: string): NewReply => ({
  replyId: newId('rep'),
  agency: 'gacc',
  mediaType: 'application/xml',
  bytes: Buffer.from(bytes),
  receivedAt: at(2),
})

export function ledgerAttachments(ledger: () => Ledger & LedgerEvents): void {
  const { accepted, claimed } = given(ledger)

  async function settled(replyId: string, attachments: Receipt['attachments']) {
    const m = await accepted()
    await claimed(m)
    const receipt: Receipt = {
      ...receiptOf(m.messageId, m.reference),
      stage: 'business',
      agency: 'gacc',
      faults: (attachments ?? [])
        .filter(({ missing }) => missing)
        .map(({ name }) => ({ code: 'HUB_RECEIPT_FILE_MISSING', value: name, text: { zh: '缺', en: 'gone' } })),
      ...(attachments ? { attachments } : {}),
    }
    const entry = { submissionId: submissionOf(m), status: 'approved' as const, learn: [], receipt }
    await ledger().settle({ replyId, orphan: false, entries: [{ ...entry, receiptReturn: 'owed' }] }, at(2))
    return receipt.receiptId
  }

  describe('files of answers', () => {
    test('come back as they came, small or packed, under the names their receipt gives', async () => {
      const small = Buffer.from('%PDF-1.7')
      const large = Buffer.from(randomBytes(50_000).toString('hex'))
      const files = [await replyFile('a.pdf', small), await replyFile('证书.pdf', large)]
      expect(files[1]!.form.packed).toBe(1)
      const { replyId } = await ledger().recordReply(replyOf('<answer/>'), files)
      const receiptId = await settled(replyId, [{ name: 'a.pdf' }, { name: '证书.pdf' }])
      expect(await ledger().receiptAttachment(receiptId, 'a.pdf')).toMatchObject({
        partnerId: 'a',
        mediaType: 'application/pdf',
        bytes: small,
      })
      expect((await ledger().receiptAttachment(receiptId, '证书.pdf'))!.bytes.equals(large)).toBe(true)
      expect(await ledger().receiptAttachment(receiptId, 'b.pdf')).toBeUndefined()
      expect(await ledger().receiptAttachment(newId('rcp'), 'a.pdf')).toBeUndefined()
    })

    test('of one answer that its receipt does not name are not given out by it (promise 9)', async () => {
      const files = [await replyFile('mine.pdf', Buffer.from('mine')), await replyFile('his.pdf', Buffer.from('his'))]
      const { replyId } = await ledger().recordReply(replyOf('<two/>'), files)
      const receiptId = await settled(replyId, [{ name: 'mine.pdf' }])
      expect(await ledger().receiptAttachment(receiptId, 'his.pdf')).toBeUndefined()
    })

    test('are known before their answer is settled, and kept once however often it comes (promise 7)', async () => {
      const [first, other] = [
        await replyFile('a.pdf', Buffer.from('first')),
        await replyFile('a.pdf', Buffer.from('other')),
      ]
      const reply = replyOf('<again/>')
      expect((await ledger().recordReply(reply, [first])).known).toBe(false)
      expect((await ledger().recordReply({ ...reply, replyId: newId('rep') }, [other])).known).toBe(true)
      const [waiting] = await ledger().unsettledReplies(10)
      expect(waiting!.attachments).toEqual([
        { name: 'a.pdf', mediaType: 'application/pdf', size: 5, sha256: sha256(Buffer.from('first')) },
      ])
      const receiptId = await settled(reply.replyId, [{ name: 'a.pdf' }])
      expect((await ledger().receiptAttachment(receiptId, 'a.pdf'))!.bytes.toString()).toBe('first')
    })

    test('that come later with the same answer are no longer missing; until then their receipt says so', async () => {
      const reply = replyOf('<late/>')
      await ledger().recordReply(reply)
      const receiptId = await settled(reply.replyId, [{ name: 'late.pdf', missing: true }])
      await expect(ledger().receiptAttachment(receiptId, 'late.pdf')).rejects.toMatchObject({
        code: 'HUB_RECEIPT_FILE_MISSING',
      })
      await ledger().recordReply({ ...reply, replyId: newId('rep') }, [
        await replyFile('late.pdf', Buffer.from('late')),
      ])
      const { receipt } = (await ledger().getReceipt(receiptId))!
      expect(receipt).toMatchObject({
        faults: [],
        attachments: [{ name: 'late.pdf', size: 4, href: `/v1/receipts/${receiptId}/attachments/late.pdf` }],
      })
      expect((await ledger().receiptAttachment(receiptId, 'late.pdf'))!.bytes.toString()).toBe('late')
    })
  })
}
