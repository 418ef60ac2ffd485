// Bad input costs its sender an error and costs no one else anything (promise 10). Every case comes through a real
// door, and after each of them the hub still serves others.
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { unfinishedUpload } from '../support/unfinished-upload.js'

const order = () => sample('ceb/CEB311Message.xml').toString()
const encode = (text: string, encoding: string) => iconv.encode(text, encoding)

/** Every case: what it is, its bytes, the code its sender must read, and (where it matters) more about the receipt. */
const cases: {
  what: string
  bytes: () => Buffer | string | Promise<Buffer>
  code: string
  status?: number
  type?: string
  also?: (receipt: Receipt) => void
}[] = [
  { what: 'something that is not XML', bytes: () => '报关单见附件', code: 'HUB_SYNTAX_UNKNOWN' },
  { what: 'an empty body', bytes: () => '', code: 'HUB_EMPTY' },
  {
    what: 'a truncated file',
    bytes: () => order().slice(0, 1500),
    code: 'HUB_XML_NOT_WELL_FORMED',
    also: (r) => expect(r.faults[0]!.line).toBeGreaterThan(5),
  },
  { what: 'GBK bytes that say UTF-8', bytes: () => encode(order(), 'gbk'), code: 'HUB_ENCODING' },
  {
    what: 'an unknown encoding name',
    bytes: () => order().replace(/encoding="[^"]+"/, 'encoding="EBCDIC-9"'),
    code: 'HUB_ENCODING_UNKNOWN',
  },
  {
    what: 'a DOCTYPE',
    bytes: () => order().replace('?>', '?><!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">'),
    code: 'HUB_XML_DOCTYPE',
  },
  { what: 'an entity bomb', bytes: bomb, code: 'HUB_XML_DOCTYPE' },
  {
    what: 'an external entity that would read a file',
    bytes: () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    code: 'HUB_XML_DOCTYPE',
  },
  {
    what: 'an XInclude',
    bytes: () =>
      order().replace(
        /<((?:ceb:)?)Order>/,
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><$1Order>',
      ),
    code: 'HUB_XML_DOCTYPE',
  },
  {
    what: 'a hundred thousand levels of depth',
    bytes: () => '<a>'.repeat(100_000) + '</a>'.repeat(100_000),
    code: 'HUB_TOO_DEEP',
  },
  { what: 'an unknown root', bytes: () => '<Fattura xmlns="urn:other"/>', code: 'HUB_DOCUMENT_UNKNOWN' },
  {
    what: 'the right root in the wrong namespace',
    bytes: () => order().replaceAll('http://www.chinaport.gov.cn/ceb', 'http://www.chinaport.gov.cn/cebb'),
    code: 'HUB_DOCUMENT_NAMESPACE',
  },
  {
    what: 'a hundred faults and more in one message',
    bytes: () =>
      order().replace(/<(ceb:)?OrderList>[\s\S]*?<\/(ceb:)?OrderList>/, (one) =>
        one
          .replace(/(currency>)142(<)/, '$1999$2')
          .replace(/<((?:ceb:)?unit)>[^<]*</, '<$1>TOOLONG<')
          .repeat(60),
      ),
    code: 'HUB_SCHEMA_VIOLATION',
    also: (r) => {
      expect(r.faults.length).toBeGreaterThan(99)
      for (const f of r.faults.slice(0, 99)) {
        expect(f).toMatchObject({
          code: expect.stringMatching(/^HUB_XSD_/) as string,
          path: expect.stringContaining('/CEB311Message/Order') as string,
        })
        expect(f.line).toBeGreaterThan(1)
        expect(f.text.zh).toMatch(/[\u4e00-\u9fff]/)
        expect(f.text.en).toMatch(/[a-z]/)
      }
      expect(r.faults.at(-1)!.code).toBe('HUB_FAULT_LIMIT')
    },
  },
  {
    what: 'a zip with a path that climbs out',
    bytes: () => zip({ '../evil.xml': order() }, true),
    code: 'HUB_ZIP_UNSAFE',
    type: 'application/zip',
  },
  {
    what: 'a zip bomb',
    bytes: () => zip({ 'a.xml': Buffer.alloc(200 * 1024 * 1024, 32) }),
    code: 'HUB_ZIP_UNSAFE',
    type: 'application/zip',
  },
  {
    what: 'a zip without a message',
    bytes: () => zip({ 'invoice.pdf': '%PDF-1.4' }),
    code: 'HUB_ZIP_NO_MESSAGE',
    type: 'application/zip',
  },
  {
    what: 'half a zip',
    bytes: async () => (await zip({ 'a.xml': order() })).subarray(0, 300),
    code: 'HUB_ZIP_INVALID',
    type: 'application/zip',
  },
]

let hub: RunningHub
// One hub for the whole file: what one case does to it, the next one would feel.
beforeAll(async () => {
  const shared = await sharedHub({ env: { HUB_MAX_BYTES: String(20 * 1024 * 1024) } })
  hub = shared.hub
  return shared.remove
})

