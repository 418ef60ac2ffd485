// s3 — an object store that speaks S3: AWS, MinIO, Ceph, OSS. Written once, read again and compared with its name.
import { createHash } from 'node:crypto'
import { S3mini } from 's3mini'
import { HubError } from '../../messages/errors.js'
import type { Payloads, PayloadSettings } from './payloads.js'

const patienceMs = 15_000
const namesAtOnce = 1_000

/**
 * Asks the store nothing until the first object. Each call has its own deadline; what it throws says so by
 * HUB_PAYLOADS_UNAVAILABLE.
 */
export function createS3Payloads(
  { bucket, prefix, endpoint, region, keyId, secret }: PayloadSettings,
  now: () => Date = () => new Date(),
): Payloads {
  const place = `${endpoint.replace(/\/+$/, '')}/${bucket}`
  const client = new S3mini({
    accessKeyId: keyId,
    secretAccessKey: secret,
    endpoint: place,
    region,
    requestAbortTimeout: patienceMs,
  })
  const before = prefix === '' ? '' : `${prefix}/`

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw away(error)
    }
  }

  return {
    name: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`} at ${endpoint}`,
    async put(bytes) {
      const sum = createHash('sha256').update(bytes)
      const hash = sum.copy().digest('hex')
      const object = `${now().toISOString().slice(0, 10)}/${hash}`
      // A store that knows this header refuses what was changed on the way.
      const checked = { 'x-amz-checksum-sha256': sum.digest('base64') }
      const type = 'application/octet-stream'
      const response = await asked(() => client.putObject(before + object, bytes, type, undefined, checked))
      if (!response.ok) throw away(new Error(`the object store answered ${response.status}`))
      return object
    },
    async get(object) {
      const found = await asked(() => client.getObjectArrayBuffer(before + object))
      if (found === null) throw new Error(`there is no object ${object}`)
      const bytes = Buffer.from(found)
      if (createHash('sha256').update(bytes).digest('hex') !== object.slice(object.indexOf('/') + 1))
        throw new Error(`the object ${object} is not what was put`)
      return bytes
    },
    async remove(object) {
      await asked(() => client.deleteObject(before + object))
    },
    async *names() {
      let next: string | undefined
      do {
        const page = await asked(() => client.listObjectsPaged('/', before, namesAtOnce, next))
        const objects = (page?.objects ?? []).map(({ Key }) => Key.slice(before.length))
        if (objects.length > 0) yield objects
        next = page?.nextContinuationToken
      } while (next !== undefined && next !== '')
    },
    async check() {
      // Whether it is there does not matter: the store has answered.
      await asked(() => client.objectExists(`${before}hub-was-here`))
    },
  }
}

/** Its errors carry the request, and the request its signature. */
function away(error: unknown): HubError {
  const { message, code, status } = (error ?? {}) as { message?: string; code?: string; status?: number }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined
  const detail = [status, code, message, cause]
    .filter((one) => one !== undefined && one !== '')
    .join(' ')
    .slice(0, 300)
  return new HubError('HUB_PAYLOADS_UNAVAILABLE', { detail }, { cause: new Error(detail), retryAfterSeconds: 5 })
}
