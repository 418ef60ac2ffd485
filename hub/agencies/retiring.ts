// retiring — a connector that can be let go while sends are under way: they end first, then it closes. Cutting them
// would put each in doubt.
import type { Connector } from '../../adapters/connectors/connector.js'

/** A connector that knows how many sends it has under way. */
export interface Retiring {
  connector: Connector
  /** Resolves when the last send is over and the connector is closed. */
  retire(): Promise<void>
}

/** Wraps a connector so that its sends are counted. */
export function retiring(inner: Connector): Retiring {
  let underWay = 0
  let idle: (() => void) | undefined
  async function counted<T>(work: () => Promise<T>): Promise<T> {
    underWay++
    try {
      return await work()
    } finally {
      if (--underWay === 0) idle?.()
    }
  }
  const { query } = inner
  return {
    connector: {
      ...inner,
      send: (message, signal) => counted(() => inner.send(message, signal)),
      ...(query ? { query: (...asked: Parameters<typeof query>) => counted(() => query.apply(inner, asked)) } : {}),
    },
    async retire() {
      if (underWay > 0) await new Promise<void>((resolve) => (idle = resolve))
      await inner.close()
    },
  }
}
