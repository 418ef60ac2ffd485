// A ledger that was copied is opened again only where that files nothing twice: no hub has worked by its copy.
import { expect, test } from 'vitest'
import { cleanEnv, cli, root, startHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'

const ledger = (...args: string[]) =>
  run(process.execPath, [cli, 'ledger', ...args, '--why', 'a trial'], { env: cleanEnv(), cwd: root })

test('a source is opened again while its copy is as it was, and closes the copy; afterwards never', async () => {
  const source = await tempDir('hub')
  let hub = await startHub({ dataDir: source })
  const messageId = (await hub.send(freshOrder())).receipts[0]!.messageId
  await hub.receiptsOf(messageId, (all) => all.some((r) => r.status === 'approved'))
  await hub.stop()

  const first = await tempDir('hub')
  expect((await ledger('copy', '--from', source, '--to', first)).code).toBe(0)
  const unsaid = await ledger('reopen', source)
  expect([unsaid.code, unsaid.stderr]).toEqual([1, expect.stringContaining('--copy <place>') as string])
  const opened = await ledger('reopen', source, '--copy', first)
  expect([opened.stderr, opened.code]).toEqual(['', 0])
  const closed = await run(process.execPath, [cli, 'start', '--data', first, '--http-port', '0', '--sftp-port', '0'], {
    env: cleanEnv(),
    cwd: root,
  })
  expect([closed.code, closed.stderr]).toEqual([1, expect.stringContaining('filed twice') as string])

  const second = await tempDir('hub')
  expect((await ledger('copy', '--from', source, '--to', second)).code).toBe(0)
  hub = await startHub({ dataDir: second })
  const running = await ledger('reopen', source, '--copy', second)
  expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('in use by another hub') as string])
  expect((await hub.send(freshOrder())).status).toBe(202)
  await hub.stop()
  const worked = await ledger('reopen', source, '--copy', second)
  expect([worked.code, worked.stderr]).toEqual([1, expect.stringContaining('a hub has worked by') as string])
})
