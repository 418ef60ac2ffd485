// described — OpenAPI of the door: /openapi.json, and its pages at /docs.
import { Readable } from 'node:stream'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply } from 'fastify'
import type { Door } from '../app.js'
import { completeOpenApi, securitySchemes, tags, type OpenApi } from '../openapi.js'
import type { CatalogueParts } from '../parts/catalogue.js'
import type { QueriesParts } from '../parts/queries.js'
import { ownPage } from '../security-headers.js'

const pieceBytes = 64 * 1024

type DescribedParts = Pick<CatalogueParts, 'example'> & Pick<QueriesParts, 'queries' | 'query'> & { version: string }

/** Before every route that is to be described. */
export async function describe(app: Door, parts: DescribedParts): Promise<void> {
  /** It is large, and the same as long as the hub runs; bytes, so that all who read it slowly hold the same ones. */
  let described: Buffer | undefined
  function give(reply: FastifyReply) {
    const bytes = (described ??= Buffer.from(JSON.stringify(app.swagger())))
    return reply
      .type('application/json; charset=utf-8')
      .header('content-length', bytes.length)
      .send(Readable.from(piecesOf(bytes)))
  }
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Single Window hub 国际贸易单一窗口报文交换',
        version: parts.version,
        description: 'Send declarations, get every receipt. Errors are application/problem+json with a HUB_ code.',
      },
      servers: [{ url: '/', description: 'This hub' }],
      tags,
      components: { securitySchemes },
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? (completeOpenApi(document.openapiObject as OpenApi, {
            xml: parts.example('10.1.1.1.1')?.toString(),
            edifact: parts.example('2.6.5.1.1')?.toString(),
            queries: parts.queries().map(({ operation }) => parts.query(operation)),
          }) as typeof document.openapiObject)
        : document.swaggerObject,
  })
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => give(reply))
  await app.register(swaggerUi, {
    ...{ routePrefix: '/docs', logLevel: 'silent', staticCSP: ownPage },
    // The page's own two forms of it would be written anew for everybody who asks.
    uiHooks: {
      onRequest: (request, reply, next) => void (/^\/docs\/(json|yaml)\b/.test(request.url) ? give(reply) : next()),
    },
  })
}

/** Of bytes that are written at once TLS makes its own copy for each who reads them. */
function* piecesOf(bytes: Buffer): Generator<Buffer, void, void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
