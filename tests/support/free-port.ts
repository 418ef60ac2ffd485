// free-port — a port nobody uses, and nobody will be given: below those that the system gives to connections that go
// out and to servers that ask for any (Linux: from 32768).
import { createServer } from 'node:net'

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

const lowest = 20_000
/** So many has each process of a run for itself, and takes one after the other: from a look to a start pass seconds. */
const share = 1_500
const own = lowest + share * (Number(process.env.VITEST_POOL_ID ?? 0) % 8)
let next = Math.floor(Math.random() * share)

export async function freePort(): Promise<number> {
  for (;;) {
    const port = own + (next++ % share)
    if (await isFree(port)) return port
  }
}
