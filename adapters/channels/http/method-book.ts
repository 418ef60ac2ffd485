// method-book — which methods each address takes, so that a wrong one is told the right ones.
import type { FastifyInstance } from 'fastify'

/** Learns every route registered after it. The result: the methods of a path, empty where there is no such address. */
export function createMethodBook(app: FastifyInstance): (path: string) => string[] {
  const book = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    // `…/*` is what answers when nothing else does.
    if (url.endsWith('*')) return
    if (!book.has(url)) book.set(url, { pattern: patternOf(url), methods: new Set() })
    for (const one of [method].flat()) book.get(url)!.methods.add(one)
  })
  return (path) => {
    const found = new Set<string>()
    for (const { pattern, methods } of book.values())
      if (pattern.test(path)) for (const method of methods) found.add(method)
    return [...found].sort()
  }
}

/** `/v1/messages/:id/receipts`: a parameter is one step of the path. */
function patternOf(url: string): RegExp {
  const steps = url
    .split('/')
    .map((step) => (step.startsWith(':') ? '[^/]+' : step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${steps.join('/')}$`)
}
