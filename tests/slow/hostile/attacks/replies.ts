// replies — what an agency, or somebody with its credentials, posts back: very large, of very many entries, nested,
// broken.
import { expect } from 'vitest'
import { sample } from '../../../support/hub.js'
import { until } from '../../../support/until.js'
import { sized, type Attack, type Ground } from '../attack.js'

const entry = (i: number) =>
  `<ceb:OrderReturn><ceb:guid>${crypto.randomUUID().toUpperCase()}</ceb:guid><ceb:ebpCode>1</ceb:ebpCode>` +
  `<ceb:ebcCode>1</ceb:ebcCode><ceb:orderNo>HOSTILE${i}</ceb:orderNo><ceb:returnStatus>2</ceb:returnStatus>` +
  '<ceb:returnTime>20260101120000</ceb:returnTime><ceb:returnInfo>测试</ceb:returnInfo></ceb:OrderReturn>'
const answer = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><ceb:CEB312Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" ` +
  `guid="${crypto.randomUUID()}" version="v1.0">${body}</ceb:CEB312Message>`

const entries = sized(80_000, 15_000)
const contrls = sized(60_000, 20_000)

let thrown: Buffer
const settled = (ground: Ground, orphans: number) =>
  until(
    'the answer to be settled',
    async () => (await ground.hub.ops<{ orphans: number }>('/ops/status')).orphans > orphans,
    180_000,
  )

function reply(name: string, make: () => string, more: Partial<Attack> = {}): Attack {
  return {
    name,
    prepare: () => void (thrown = Buffer.from(make())),
    async run(ground) {
      const { orphans } = await ground.hub.ops<{ orphans: number }>('/ops/status')
      expect(await ground.callBack(thrown)).toBe(202)
      await settled(ground, orphans)
      return { tried: `${(thrown.length / 1e6).toFixed(0)} MB`, survived: 'kept, an orphan for a person' }
    },
    ...more,
  }
}

const attacks: Attack[] = [
  reply(`an agency’s answer of ${entries.said} entries`, () =>
    answer(Array.from({ length: entries.count }, (_, i) => entry(i)).join('')),
  ),
  reply('an agency’s answer of 10 million empty elements', () => answer('<a/>'.repeat(7_500_000)), { big: true }),
  reply('an agency’s answer of one text of 30 MB', () => answer(`<a>${'测试'.repeat(5_000_000)}</a>`)),
  reply('an agency’s answer with 500,000 attributes', () =>
    answer(`<a ${Array.from({ length: 500_000 }, (_, i) => `b${i}="1"`).join(' ')}/>`),
  ),
  reply('an agency’s answer nested 100,000 deep', () => answer('<a>'.repeat(100_000) + '</a>'.repeat(100_000))),
  reply(`an agency’s EDIFACT answer of ${contrls.said} CONTRLs`, () =>
    Array.from(
      { length: contrls.count },
      (_, i) => `UNB+UNOC:3+A+B+200101:0000+${i}'UNH+1+CONTRL:D:3:UN'UCI+X${i}+A+B+7'UNT+3+1'UNZ+1+${i}'`,
    ).join(''),
  ),
  {
    name: 'an order answered by a receipt of 28 MB',
    prepare() {
      thrown = Buffer.alloc(28 << 20, 'x')
    },
    async run(ground) {
      const { hub } = ground
      const order = sample('ceb/CEB311Message.xml')
        .toString()
        .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase())
      const guid = /guid[^0-9A-F]*([0-9A-F-]{36})/.exec(order)![1]!
      const sent = await hub.send(order, { key: ground.key })
      expect([200, 202]).toContain(sent.status)
      const said = answer(entry(1).replace(/guid>[^<]*</, `guid>${guid}<`) + `<!--${thrown.toString()}-->`)
      await ground.callBack(Buffer.from(said))
      const { orphans } = await hub.ops<{ orphans: number }>('/ops/status')
      await until(
        'the answer to be settled',
        async () => {
          const { receipts } = await hub.read<{ receipts: unknown[] }>(
            `/v1/messages/${sent.receipts[0]!.messageId}/receipts`,
          )
          return receipts.length > 1 || (await hub.ops<{ orphans: number }>('/ops/status')).orphans > orphans
        },
        120_000,
      )
      return { tried: '28 MB', survived: 'kept and settled' }
    },
  },
]
export default attacks
