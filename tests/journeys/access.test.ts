// Who may come in, and how that is taken back: keys and passwords are listed, expire and are revoked; a partner is shut
// out at once; what is changed of a partner is what was named; and every such act stands in the audit, in one write
// with what it did.
import { mkdir, symlink, rm, writeFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { soundKeyPair } from '../../adapters/channels/sftp/host-key.js'
import { sample, type RunningHub } from '../support/hub.js'
import { usedBeforeItEnds } from '../support/in-time.js'
import { sharedHub } from '../support/shared-hub.js'
import { patienceMs, until } from '../support/until.js'

interface Key {
  id: string
  kind: string
  label: string
  createdAt: string
  lastUsedAt?: string
  expiresAt?: string
}
interface Made {
  id: string
  secret: string
}
interface PartnerView {
  partnerId: string
  name: string
  disabled: boolean
  settings: { rights: string[]; receipts: string; webhook?: object }
}

describe('access', () => {
  let hub: RunningHub
  let remove: () => Promise<void>
  let n = 0
  beforeAll(async () => {
    ;({ hub, remove } = await sharedHub())
    return remove
  })

  async function ops(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(hub.url + path, {
      method,
      headers: {
        authorization: `Bearer ${hub.env.HUB_OPS_KEY}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  async function newPartner(rights: string[] | null = ['*']): Promise<string> {
    const partnerId = `p${++n}`
    await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', ...(rights ? { settings: { rights } } : {}) })
    return partnerId
  }
  const newKey = (partnerId: string, more: object = {}) =>
    hub.ops<Made>(`/ops/partners/${partnerId}/keys`, { kind: 'http', ...more })
  const keysOf = async (partnerId: string) => (await hub.ops<{ keys: Key[] }>(`/ops/partners/${partnerId}/keys`)).keys
  const opens = async (key: string) => (await hub.get('/v1/messages', { key })).status
  const partner = async (partnerId: string) =>
    (await hub.ops<{ partners: PartnerView[] }>('/ops/partners')).partners.find((p) => p.partnerId === partnerId)!
  const audit = async (target: string) =>
    (
      await hub.ops<{ audit: { action: string; who: string; why: string; detail: Record<string, unknown> }[] }>(
        `/ops/audit?target=${encodeURIComponent(target)}`,
      )
    ).audit

  test('a key is replaced without a gap: the old one works until it is revoked by its id', async () => {
    const p = await newPartner()
    const old = await newKey(p, { label: 'since spring' })
    const fresh = await newKey(p)
    expect([await opens(old.secret), await opens(fresh.secret)]).toEqual([200, 200])
    const listed = await until('both were seen to be used', async () => {
      const keys = await keysOf(p)
      return keys.every((key) => key.lastUsedAt) && keys
    })
    expect(listed.map(({ id, kind, label }) => ({ id, kind, label }))).toEqual([
      { id: old.id, kind: 'http', label: 'since spring' },
      { id: fresh.id, kind: 'http', label: '' },
    ])
    expect(JSON.stringify(listed)).not.toContain(old.secret)
    expect((await ops('DELETE', `/ops/partners/${p}/keys/${old.id}?why=left+the+company`)).status).toBe(200)
    expect([await opens(old.secret), await opens(fresh.secret)]).toEqual([401, 200])
    expect((await keysOf(p)).map(({ id }) => id)).toEqual([fresh.id])
    expect((await ops('DELETE', `/ops/partners/${p}/keys/${old.id}`)).status).toBe(404)
    // Nor may one partner's key be taken under another's name.
    expect((await ops('DELETE', `/ops/partners/demo/keys/${fresh.id}`)).status).toBe(404)
    expect(await opens(fresh.secret)).toBe(200)
    expect((await audit(p))[0]).toMatchObject({
      action: 'partner.revoke',
      why: 'left the company',
      detail: { id: old.id },
    })
  })

  test('a key that expires opens nothing from then on', async () => {
    const p = await newPartner()
    const { used } = await usedBeforeItEnds(async (end) => {
      const soon = await newKey(p, { expiresAt: end.toISOString() })
      return { secret: soon.secret, status: await opens(soon.secret) }
    })
    expect(used.status).toBe(200)
    await until('it has expired', async () => (await opens(used.secret)) === 401)
    expect(
      (await ops('POST', `/ops/partners/${p}/keys`, { kind: 'http', expiresAt: '2020-01-01T00:00:00Z' })).status,
    ).toBe(400)
  })

  test.each(['revoked', 'disabled'])('what a key holds open ends within a second when it is %s', async (how) => {
    const p = await newPartner()
    const { id, secret } = await newKey(p)
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const stream = await fetch(`${hub.url}/v1/events`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: stop.signal,
    })
    expect(stream.status).toBe(200)
    const streamEnds = (async () => {
      let seen = ''
      for await (const chunk of stream.body!) seen += Buffer.from(chunk).toString()
      return seen
    })()
    const poll = hub.get('/v1/receipts?wait=50', { key: secret })
    // Both stand when a third call has been answered.
    expect(await opens(secret)).toBe(200)
    const begun = Date.now()
    if (how === 'revoked') await ops('DELETE', `/ops/partners/${p}/keys/${id}`)
    else await ops('POST', `/ops/partners/${p}/disable`, { why: 'contract ended' })
    expect((await poll).status).toBe(401)
    expect(await streamEnds).not.toContain('data:')
    expect(Date.now() - begun, 'the poll would wait for fifty seconds').toBeLessThan(20_000)
    expect(await opens(secret)).toBe(401)
    if (how === 'revoked') return
    await ops('POST', `/ops/partners/${p}/enable`, {})
    expect(await opens(secret)).toBe(200)
    expect((await audit(p)).map(({ action }) => action).slice(0, 2)).toEqual(['partner.enable', 'partner.disable'])
  })

  test('changing a partner changes what is named and nothing else', async () => {
    const p = await newPartner(['10.1'])
    await ops('POST', '/ops/partners', {
      partnerId: p,
      settings: { receipts: 'native' },
      sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAvB desk'],
    })
    await ops('POST', `/ops/partners/${p}/disable`)
    await ops('POST', '/ops/partners', { partnerId: p, name: '测试新名有限公司' })
    expect(await partner(p)).toMatchObject({
      name: '测试新名有限公司',
      disabled: true,
      settings: { rights: ['10.1'], receipts: 'native' },
    })
    const keys = (await keysOf(p)).length
    const named = await hub.cli('partner', 'add', p, '-n', '测试又名有限公司')
    expect(named.code, named.stderr).toBe(0)
    expect(await partner(p)).toMatchObject({
      name: '测试又名有限公司',
      disabled: true,
      settings: { rights: ['10.1'], receipts: 'native' },
    })
    expect(await keysOf(p)).toHaveLength(keys)
    // A public key is taken back by its fingerprint.
    const [ssh] = await keysOf(p)
    expect(ssh).toMatchObject({ kind: 'ssh', label: 'desk' })
    expect((await ops('DELETE', `/ops/partners/${p}/keys/${encodeURIComponent(ssh!.id)}`)).status).toBe(200)
    expect(await keysOf(p)).toEqual([])
  })

  test('a new partner may do nothing until it has rights, and a misspelt setting is a fault', async () => {
    const p = await newPartner(null)
    expect((await partner(p)).settings.rights).toEqual([])
    const { secret } = await newKey(p)
    expect((await hub.send(sample('ceb/CEB621Message.xml'), { key: secret })).receipts[0]!.code).toBe(
      'HUB_OPERATION_FORBIDDEN',
    )
    for (const [settings, said] of [
      [{ right: ['10.1'] }, /settings\/right: .*did you mean rights\?/],
      [{ rights: ['ten'] }, /settings\/rights\/0 = "ten"/],
      [
        { poll: { host: 'a', username: 'b', hostKey: 'c', passwordEnvv: 'X' } },
        /passwordEnvv.*did you mean passwordEnv\?/,
      ],
      [{ returns: { bussiness: 'http' } }, /bussiness.*did you mean business\?/],
      [{ edifact: { charsets: 'gbk' } }, /charsets.*did you mean charset\?/],
    ] as const) {
      const { status, body } = await ops('POST', '/ops/partners', { partnerId: p, settings })
      expect([status, body.detail]).toEqual([400, expect.stringMatching(said)])
    }
    expect((await ops('POST', '/ops/partners', { partnerId: p, right: ['*'] })).status).toBe(400)
    expect((await partner(p)).settings.rights).toEqual([])
    expect((await ops('POST', '/ops/partners', { partnerId: 'nameless' })).status).toBe(400)
    const added = await hub.cli('partner', 'add', 'by-hand', '-n', '测试手工有限公司')
    expect([added.code, (await partner('by-hand')).settings.rights]).toEqual([0, []])
    expect(added.stderr).toContain('may do nothing yet')
  })

  test('the command line lists, makes, revokes; shuts out and lets in', async () => {
    const p = await newPartner()
    const made = JSON.parse(
      (await hub.cli('partner', 'key', p, '--expires', '30', '--label', 'robot', '--json')).stdout,
    ) as Made
    expect(await opens(made.secret)).toBe(200)
    const listed = (await hub.cli('partner', 'keys', p)).stdout
    expect(listed).toMatch(new RegExp(`${made.id} +http +robot`))
    expect(listed).not.toContain(made.secret)
    expect((await hub.cli('partner', 'disable', p, '--why', 'unpaid')).code).toBe(0)
    expect(await opens(made.secret)).toBe(401)
    expect((await hub.cli('partner', 'enable', p)).code).toBe(0)
    expect(await opens(made.secret)).toBe(200)
    expect((await hub.cli('partner', 'revoke', p, made.id)).code).toBe(0)
    expect(await opens(made.secret)).toBe(401)
    expect((await hub.cli('partner', 'revoke', p, made.id)).code).toBe(1)
  })

  // The door looks by itself every five seconds. Who is told to end has ended before the operator has the answer.
  describe('an SFTP session ends at once', () => {
    const withKey = soundKeyPair('access')
    async function session(partnerId: string, login: { password: string } | { privateKey: string }) {
      const client = new ssh2.Client()
      onTestFinished(() => void client.destroy())
      await new Promise<void>((resolve, reject) => {
        client.on('ready', resolve).on('error', reject)
        client.connect({
          readyTimeout: patienceMs,
          host: '127.0.0.1',
          port: Number(hub.env.HUB_SFTP_PORT),
          username: partnerId,
          ...login,
        })
      })
      client.removeAllListeners('error').on('error', () => {})
      let ended = false
      const closed = new Promise<false>((resolve) => client.on('close', () => ((ended = true), resolve(false))))
      const sftp = await promised<ssh2.SFTPWrapper>((done) => client.sftp(done))
      // Who asks a connection that has ended may get no answer.
      const answers = () => promised((done) => sftp.readdir('/', done)).then(Boolean, () => false)
      const alive = () => Promise.race([answers(), closed])
      return { sftp, alive, ended: () => ended }
    }
    const promised = <T>(start: (done: (error: Error | null | undefined, value: T) => void) => void) =>
      new Promise<T>((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))
    /** Half of a message under its final name, and under a temporary one. */
    async function halfSent(sftp: ssh2.SFTPWrapper) {
      const bytes = sample('ceb/CEB311Message.xml').subarray(0, 500)
      for (const name of ['half.xml', 'half.part']) {
        const handle = await promised<Buffer>((done) => sftp.open(`/OutBox/${name}`, 'w', done))
        await promised((done) => sftp.write(handle, bytes, 0, bytes.length, 0, (error) => done(error, undefined)))
      }
    }
    const filed = async (key: string) => (await hub.read<{ messages: unknown[] }>('/v1/messages', { key })).messages

    test('of a partner that is disabled; what was half sent is not filed, and others go on', async () => {
      const [p, q] = [await newPartner(), await newPartner()]
      const http = (await newKey(p)).secret
      const one = await session(p, { password: (await newKey(p, { kind: 'sftp' })).secret })
      const other = await session(q, { password: (await newKey(q, { kind: 'sftp' })).secret })
      await halfSent(one.sftp)
      await ops('POST', `/ops/partners/${p}/disable`, { why: 'test' })
      expect([await one.alive(), await other.alive()]).toEqual([false, true])
      await ops('POST', `/ops/partners/${p}/enable`, { why: 'test' })
      expect(await filed(http)).toEqual([])
      const again = await session(p, { password: (await newKey(p, { kind: 'sftp' })).secret })
      for (const box of ['OutBox', 'SentBox', 'FailBox'])
        expect(await promised((done) => again.sftp.readdir(`/${box}`, done)), box).toEqual([])
    })

    test('whose password is revoked, or expires; the one of another password goes on', async () => {
      const p = await newPartner()
      const [revoked, kept] = [await newKey(p, { kind: 'sftp' }), await newKey(p, { kind: 'sftp' })]
      const sessions = await Promise.all([revoked, kept].map(({ secret }) => session(p, { password: secret })))
      await ops('DELETE', `/ops/partners/${p}/keys/${revoked.id}`)
      expect([await sessions[0]!.alive(), await sessions[1]!.alive()]).toEqual([false, true])
      // Nobody tells the door of the time: it looks every few seconds.
      const { used: expiring } = await usedBeforeItEnds(async (end) => {
        const { secret } = await newKey(p, { kind: 'sftp', expiresAt: end.toISOString() })
        return session(p, { password: secret })
      })
      await until('it has expired', expiring.ended)
      expect(await sessions[1]!.alive()).toBe(true)
    })

    test('whose SSH key is removed', async () => {
      const p = await newPartner()
      const put = (sshKeys: string[]) => hub.ops('/ops/partners', { partnerId: p, name: '测试报关有限公司', sshKeys })
      await put([withKey.public.trim()])
      const one = await session(p, { privateKey: withKey.private })
      await halfSent(one.sftp)
      await put([])
      expect(await one.alive()).toBe(false)
      await expect(session(p, { privateKey: withKey.private })).rejects.toThrow()
    })
  })

  test('keys that open nothing are logged, counted and audited; who guesses waits, nobody else', async () => {
    const p = await newPartner()
    const { secret } = await newKey(p)
    expect(await opens(secret)).toBe(200)
    // A client with one wrong key, however often it comes, is answered at once.
    for (let i = 0; i < 30; i++) expect(await opens('hub_http_mistyped')).toBe(401)
    const guess = async (i: number) => (await hub.get('/v1/messages', { key: `guess-${i}-${Math.random()}` })).status
    for (let i = 0; i < 9; i++) await guess(i)
    const begun = Date.now()
    let allAnswered = false
    const guesses = Promise.all(Array.from({ length: 5 }, (_, i) => guess(i))).finally(() => (allAnswered = true))
    // Meanwhile the neighbour goes in and out.
    for (let i = 0; i < 3; i++) expect(await opens(secret)).toBe(200)
    expect(allAnswered, 'he is done long before the guesser').toBe(false)
    const answered = await guesses
    // One is looked at each second.
    expect(Date.now() - begun).toBeGreaterThan(3_000)
    expect(answered).toEqual([401, 401, 401, 401, 401])
    const failed = (await hub.log()).filter(({ msg }) => msg === 'sign-in failed')
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(30)
    const opsFails = await fetch(`${hub.url}/monitor/overview`, {
      headers: { authorization: `Basic ${Buffer.from('ops:wrong').toString('base64')}` },
    })
    expect(opsFails.status).toBe(401)
    expect(
      (
        await fetch(`${hub.url}/agency/gacc/receipts`, {
          method: 'POST',
          headers: { authorization: 'Bearer wrong' },
          body: '<a/>',
        })
      ).status,
    ).toBe(401)
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    for (const door of ['partner', 'operator', 'agency'])
      expect(metrics).toMatch(new RegExp(`hub_sign_ins_failed_total\\{door="${door}"\\} [1-9]`))
    const kept = await until('the audit knows of each door', async () => {
      const { audit: all } = await hub.ops<{
        audit: { action: string; who: string; detail: Record<string, unknown> }[]
      }>('/ops/audit?limit=500')
      const found = all.filter(({ action }) => action === 'sign-in.failed')
      return found.length >= 3 && found
    })
    expect(kept.map(({ detail }) => detail.door).sort()).toEqual(['agency', 'operator', 'partner'])
    expect(JSON.stringify([kept, failed])).not.toMatch(/guess-|mistyped|wrong/)
  })

  test('a failed SFTP login is counted and kept like all others', async () => {
    const client = new ssh2.Client()
    const refused = new Promise<string>((resolve) => client.once('error', (error) => resolve(error.message)))
    client.connect({
      readyTimeout: patienceMs,
      host: hub.env.HUB_SFTP_HOST!,
      port: Number(hub.env.HUB_SFTP_PORT),
      username: 'nobody-here',
      password: 'guessed',
    })
    expect(await refused).toMatch(/authentication methods failed/)
    await until('the audit has it', async () =>
      (await audit('nobody-here')).some(({ action }) => action === 'sign-in.failed'),
    )
    expect(await (await fetch(`${hub.url}/metrics`)).text()).toMatch(/hub_sign_ins_failed_total\{door="sftp"\} [1-9]/)
  })

  test('who reads what a partner wrote stands in the audit', async () => {
    const { receipts } = await hub.send(sample('ceb/CEB311Message.xml'))
    const { messageId } = receipts[0]!
    await hub.receiptsOf(messageId, (all) => all.some((r) => r.body))
    expect(await audit(messageId)).toEqual([])
    await hub.ops(`/ops/messages/${messageId}`)
    await hub.ops(`/ops/messages/${messageId}`)
    await fetch(`${hub.url}/monitor/ops/messages/${messageId}/content`, {
      headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` },
    })
    expect((await audit(messageId)).map(({ action, who, detail }) => [action, who, detail.what])).toEqual([
      ['message.read', 'operator', 'content'],
      ['message.read', 'operator', 'receipts'],
    ])
    // What the partner reads of its own is its own business.
    await hub.get(`/v1/messages/${messageId}/content`)
    expect(await audit(messageId)).toHaveLength(2)
  })

  test('a webhook does not lead inside, and a subscription to what is no notice says so', async () => {
    const p = await newPartner()
    for (const url of [
      'http://169.254.169.254/latest/meta-data/',
      'https://[fe80::1]/',
      'https://[::ffff:169.254.169.254]/',
      'https://100.100.100.200/',
      'http://metadata.google.internal/',
      'https://0.0.0.0/',
    ])
      expect([url, (await ops('POST', `/ops/partners/${p}/webhook`, { url })).status]).toEqual([url, 400])
    expect((await partner(p)).settings.webhook).toBeUndefined()
    const { secret } = await newKey(p)
    const answer = await fetch(`${hub.url}/v1/subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ operation: '1.1.2.1.1', reference: '900020260000000021' }),
    })
    const { code, text } = (await answer.json()) as { code: string; text: { zh: string; en: string } }
    expect([answer.status, code]).toEqual([400, 'HUB_REQUEST_INVALID'])
    // Each language by itself.
    expect(text.en).toMatch(/^[^\u4e00-\u9fff]*is no notice[^\u4e00-\u9fff]*$/)
    expect(text.zh).toMatch(/1\.1\.2\.1\.1 不是通知类业务，无需订阅$/)
  })

  test('a partner’s server is never given a secret of the hub', async () => {
    const p = await newPartner()
    const server = { host: '127.0.0.1', username: 'u', hostKey: 'SHA256:x', everySeconds: 3600 }
    const put = (poll: object) =>
      ops('POST', '/ops/partners', { partnerId: p, settings: { poll: { ...server, ...poll } } })
    const folder = `${hub.dataDir}/poll-keys`
    await mkdir(folder, { recursive: true })
    await symlink(`${hub.dataDir}/sftp_host_key`, `${folder}/link.key`)
    await symlink(hub.dataDir, `${folder}/data`)
    for (const [member, value] of [
      ['passwordEnv', 'HUB_OPS_KEY'],
      ['passwordEnv', 'HUB_WEBHOOK_KEY'],
      ['passwordEnv', 'REDIS_URL'],
      ['passwordEnv', 'PATH'],
      ['passwordEnv', 'XPOLL_PORT'],
      ['keyFile', '/etc/passwd'],
      ['keyFile', `${hub.dataDir}/sftp_host_key`],
      ['keyFile', '../sftp_host_key'],
      ['keyFile', `${folder}/../webhook.key`],
      ['keyFile', `${folder}/link.key`],
      ['keyFile', 'data/sftp_host_key'],
      ['keyFile', 'data/none-there-yet'],
      ['keyFile', folder],
      ['keyFile', `${folder}-more/port.key`],
    ] as const) {
      const refused = await put({ [member]: value })
      const text = JSON.stringify(refused.body)
      expect([value, refused.status, text]).toEqual([value, 400, expect.stringContaining(`/settings/poll/${member}`)])
      expect(text).toContain('partnerSecrets')
    }
    expect((await partner(p)).settings).not.toHaveProperty('poll')
    for (const poll of [{ passwordEnv: 'POLL_PORT' }, { keyFile: 'port.key' }, { keyFile: `${folder}/deep/port.key` }])
      expect([poll, (await put(poll)).status]).toEqual([poll, 200])
  })

  test('a reload that was refused stands in the audit as refused', async () => {
    await writeFile(`${hub.dataDir}/hub.yaml`, 'agencies: { nobody: 1 }\n')
    expect((await ops('POST', '/ops/config/reload', { why: 'typo' })).status).toBe(400)
    await rm(`${hub.dataDir}/hub.yaml`)
    expect((await ops('POST', '/ops/config/reload', { why: 'mended' })).status).toBe(200)
    expect((await audit('hub.yaml')).map(({ action, why }) => [action, why])).toEqual([
      ['config.reload', 'mended'],
      ['config.reload-refused', 'typo'],
    ])
  })
})