for (const { what, bytes, code, status = 422, type, also } of cases) {
  test(`${what} is refused with ${code}, and the hub goes on serving others`, async () => {
    const answer = await hub.send(await bytes(), type ? { type } : {})
    expect(answer.status, JSON.stringify(answer.body).slice(0, 500)).toBe(status)
    const receipt = answer.receipts[0]!
    expect(receipt).toMatchObject({ stage: 'technical', status: 'refused', code })
    expect(receipt.text.zh).toMatch(/[\u4e00-\u9fff]/)
    also?.(receipt)
    // Nothing is lost: the refused bytes and their receipt are in the ledger.
    expect(await hub.state(receipt.messageId)).toBe('refused')
    const healthy = await hub.send(
      order().replace(/[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase()),
    )
    expect(healthy.status, JSON.stringify(healthy.body).slice(0, 300)).toBe(202)
  })
}

test('a byte order mark, GBK and GB18030 are read', async () => {
  const fresh = () =>
    order().replace(/[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase())
  const bodies = [
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(fresh())]),
    encode(fresh().replace(/encoding="[^"]+"/, 'encoding="GBK"'), 'gbk'),
    encode(
      fresh()
        .replace(/encoding="[^"]+"/, 'encoding="GB18030"')
        .replace('测试', '测试𠮷'),
      'gb18030',
    ),
  ]
  for (const body of bodies) {
    const answer = await hub.send(body)
    expect(answer.status, JSON.stringify(answer.body).slice(0, 300)).toBe(202)
    const content = Buffer.from(
      await (await hub.get(`/v1/messages/${answer.receipts[0]!.messageId}/content`)).arrayBuffer(),
    )
    expect(content.equals(body), 'bytes are kept as received (promise 5)').toBe(true)
  }
})

test('a body of 60 MB is refused by the limit over HTTP and SFTP, and memory stays flat', async () => {
  const big = Buffer.alloc(60 * 1024 * 1024, 0x20)
  big.write('<?xml version="1.0"?><a>')
  const before = await residentMb(hub.pid)
  for (let i = 0; i < 3; i++) expect((await hub.send(big)).status).toBe(413)
  const file = join(hub.dataDir, 'big.xml')
  await writeFile(file, big)
  const put = await hub.sftp(`put ${file} OutBox/big.xml\n`)
  expect(put.code).not.toBe(0)
  const list = await hub.sftp('ls -1 OutBox\nls -1 SentBox')
  expect(list.stdout).not.toContain('big.xml')
  expect((await residentMb(hub.pid)) - before).toBeLessThan(120)
})

test('a gzip bomb in Content-Encoding is refused, cheaply', async () => {
  const answer = await hub.send(gzipSync(Buffer.alloc(300 * 1024 * 1024, 32)), {
    headers: { 'content-encoding': 'gzip' },
  })
  expect(answer.status).toBe(413)
})

test('a request body that never finishes does not hold up anyone', async () => {
  const { hostname, port } = new URL(hub.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${hub.env.HUB_KEY}\r\nContent-Type: ` +
      `application/xml\r\nContent-Length: 5000\r\n\r\n<a>`,
  )
  try {
    expect((await hub.send(order())).status).toBeLessThan(300)
  } finally {
    socket.destroy()
  }
})

test('an unknown media type, an unknown call and a missing key each say what to do', async () => {
  for (const [response, status, code] of [
    [await hub.send(order(), { type: 'image/png' }), 415, 'HUB_MEDIA_TYPE'],
    [await hub.send(order(), { path: '/v1/nothing' }), 404, 'HUB_NOT_FOUND'],
    [await hub.send(order(), { key: 'wrong' }), 401, 'HUB_UNAUTHENTICATED'],
  ] as const) {
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(response.body).toMatchObject({
      code,
      status,
      remedy: { zh: expect.any(String) as string, en: expect.any(String) as string },
    })
  }
})

test('a file over SFTP that is never finished is not taken, and is gone', async () => {
  await unfinishedUpload(hub, 'half.xml', Buffer.from(order().slice(0, 800)))
  const list = await hub.sftp('ls -1 OutBox\nls -1 SentBox\nls -1 FailBox')
  expect(list.stdout).not.toContain('half.xml')
})

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
  return `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">${levels}]><a>&l12;</a>`
}

async function zip(files: Record<string, string | Buffer>, evil = false): Promise<Buffer> {
  const out = new ZipFile()
  for (const [name, content] of Object.entries(files))
    out.addBuffer(Buffer.from(content), evil ? name.replace('../', 'xx/') : name)
  out.end()
  const chunks: Buffer[] = []
  for await (const chunk of out.outputStream) chunks.push(chunk as Buffer)
  const whole = Buffer.concat(chunks)
  // yazl refuses to write a climbing path, as it should; an attacker is not so kind.
  return evil ? Buffer.from(whole.toString('latin1').replaceAll('xx/', '../'), 'latin1') : whole
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024
}
