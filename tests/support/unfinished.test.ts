// unfinished — a test that starts a process, makes a folder and never ends. tests/parts/broken-off.test.ts asks what
// becomes of them when its run is broken off; no other run has it.
import { test } from 'vitest'
import { begin } from './process.js'
import { tempDir } from './temp.js'

test('has begun', async () => {
  const folder = await tempDir('unfinished')
  const { pid } = begin('sleep', ['86400'])
  process.stdout.write(`${JSON.stringify({ begun: { folder, pid, worker: process.pid } })}\n`)
  await new Promise(() => {})
})
