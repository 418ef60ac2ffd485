// APERAK and CUSRES: a receipt as its partner's EDIFACT system reads it, held to the directory of its release and read
// back as agencies' answers are.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { businessAnswer } from '../../../messages/edifact/answers/business-answer.js'
import { originalOf } from '../../../messages/edifact/answers/original.js'
import { type AnsweredReceipt } from '../../../messages/edifact/answers/response.js'
import { type CharsetName } from '../../../messages/edifact/charset.js'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { readReply } from '../../../messages/reply.js'
import { receiptStatuses, type ReceiptStatus } from '../../../messages/states.js'
import { directories } from '../../support/edifact.js'
import { documents } from '../../support/data.js'
import { root } from '../../support/hub.js'

const faults = [
  {
    code: 'HUB_EDI_LENGTH',
    path: 'LOC(7)+2:1',
    line: 7,
    rule: '0085=39 3225 an..35',
    value: 'X',
    text: { zh: 'LOC 第 2 项过长（an..35）。', en: 'LOC element 2 is too long (an..35).' },
  },
  {
    code: 'HUB_XSD_ENUMERATION',
    path: 'BGM(2)+3',
    text: {
      zh: '“7”不在代码表内。',
      en:
        "'7' is not in the code list; it must be one of those the authority takes, of which there are a good " +
        'many, all of them listed in the guide.',
    },
  },
  { code: 'HUB_OPERATION_UNKNOWN', text: { zh: '没有此业务。', en: 'There is no such operation.' } },
]
const receipt = (status: ReceiptStatus, more: Partial<AnsweredReceipt> = {}): AnsweredReceipt => ({
  receiptId: 'rcp_01JD8ZTEST0000000000000ABC',
  status,
  code: status === 'refused' ? 'HUB_SCHEMA_VIOLATION' : 'L01',
  text: { zh: '海关已放行，“可提货”。', en: 'Released by customs: the goods may be picked up.' },
  time: '2026-11-23T04:05:00.000Z',
  faults: status === 'refused' ? faults : [],
  ...(status === 'accepted' || status === 'refused' ? {} : { agency: 'gacc', agencyReference: '010020261000000001' }),
  ...more,
})
const original = (type: string, release: string, unb = 'UNOC:3') =>
  Buffer.from(
    `UNB+${unb}+CARRIER:ZZ:BACK+HUB:14:IN+${unb.endsWith('4') ? '20' : ''}261123:0900+R1++++1++1'` +
      `UNH+M7+${type}:D:${release}:UN'BGM+85+DOC 1/7+9'UNT+3+M7'UNZ+1+R1'`,
  )

function readBack(bytes: Uint8Array, charset?: CharsetName) {
  const found = readInterchanges(bytes, charset ? { charset } : {})
  expect(found).toHaveLength(1)
  const { end, messages } = found[0]!
  const checked = messages.map((message) => checkMessage(message, directories()))
  return {
    interchange: end.interchange!,
    message: messages[0]!,
    spec: checked[0]!.spec,
    faults: [...end.faults, ...checked.flatMap((one) => one.faults)]
      .filter((f) => f.severity === 'error')
      .map((f) => `${f.code} ${f.text.en}`),
  }
}
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString('utf8')

describe('in every release of the directories', () => {
  test.each(['CUSCAR', 'IFCSUM'])('a receipt for a %s is right, whatever it says', (type) => {
    for (const release of directories().releases) {
      for (const status of receiptStatuses) {
        const { faults: wrong, spec } = readBack(businessAnswer(receipt(status), original(type, release.slice(1)))!)
        const answered = type === 'CUSCAR' ? ['CUSRES', release] : ['APERAK', release === 'D94B' ? 'D95A' : release]
        expect([release, status, spec?.type, spec?.release, wrong]).toEqual([release, status, ...answered, []])
      }
    }
  })

  test('hundreds of faults are told as far as there is room', () => {
    const many = Array.from({ length: 1_500 }, (_, i) => ({ ...faults[0]!, path: `LOC(${i + 2})+2:1` }))
    const groups = ['CUSCAR D94B 50', 'CUSCAR D96B 99', 'IFCSUM D95B 999'].map((wanted) => {
      const [type = '', release = ''] = wanted.split(' ')
      const { faults: wrong, message } = readBack(
        businessAnswer(receipt('refused', { faults: many }), original(type, release.slice(1)))!,
      )
      expect(wrong).toEqual([])
      return `${type} ${release} ${message.segments.filter(({ tag }) => tag === 'ERC').length}`
    })
    expect(groups).toEqual(['CUSCAR D94B 50', 'CUSCAR D96B 99', 'IFCSUM D95B 999'])
  })
})

test('a refused manifest comes back to its sender with its own numbers and its own places', () => {
  expect(
    text(
      businessAnswer(
        receipt('refused', { text: { zh: '报文有 3 处错误。', en: 'The message has 3 faults.' } }),
        original('CUSCAR', '95B'),
      ),
    ),
  ).toBe(
    [
      'UNB+UNOC:3+HUB:14:IN+CARRIER:ZZ:BACK+261123:1205+00000000000ABC++++++1',
      'UNH+1+CUSRES:D:95B:UN',
      'BGM+963+rcp_01JD8ZTEST0000000000000ABC+11+RE',
      'DTM+137:202611231205:203',
      'FTX+AAO+++The message has 3 faults.',
      'FTX+AAO+++HUB_EDI_LENGTH LOC(7)?+2?:1:LOC element 2 is too long (an..35).',
      "FTX+AAO+++HUB_XSD_ENUMERATION BGM(2)?+3:?'7?' is not in the code list; " +
        'it must be one of those the authority:takes, of which there are a good many, all of them listed in the:guide.',
      'FTX+AAO+++HUB_OPERATION_UNKNOWN:There is no such operation.',
      'ERP+2:LOC(7)?+2?:1',
      'ERC+39::ZZZ',
      'ERP+1:BGM(2)?+3',
      'ERC+HUB::ZZZ',
      'ERP+1',
      'ERC+HUB::ZZZ',
      'RFF+ACW:DOC 1/7',
      'RFF+AGO:M7',
      'UNT+16+1',
      'UNZ+1+00000000000ABC',
      '',
    ].join("'"),
  )
})

