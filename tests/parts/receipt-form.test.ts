// The file a partner is handed: the hub's form, the agency's own bytes, or the form he sends in himself.
import { expect, test } from 'vitest'
import { createGiveBack, type OutgoingFile } from '../../hub/steps/give-back.js'
import { createSenderSyntax } from '../../hub/doors/sender-syntax.js'
import { receiptBody, type Receipt } from '../../messages/receipt.js'

const edifact = "UNB+UNOA:2+CARRIER:ZZ+HUB:ZZ+261123:0900+R1'UNH+1+CUSCAR:D:95B:UN'BGM+785+MAN1+9'UNT+3+1'UNZ+1+R1'"
const flat = "00:IFCSUM:MANIFEST:9:CARRIER:HUB:202611230900'\r\n99:2'\r\n"

/** What lands in the InBox of a partner who sent this and was answered that. */
async function handed(
  sent: string,
  answered: string | undefined,
  form: 'hub' | 'native',
): Promise<{ ending: string; bytes: string }> {
  const receipt: Receipt = {
    receiptId: 'rcp_01JD8ZTEST00000000000000AB',
    messageId: 'msg_1',
    reference: 'MAN1',
    stage: 'business',
    agency: 'gacc',
    status: 'approved',
    code: 'AP',
    text: { zh: '已接受', en: 'Accepted' },
    time: '2026-11-23T04:05:00.000Z',
    faults: [],
    ...(answered === undefined ? {} : { body: receiptBody(Buffer.from(answered), 'application/octet-stream') }),
  }
  const partner = () =>
    Promise.resolve({
      partnerId: 'p',
      name: 'p',
      settings: { rights: ['*'], receipts: form, defaults: {} },
      sshKeys: [],
      disabled: false,
    })
  const { inSendersForm } = createSenderSyntax({
    partner,
    content: () => Promise.resolve({ bytes: Buffer.from(sent) }),
    list: () => Promise.reject(new Error('no listing was asked for')),
  })
  const files: OutgoingFile[] = []
  const owed = {
    receipt,
    partnerId: 'p',
    channel: 'sftp',
    returnState: 'owed',
    returnAttempts: 0,
    owedSince: new Date(),
    seq: 1,
  } as const
  const giveBack = createGiveBack({
    ledger: {
      getReceipt: () => Promise.resolve(owed as never),
      receiptBody: () => Promise.reject(new Error('its body is small')),
      receiptAttachment: () => Promise.reject(new Error('it has no files')),
      endReturn: () => Promise.resolve(),
    },
    partner,
    deliver: { sftp: async (outgoing) => void files.push(...(await outgoing.files())) },
    inSendersForm,
  })
  expect(await giveBack(receipt.receiptId)).toEqual({ outcome: 'done' })
  const [file] = files
  return { ending: /\.\w+$/.exec(file!.name)![0], bytes: file!.bytes.toString('latin1') }
}

test('who asked for the native form gets what the agency wrote, or his own form', async () => {
  const cases: [string, string | undefined, string, RegExp][] = [
    [edifact, '<Response/>', '.edi', /^UNB\+UNOA:2\+HUB:ZZ\+CARRIER:ZZ\+.*'UNH\+1\+CUSRES:D:95B:UN'BGM\+962\+.*\+AP'/],
    [edifact, undefined, '.edi', /CUSRES:D:95B/],
    [edifact, edifact.replace('CUSCAR', 'CUSRES'), '.edi', /CARRIER:ZZ\+HUB/],
    [flat, '<Response/>', '.txt', /^00:IFCSUM:MANIFEST:9:HUB:CARRIER:202611231205'\r\n90:4:AP:/],
    ['<Declaration/>', '<Response/>', '.xml', /^<Response\/>$/],
    ['<Declaration/>', undefined, '.xml', /<ReceiptId>/],
    ["UNB+UNOA:2++HUB+261123:0900+R1'", '<Response/>', '.xml', /^<Response\/>$/],
  ]
  for (const [sent, answered, ending, wanted] of cases) {
    const file = await handed(sent, answered, 'native')
    expect([sent.slice(0, 10), answered, file.ending, file.bytes]).toEqual([
      sent.slice(0, 10),
      answered,
      ending,
      expect.stringMatching(wanted),
    ])
  }
})

test('who did not is handed the hub’s form, whatever he sent', async () => {
  for (const sent of [edifact, flat, '<Declaration/>'])
    expect(await handed(sent, '<Response/>', 'hub')).toMatchObject({
      ending: '.xml',
      bytes: expect.stringContaining('urn:singlewindow:receipt:1') as string,
    })
})
