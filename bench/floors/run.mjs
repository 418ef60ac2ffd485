// All floors, one after the other, each in a process of its own.
import { execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { drive } from '../support/drive.mjs'
import { readyLine } from '../support/hub.mjs'
import { privateRedis } from '../support/redis.mjs'

const run = promisify(execFile)
const here = (file) => fileURLToPath(new URL(file, import.meta.url))
const schema = here('../../xsd/families/ceb/schemas/202205/CEB621Message.xsd')

export async function floors(seconds) {
  const json = async (file, ...args) =>
    JSON.parse((await run(process.execPath, [here(file), ...args.map(String)])).stdout)
  const fastify = await bareFastify(seconds)
  const libxml2 = await json('./libxml2.mjs', schema, seconds)
  const sqlite = await json('./sqlite.mjs', seconds)
  const redis = await privateRedis()
  try {
    const bullmq = await json('./bullmq.mjs', redis.url, seconds)
    return { fastify, libxml2, sqlite, add: bullmq.add, addAndProcess: bullmq.addAndProcess }
  } finally {
    await redis.stop()
  }
}

async function bareFastify(seconds) {
  const child = spawn(process.execPath, [here('./fastify.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const { url } = await readyLine(child)
    return await drive({
      pid: child.pid,
      url: `${url}/v1/messages`,
      headers: { 'content-type': 'application/xml' },
      connections: 64,
      seconds,
    })
  } finally {
    child.stdin.end()
  }
}
