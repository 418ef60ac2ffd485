// cutting-proxy — stands before one or several servers as a load balancer does, and cuts connections in the middle of a
// transfer when told to.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface CuttingProxy {
  port: number
  /** From now on each connection is cut once this many bytes went through it, either way; until `mend`. */
  cutAfter(bytes: () => number): void
  /**
   * From now on what is asked arrives, and each connection is cut as its answer begins; until `mend`.
   * @param to only where it was asked for with these words
   */
  loseAnswers(to?: string): void
  mend(): void
  /** How many it has cut. */
  cuts(): number
}

/** Each connection goes to the next of the ports that somebody listens on. Gone when the test is over. */
export async function cuttingProxy(ports: number[]): Promise<CuttingProxy> {
  let limit: (() => number) | undefined
  /** The words of what is answered in vain; empty: whatever it is. */
  let answersLost: string | undefined
  let cuts = 0
  let next = 0
  const open = new Set<Socket>()

  /** The first that answers, beginning with the next in turn. */
  async function reach(): Promise<Socket | undefined> {
    const first = next++
    for (let i = 0; i < ports.length; i++) {
      const port = ports[(first + i) % ports.length]!
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const trial = connect({ port, host: '127.0.0.1', noDelay: true })
        trial.once('connect', () => resolve(trial)).once('error', () => resolve(undefined))
      })
      if (socket) return socket
    }
    return undefined
  }

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => {})
    open.add(client)
    client.on('close', () => open.delete(client))
    void reach().then((inner) => {
      if (!inner) return client.resetAndDestroy()
      let left = limit?.()
      const end = () => {
        client.destroy()
        inner.destroy()
      }
      const cut = () => {
        cuts++
        client.resetAndDestroy()
        inner.resetAndDestroy()
      }
      const count = (chunk: Buffer) => {
        left = limit && (left ?? limit())
        if (left === undefined) return
        left -= chunk.length
        if (left <= 0) cut()
      }
      inner.on('error', end).on('close', end)
      let asked = false
      inner.on('data', (chunk: Buffer) => (answersLost === '' || asked ? cut() : count(chunk)))
      client.on('close', end).on('data', (chunk: Buffer) => {
        asked ||= !!answersLost && chunk.includes(answersLost)
        count(chunk)
      })
      client.pipe(inner)
      inner.pipe(client)
      client.resume()
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (bytes) => void (limit = bytes),
    loseAnswers: (to = '') => void (answersLost = to),
    mend() {
      limit = undefined
      answersLost = undefined
    },
    cuts: () => cuts,
  }
}
