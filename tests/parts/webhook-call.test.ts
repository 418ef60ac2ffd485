// One call of a webhook ends, whatever the other side does: a try that never ended would keep a place in which receipts
// are given back, of all partners, until the hub is started anew.
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { postReceipt } from '../../adapters/channels/webhook/webhook.js'
import type { Receipt } from '../../messages/receipt.js'

const receipt: Receipt = {
  receiptId: 'rcp_1',
  messageId: 'msg_1',
  reference: 'R1',
  stage: 'business',
  status: 'released',
  code: 'P',
  text: { zh: '放行', en: 'released' },
  time: '2026-11-29T09:00:00.000Z',
  faults: [],
}

/** Somebody who answers every request with these bytes; `ends`: and hangs up. */
async function answering(wire: string, { ends = false } = {}): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => (ends ? socket.end(wire) : socket.write(wire)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const call = (url: string) =>
  postReceipt({
    ...{ url, secret: 'whsec_1', receipt, deadlineMs: 500 },
    reach: { http: true, loopback: true, allow: [] },
  })

test.each([
  [
    'switches to another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    false,
  ],
  ['only ever says that it goes on', 'HTTP/1.1 103 Early Hints\r\n\r\n', false],
  ['says nothing', '', false],
  ['hangs up', '', true],
  ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n', false],
])('a webhook that %s has not taken the receipt, and the try is over', async (_, wire, ends) => {
  await expect(call(await answering(wire, { ends }))).rejects.toThrow('no answer from the webhook')
})
test('a webhook that answers 200 has taken it, though its answer never ends', async () => {
  await call(await answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'))
})
