// health — is the hub alive, is it ready, and its numbers; open to whoever reaches the door.
import type { Door } from '../app.js'
import type { HttpDoorParts } from '../parts.js'

/** `/`, `/healthz`, `/readyz` and `/metrics`. */
export function healthRoutes(
  app: Door,
  parts: Pick<HttpDoorParts, 'version' | 'health' | 'readiness' | 'metrics'>,
): void {
  app.get('/', { schema: { hide: true } }, async (request, reply) =>
    request.headers.accept?.includes('text/html')
      ? reply.redirect('/monitor')
      : { name: 'Single Window hub', version: parts.version, monitor: '/monitor', interface: '/docs', messages: '/v1' },
  )
  app.get('/healthz', { schema: { hide: true } }, async () => parts.health())
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const report = await parts.readiness()
    return reply.code(report.ready ? 200 : 503).send(report)
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const { contentType, text } = await parts.metrics()
    return reply.type(contentType).send(text)
  })
}
