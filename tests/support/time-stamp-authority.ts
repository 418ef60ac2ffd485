// time-stamp-authority — a real one for tests: OpenSSL answers requests of RFC 3161, behind a small HTTP server of the
// test's own. It can be away.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { run } from './process.js'

export interface TestAuthority {
  url: string
  /** The certificate its own leads to. */
  caFile: string
  /** What it was asked, byte for byte. */
  asked: Buffer[]
  /** It answers 503 until told otherwise. */
  isAway(away: boolean): void
  remove(): Promise<void>
}

const config = (dir: string) => `
[tsa]
default_tsa = one
[one]
dir = ${dir}
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

export async function startTimeStampAuthority({ algorithm = 'rsa:2048' } = {}): Promise<TestAuthority> {
  const dir = await mkdtemp(join(tmpdir(), 'tsa-'))
  const openssl = async (...args: string[]) => {
    const done = await run('openssl', args, { cwd: dir })
    if (done.code !== 0) throw new Error(done.stderr)
  }
  const key = algorithm === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', algorithm]
  await writeFile(join(dir, 'tsa.cnf'), config(dir))
  await writeFile(join(dir, 'serial'), '01\n')
  await writeFile(join(dir, 'use.cnf'), 'extendedKeyUsage = critical, timeStamping\n')
  const days = ['-days', '30', '-nodes']
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    ...days,
    '-subj',
    '/CN=Test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  await openssl('req', ...key, '-nodes', '-subj', '/O=Test/CN=Test TSA', '-keyout', 'tsa.key', '-out', 'tsa.csr')
  await openssl(
    ...['x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '30', '-extfile', 'use.cnf', '-out', 'tsa.pem'],
  )
  const asked: Buffer[] = []
  let away = false
  let answers: Promise<unknown> = Promise.resolve()
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await buffer(request)
      asked.push(body)
      if (away) return response.writeHead(503).end()
      if (request.headers['content-type'] !== 'application/timestamp-query') return response.writeHead(415).end()
      await writeFile(join(dir, 'query.tsq'), body)
      await openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'answer.tsr')
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' })
      response.end(await readFile(join(dir, 'answer.tsr')))
    }
    // One after the other: they share files.
    answers = answers.then(answer).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`,
    caFile: join(dir, 'ca.pem'),
    asked,
    isAway: (is) => void (away = is),
    async remove() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await rm(dir, { recursive: true, force: true })
    },
  }
}
