// page — the files of the ops page at /monitor, read once, behind the operator's key; and the two streams it lives by.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SignedIn } from '../messages/operator.js'
import type { NamesView, Overview } from '../messages/views/index.js'
import type { Tail } from './tail.js'

/** Bytes that may wait for somebody who looks on but does not read. One overview of many agencies is some 30 kB. */
const mostUnread = 1024 * 1024

/** Who looks on is looked at this often. */
const stillInMs = 5_000

/** Open to everybody: the page to sign in, and what it is made of. */
const open = ['sign-in.html', 'sign-in.js', 'style.css', 'dom.js', 'text.js']

/** @see [buildHttpDoor](../hub/boot/http.ts) */
interface PageParts {
  /** Folder of the page's files. */
  dir: string
  /** @see [createOverview](./overview.ts) */
  overview: () => Promise<Overview>
  /**
   * Names of operations and agencies by code, for people.
   * @see [namesOf](../hub/operate/names.ts)
   */
  names: () => NamesView
  tail: Tail
  /** An event of the tail as an operator may see it. */
  shown: <T extends object>(event: T) => Promise<T>
  guard: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** Does who opened a stream still have a right to it? */
  stillIn: (request: FastifyRequest) => Promise<boolean>
  /** Content-Security-Policy of a page of the hub's own. */
  policy: string
  everyMs?: number
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** Puts the page at `/monitor` of the door's server, before it listens. */
export async function mountPage(
  app: FastifyInstance,
  { dir, overview, names, tail, shown, guard, stillIn, policy, everyMs = 2000 }: PageParts,
): Promise<void> {
  const watchers = new Set<(event: string, data: object) => void>()
  let timer: NodeJS.Timeout | undefined
  const streams = new Set<AbortController>()
  app.addHook('preClose', async () => streams.forEach((stream) => stream.abort()))

  /** One look serves all who watch; nobody watching, nobody looks. */
  function look(): void {
    timer ??= setInterval(() => {
      if (watchers.size === 0) {
        clearInterval(timer)
        timer = undefined
        return
      }
      overview().then(
        (seen) => watchers.forEach((watch) => watch('overview', seen)),
        () => {},
      )
    }, everyMs)
  }

  const serveFile = (page: FastifyInstance, name: string, type: string) => {
    const bytes = readFileSync(join(dir, name))
    const serve = async (_request: FastifyRequest, reply: FastifyReply) =>
      reply.header('content-security-policy', policy).type(type).send(bytes)
    page.get(`/monitor/${name.replaceAll('\\', '/')}`, { schema: { hide: true } }, serve)
    if (name === 'index.html') page.get('/monitor', { schema: { hide: true } }, serve)
    if (name === 'sign-in.html') page.get('/monitor/sign-in', { schema: { hide: true } }, serve)
  }
  for (const name of open) serveFile(app, name, types[extname(name)]!)

  await app.register(async (page) => {
    page.addHook('onRequest', guard)
    for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
      const type = types[extname(name)]
      if (type !== undefined && !open.includes(name)) serveFile(page, name, type)
    }

    page.get('/monitor/overview', { schema: { hide: true } }, async ({ signedIn }) =>
      seenBy(await overview(), signedIn),
    )
    page.get('/monitor/names', { schema: { hide: true } }, async () => names())
    page.get('/monitor/events', { schema: { hide: true } }, async (request, reply) => {
      const gone = new AbortController()
      streams.add(gone)
      request.raw.socket.once('close', () => gone.abort())
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        connection: 'close',
      })
      // Who does not read misses events instead of filling the memory.
      const write = (event: string, data: object) =>
        void (
          reply.raw.writableLength > mostUnread || reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        )
      const { signedIn } = request
      const watch = (event: string, data: object) => {
        if (event === 'overview') write(event, seenBy(data as Overview, signedIn))
        else if (isSeenBy(data, signedIn)) tell(event, data)
      }
      // One after the other, in the order in which they happened.
      let telling = Promise.resolve()
      const tell = (event: string, data: object) =>
        void (telling = telling.then(async () => write(event, await shown(data))).catch(() => {}))
      // A session that ends, or an account that is disabled, ends what it holds open.
      const looking = setInterval(
        () =>
          void stillIn(request).then(
            (still) => still || gone.abort(),
            () => {},
          ),
        stillInMs,
      )
      watch('overview', await overview())
      for (const event of tail.recent()) watch('tail', event)
      watchers.add(watch)
      const deaf = tail.listen((event) => watch('tail', event))
      look()
      gone.signal.addEventListener(
        'abort',
        () => {
          clearInterval(looking)
          deaf()
          watchers.delete(watch)
          streams.delete(gone)
          reply.raw.end()
        },
        { once: true },
      )
    })
  })
}

type Seer = Pick<SignedIn, 'agencies'>

/** Without what is of other agencies. */
function seenBy(overview: Overview, { agencies }: Seer): Overview {
  if (agencies === undefined) return overview
  const own = overview.agencies.filter(({ agency }) => agencies.includes(agency))
  const sum = (count: (line: Overview['agencies'][number]) => number) => own.reduce((all, line) => all + count(line), 0)
  const { dead, unclear, held } = { dead: sum((l) => l.dead), unclear: sum((l) => l.unclear), held: sum((l) => l.held) }
  return { ...overview, agencies: own, attention: { ...overview.attention, dead, unclear, held } }
}

/** Who is limited sees the events of its agencies. */
const isSeenBy = (event: { agency?: string }, { agencies }: Seer) =>
  agencies === undefined || (event.agency !== undefined && agencies.includes(event.agency))
