// bombs — small bodies that become large, and documents that are built to be slow to read.
import { gzipSync } from 'node:zlib'
import { expectRefused, type Attack } from '../attack.js'

const attacks: Attack[] = [
  {
    name: 'XML nested 100,000 deep',
    async run({ hub }) {
      expectRefused(await hub.send('<a>'.repeat(100_000) + '</a>'.repeat(100_000)), 422, 'HUB_TOO_DEEP')
      return { tried: '0.7 MB', survived: 'refused: too deep' }
    },
  },
  {
    name: 'gzip of 40 MB of nothing',
    async run({ hub }) {
      const { status, body } = await hub.send(gzipSync(Buffer.alloc(40 << 20, ' ')), {
        headers: { 'content-encoding': 'gzip' },
      })
      if (status !== 413 || body.code !== 'HUB_TOO_LARGE') throw new Error(`${status} ${String(body.code)}`)
      return { tried: '40 kB', survived: 'refused: too large' }
    },
  },
]
export default attacks
