// filer — a partner that files at its own pace, in a thread of its own: whoever asks two hundred times a second in the
// same process would keep it waiting, and that is no time of the hub's.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { createCaller } from './connection.mjs'
import { paced } from './paced.mjs'
import { freshSample } from './sample.mjs'

/**
 * @param {{ url: string, headers: Record<string, string> }} hub
 * @returns `file(perSecond, seconds)`, as [paced](./paced.mjs); it fails where one is refused
 */
export function startFiler({ url, headers }) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { url, headers } })
  return {
    async file(/** @type {number} */ perSecond, /** @type {number} */ seconds) {
      worker.postMessage({ perSecond, seconds })
      const [{ result, error }] = await once(worker, 'message')
      if (error) throw new Error(error)
      return result
    },
    stop: () => worker.terminate(),
  }
}

if (!isMainThread && parentPort) {
  const { url, headers } = workerData
  const caller = createCaller(`${url}/v1/messages`)
  const fileOne = async () => {
    const { status, body } = await caller.call({ method: 'POST', headers, body: freshSample() })
    if (status !== 202) throw new Error(`${status} ${body.toString().slice(0, 300)}`)
  }
  parentPort.on('message', ({ perSecond, seconds }) => {
    paced(perSecond, seconds, fileOne).then(
      (result) => parentPort.postMessage({ result }),
      (error) => parentPort.postMessage({ error: error.message }),
    )
  })
}