test('a refused booking has each fault with its text and the segment it is about', () => {
  const said = text(businessAnswer(receipt('refused'), original('IFTMBF', '00B', 'UNOW:4')))
  expect(said).toContain("UNH+1+APERAK:D:00B:UN'BGM+313+rcp_01JD8ZTEST0000000000000ABC+11+RE'")
  expect(said).toContain(
    "ERC+39::ZZZ'FTX+AAO+++HUB_EDI_LENGTH LOC(7)?+2?:1:LOC 第 2 项过长（an..35）。" +
      ":LOC element 2 is too long (an..35).'RFF+ACW:DOC 1/7:7'",
  )
})

describe('what people read', () => {
  const texts = (bytes: Uint8Array | undefined, charset?: CharsetName) =>
    readBack(bytes!, charset)
      .message.segments.filter(({ tag }) => tag === 'FTX')
      .map(({ elements }) => elements[3]![0]!.join('|'))
  const agencys: Partial<AnsweredReceipt> = { text: { zh: '审核通过：可放行', en: '审核通过：可放行' } }

  test('is Chinese and English where the interchange is UTF-8 or GBK, English elsewhere', () => {
    expect(texts(businessAnswer(receipt('released'), original('CUSCAR', '01B', 'UNOW:4')))).toEqual([
      '海关已放行，“可提货”。',
      'Released by customs: the goods may be picked up.',
    ])
    expect(
      texts(businessAnswer(receipt('released'), original('CUSCAR', '95B', 'UNOA:2'), 'gb18030'), 'gb18030'),
    ).toEqual(['海关已放行，“可提货”。', 'Released by customs: the goods may be picked up.'])
    expect(texts(businessAnswer(receipt('released'), original('CUSCAR', '95B', 'UNOB:2')))).toEqual([
      'Released by customs: the goods may be picked up.',
    ])
  })

  test('is upper case in UNOA, and what it has no letter for is written plainly', () => {
    expect(
      texts(
        businessAnswer(
          receipt('released', { text: { zh: '已放行', en: 'Released – “café” #1 _ok_' } }),
          original('CUSCAR', '95B', 'UNOA:2'),
        ),
      ),
    ).toEqual(['RELEASED - "CAFE" 1 -OK-'])
  })

  test('is the status where an agency said Chinese only and the sender has no Chinese', () => {
    expect(texts(businessAnswer(receipt('approved', agencys), original('CUSCAR', '95B')))).toEqual(['Approved (L01)'])
    expect(texts(businessAnswer(receipt('approved', agencys), original('CUSCAR', '00B', 'UNOW:4')))).toEqual([
      '审核通过：可放行',
    ])
  })
})

test('a rejection by the authority without any place is one error with its own code', () => {
  expect(
    text(
      businessAnswer(
        receipt('rejected', { code: 'E022', text: { zh: '退单', en: 'Tariff number does not exist' } }),
        original('CUSDEC', '01B'),
      ),
    ),
  ).toContain("ERP+1'ERC+E022::ZZZ'FTX+AAO+++E022:Tariff number does not exist'")
})

test('the answers are read as the answers of authorities are', async () => {
  const types = documents.flatMap(({ receipts }) => receipts)
  for (const [type, status, wanted] of [
    ['CUSCAR', 'released', 'approved'],
    ['CUSCAR', 'rejected', 'rejected'],
    ['IFCSUM', 'processing', 'processing'],
    ['IFCSUM', 'rejected', 'rejected'],
  ] as const) {
    const reply = readReply(businessAnswer(receipt(status), original(type, '01B'))!, types)
    expect(reply!.entries[0]!.keys).toContainEqual({ name: 'documentNumber', value: 'DOC 1/7' })
    expect([type, reply!.entries[0]]).toMatchObject([
      type,
      { status: wanted, agencyReference: '010020261000000001', time: '2026-11-23T04:05:00.000Z' },
    ])
  }
})

describe('the original', () => {
  test('is known by its first segments, and each sample can be answered', () => {
    expect(originalOf(original('CUSCAR', '95B'))).toMatchObject({
      reference: 'M7',
      id: { type: 'CUSCAR' },
      document: { code: '85', number: 'DOC 1/7' },
    })
    const dir = join(root, 'xsd/families/edifact/samples')
    const files = readdirSync(dir).filter((file) => file.endsWith('.edi') && !/^(CONTRL|APERAK|CUSRES)-/.test(file))
    expect(files.length).toBeGreaterThan(100)
    for (const file of files) {
      const charset = file.includes('-gbk') ? ('gb18030' as const) : undefined
      const answer = businessAnswer(receipt('refused'), readFileSync(join(dir, file)), charset)!
      expect([file, readBack(answer, charset).faults]).toEqual([file, []])
    }
  })

  test('that cannot be answered is not: no sender, no message, no EDIFACT', () => {
    for (const bytes of [
      "UNB+UNOA:3++HUB+261123:0900+R1'UNH+1+CUSCAR:D:95B:UN'BGM+1'",
      "UNB+UNOA:3+S+R+261123:0900+R1'UNZ+0+R1'",
      '<Root/>',
      '',
    ])
      expect(businessAnswer(receipt('refused'), Buffer.from(bytes))).toBeUndefined()
  })
})
