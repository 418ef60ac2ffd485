// object-store — a real server that speaks S3, a process of its own in a folder of its own: it can be killed and
// started again.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.js'
import { begin, ended } from './process.js'
import { root } from './hub.js'
import { tempDir } from './temp.js'
import { until } from './until.js'

const program = `
const S3rver = require('s3rver')
const [directory, port] = process.argv.slice(1)
const where = { address: '127.0.0.1', port: Number(port), silent: true, directory }
new S3rver({ ...where, vhostBuckets: false, configureBuckets: [{ name: 'hub' }] }).run()
`

export interface OwnObjectStore {
  /** What a hub is told of it. */
  env: Record<string, string>
  /** Names of its objects, without the prefix. */
  objects(): Promise<string[]>
  /** The file of an object's bytes. */
  file(object: string): string
  start(): Promise<void>
  stop(): Promise<void>
}

export async function ownObjectStore(): Promise<OwnObjectStore> {
  const dir = await tempDir('s3')
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const prefix = join(dir, 'hub', 'of-test')
  let child: ReturnType<typeof begin> | undefined
  const store: OwnObjectStore = {
    env: {
      HUB_PAYLOADS: 's3://hub/of-test',
      HUB_PAYLOADS_ENDPOINT: endpoint,
      // The pair this server knows.
      HUB_PAYLOADS_KEY_ID: 'S3RVER',
      HUB_PAYLOADS_SECRET: 'S3RVER',
    },
    async objects() {
      const days = await readdir(prefix).catch(() => [] as string[])
      const found = await Promise.all(
        days.map(async (day) => (await readdir(join(prefix, day))).map((name) => `${day}/${name}`)),
      )
      return found
        .flat()
        .filter((name) => name.endsWith('._S3rver_object'))
        .map((name) => name.slice(0, -'._S3rver_object'.length))
        .sort()
    },
    file: (object) => join(prefix, `${object}._S3rver_object`),
    async start() {
      child = begin(process.execPath, ['-e', program, dir, String(port)], { cwd: root })
      child.stdout!.resume()
      child.stderr!.resume()
      await until(
        'the object store to answer',
        async () => (await fetch(endpoint).catch(() => undefined)) !== undefined,
      )
    },
    async stop() {
      child?.kill('SIGKILL')
      if (child) await ended(child)
      child = undefined
    },
  }
  await store.start()
  onTestFinished(() => store.stop())
  return store
}
