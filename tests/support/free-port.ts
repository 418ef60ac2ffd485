// free-port — a port nobody uses just now.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

const tried = (port: number) =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

export const freePort = () => tried(0)

/** For who ends and begins again there: below those the system gives to connections that go out (Linux: from 32768). */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = await tried(20_000 + Math.floor(Math.random() * 12_000)).catch(() => undefined)
    if (port !== undefined) return port
  }
}
