// Who may come in while a hub starts: nobody with a key that could be guessed, nobody before everything is there.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.js'
import { cleanEnv, cli, sample, startHub } from '../support/hub.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

test('a hub does not start with an operator’s key that could be guessed, and says how to make one', async () => {
  const dataDir = await tempDir('weak')
  for (const weak of ['a', 'only-thirty-one-characters-long']) {
    const refused = await run(
      process.execPath,
      [cli, 'start', '--data', dataDir, '--http-port', '0', '--sftp-port', '0'],
      {
        env: { ...cleanEnv(), HUB_OPS_KEY: weak },
      },
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/HUB_OPS_KEY.*at least 32 random characters.*openssl rand/)
    expect(refused.stderr).not.toContain(`"${weak}"`)
  }
  await writeFile(`${dataDir}/hub.yaml`, 'operators: [{ name: anna, keyEnv: KEY_OF_ANNA }]\n')
  const named = await run(process.execPath, [cli, 'start', '--data', dataDir], {
    env: { ...cleanEnv(), KEY_OF_ANNA: 'short' },
  })
  expect([named.code, named.stderr]).toEqual([1, expect.stringMatching(/operators.*at least 32/)])
})

test('whoever is let in early finds everything there: every act is done once and audited once', async () => {
  // The address is known before the hub is: callers hammer it from the first moment.
  const port = await freePort()
  const answered: { partnerId: string; status: number }[] = []
  const readyBefore: boolean[] = []
  let over = false
  const dataDir = await tempDir('early')
  const key = 'early-operator-key-0123456789-abcdefghijklmnop'
  const hammer = (async () => {
    for (let i = 0; !over; i++) {
      const partnerId = `early${i}`
      const response = await fetch(`http://127.0.0.1:${port}/ops/partners`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ partnerId, name: '测试早到有限公司' }),
      }).catch(() => undefined)
      if (response) answered.push({ partnerId, status: response.status })
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
      if (ready?.status === 200) readyBefore.push(existsSync(`${dataDir}/demo.env`))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const hub = await startHub({ dataDir, httpPort: port, env: { HUB_OPS_KEY: key } })
  await until('somebody was answered', () => answered.length > 0 && readyBefore.length > 0)
  over = true
  await hammer
  expect(answered.filter(({ status }) => status !== 200)).toEqual([])
  expect(readyBefore).not.toContain(false)
  const asOperator = { headers: { authorization: `Bearer ${key}` } }
  const { audit } = (await (await fetch(`${hub.url}/ops/audit?limit=500`, asOperator)).json()) as {
    audit: { action: string; target: string }[]
  }
  const put = audit.filter(({ action }) => action === 'partner.put').map(({ target }) => target)
  expect(put.sort()).toEqual(answered.map(({ partnerId }) => partnerId).sort())
  // And the simulator, told its way back last of all, finds it.
  const { receipts } = await hub.send(sample('ceb/CEB621Message.xml'))
  await hub.receiptsOf(receipts[0]!.messageId, (all) => all.some((r) => r.stage === 'business'))
})
