// Somebody sets the clock of a hub back by an hour: whoever may call, sign in or sign now, may still do so now.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGuesses } from '../../adapters/channels/http/guesses.js'
import { createAccessTokens } from '../../adapters/trust/access-tokens.js'
import { createAgentSigner } from '../../adapters/trust/signers/agents.js'
import { createPace } from '../../hub/operate/subscriptions.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const hourMs = 3_600_000
const set = (aheadMs: number) => vi.setSystemTime(new Date(realNow() + aheadMs))
const realNow = () => performance.timeOrigin + performance.now()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  set(hourMs)
})
afterEach(() => {
  vi.useRealTimers()
})

test('a partner that has used up its calls has one again after a moment, not after the hour', async () => {
  const toWait = createPace()
  while (toWait('forwarder') === undefined);
  set(0)
  await until('a call to be allowed', () => toWait('forwarder') === undefined)
  expect(toWait('stranger')).toBeUndefined()
})

test('a right key behind wrong ones of its address waits a moment, not the hour', async () => {
  const guesses = createGuesses()
  const knock = (secret: string, right: boolean) =>
    guesses.attempt(
      { address: '192.0.2.7', secret },
      () => right || undefined,
      () => {},
    )
  for (let n = 0; n < 10; n++) await knock(`wrong ${n}`, false)
  await knock('one of the line', false)
  set(0)
  expect(await knock('right', true)).toBe(true)
})

test('a token signed with a key that another hub made this second is good', async () => {
  const keyFile = join(await tempDir('tokens'), 'keys.json')
  const [here, there] = [0, 1].map(() => createAccessTokens({ keyFile, seconds: 600 }))
  const about = { partnerId: 'forwarder', clientId: 'erp' }
  const { token: first } = await here!.issue(about)
  expect(await there!.read(first)).toMatchObject(about)
  // A day later the key is another. This hub has read its file then, too; and now its clock is right again.
  set(2 * 24 * hourMs)
  const { token: unknown } = await createAccessTokens({ keyFile: `${keyFile}.other`, seconds: 600 }).issue(about)
  await there!.read(unknown).catch(() => undefined)
  set(24 * hourMs + hourMs)
  const { token: later } = await here!.issue(about)
  await until('the other hub to know the new key', async () => typeof (await there!.read(later)) === 'object')
})

test('work that an agent was given and lost goes to another agent after seconds, not after the hour', async () => {
  const signer = createAgentSigner(30_000)
  await signer.next(0)
  const signed = signer.sign(Buffer.from('报关单'))
  const first = await signer.next(1000)
  set(0)
  const again = await signer.next(10_000)
  expect(again).toEqual(first)
  signer.done(again!.id, Buffer.from('签名'))
  expect(String(await signed)).toBe('签名')
  expect(Math.abs(signer.seenAt! - Date.now())).toBeLessThan(60_000)
})
