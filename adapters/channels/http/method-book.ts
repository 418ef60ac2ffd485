// method-book — which methods each address takes, so that a wrong one is told the right ones.
import type { FastifyInstance } from 'fastify'

/** The addresses of a door with their methods. */
interface MethodBook {
  /** The methods of a path, empty where there is no such address. */
  (path: string): string[]
  /** Every route: `GET /v1/messages/:id`. */
  routes(): string[]
}

/** Learns every route registered after it. */
export function createMethodBook(app: FastifyInstance): MethodBook {
  const book = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    // `…/*` is what answers when nothing else does.
    if (url.endsWith('*')) return
    if (!book.has(url)) book.set(url, { pattern: patternOf(url), methods: new Set() })
    for (const one of [method].flat()) book.get(url)!.methods.add(one)
  })
  const methodsOf = (path: string) => {
    const found = new Set<string>()
    for (const { pattern, methods } of book.values())
      if (pattern.test(path)) for (const method of methods) found.add(method)
    return [...found].sort()
  }
  const routes = () =>
    [...book].flatMap(([url, { methods }]) => [...methods].map((method) => `${method} ${url}`)).sort()
  return Object.assign(methodsOf, { routes })
}

/** `/v1/messages/:id/receipts`: a parameter is one step of the path. */
function patternOf(url: string): RegExp {
  const steps = url
    .split('/')
    .map((step) => (step.startsWith(':') ? '[^/]+' : step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${steps.join('/')}$`)
}
