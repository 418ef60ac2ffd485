// A connection to a Redis Cluster of which a node hangs just when it connects: BullMQ's workers wait for it.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectPatient } from '../../../queues/connection.js'

/** A node with all slots, which says nothing to so many questions of how the cluster is. */
async function nodeThatHangs() {
  const node = { silent: 0, asked: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let rest = ''
    socket.on('data', (bytes) => {
      rest += bytes.toString()
      for (;;) {
        // *2 $7 cluster $5 slots
        const [head, count] = /^\*(\d+)\r\n/.exec(rest) ?? []
        const parts = head && new RegExp(`^(?:\\$\\d+\\r\\n(.*)\\r\\n){${count}}`).exec(rest.slice(head.length))
        if (!head || !parts) return
        const said = [...parts[0].matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, word]) => word!.toLowerCase())
        rest = rest.slice(head.length + parts[0].length)
        const answer = answerTo(said.join(' '))
        if (answer !== undefined) socket.write(answer)
      }
    })
  })
  function answerTo(command: string): string | undefined {
    const text = (words: string) => `$${words.length}\r\n${words}\r\n`
    const { port } = server.address() as AddressInfo
    if (command === 'cluster slots')
      return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${text('127.0.0.1')}:${port}\r\n${text('id')}`
    if (command === 'cluster info') return node.asked++ < node.silent ? undefined : text('cluster_state:ok')
    if (command.startsWith('info')) return text('loading:0')
    if (command.startsWith('exists')) return ':0\r\n'
    return '+OK\r\n'
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const silence = (questions: number) => Object.assign(node, { silent: questions, asked: 0 })
  return { silence, node, url: `redis+cluster://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
const log = { info() {}, warn() {}, error() {} }

test('a worker’s connection that gets no answer of a node tries again, and who waits for it goes on', async () => {
  const { silence, node, url } = await nodeThatHangs()
  const shared = connectPatient(url, log)
  onTestFinished(() => shared.disconnect())
  await once(shared, 'ready')

  silence(1)
  const worker = shared.duplicate()
  onTestFinished(() => worker.disconnect())
  await once(worker, 'ready')
  expect(node.asked).toBe(2)

  // BullMQ waited for a job too long: it closes the connection and waits until it is open again.
  const ended = once(worker, 'end')
  worker.disconnect()
  await ended
  silence(1)
  await worker.connect()
  expect(worker.status).toBe('ready')
  expect(await worker.exists('{hub}:health')).toBe(0)
})
