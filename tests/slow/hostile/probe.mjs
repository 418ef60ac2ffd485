// probe — the other partner, in a process of its own: asks /healthz every 20 ms and sends a small order every 100 ms
// until its standard input ends; then prints the longest and the 99th percentile of each, in milliseconds.
import { request, Agent } from 'node:http'

const [url, key, template] = [process.env.PROBE_URL, process.env.PROBE_KEY, process.env.PROBE_ORDER]
const agent = new Agent({ keepAlive: true })
const took = { health: [], send: [] }
const failed = []
const uuid = () => crypto.randomUUID().toUpperCase()
const order = () =>
  template
    .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, uuid)
    .replace(/<((?:ceb:)?orderNo)>[^<]*</, (_, name) => `<${name}>${uuid().slice(0, 18)}<`)

function call(kind, path, body) {
  const begun = performance.now()
  return new Promise((resolve) => {
    const done = (problem) => {
      took[kind].push(performance.now() - begun)
      if (problem) failed.push(`${kind}: ${problem}`)
      resolve()
    }
    const headers = { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/xml' } : {}) }
    const sent = request(url + path, { method: body ? 'POST' : 'GET', headers, agent }, (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode < 300 ? undefined : response.statusCode))
    })
    sent.on('error', (error) => done(error.message))
    sent.end(body)
  })
}

const pending = new Set()
const track = (promise) => {
  pending.add(promise)
  void promise.finally(() => pending.delete(promise))
}
await call('health', '/healthz')
process.stdout.write('"ready"\n')
const timers = [
  setInterval(() => track(call('health', '/healthz')), 20),
  setInterval(() => track(call('send', '/v1/messages', order())), 100),
]
process.stdin.resume()
process.stdin.on('end', async () => {
  timers.forEach(clearInterval)
  await Promise.all(pending)
  agent.destroy()
  const of = (list) => {
    const sorted = [...list].sort((a, b) => a - b)
    return { count: list.length, p99: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0, max: sorted.at(-1) ?? 0 }
  }
  process.stdout.write(`${JSON.stringify({ health: of(took.health), send: of(took.send), failed })}\n`)
})
