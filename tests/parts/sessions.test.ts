// Sessions of people at the monitor, against somebody who has a password, a code, a cookie or a moment too many. The
// clock is the test's; the ledger is a real one.
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { expect, onTestFinished, test } from 'vitest'
import { createPasswords } from '../../adapters/trust/passwords.js'
import { createAccounts, digestOf, type ConfiguredKey } from '../../hub/operate/accounts.js'
import { createSignIn } from '../../hub/operate/sign-in.js'
import type { NewSession } from '../../hub/operate/sign-in/sessions.js'
import type { OperatorRole } from '../../messages/operator.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { tempDir } from '../support/temp.js'

const log = { info() {}, warn() {}, error() {}, debug() {} }
const boss = { who: 'boss', why: 'test' }
const from = { address: '192.0.2.7' }
const password = 'korrekt pferd batterie 7'
const minuteMs = 60_000
/** Who comes in does not hang on the cost of a password; a hundred of them would cost ten seconds. */
const passwords = createPasswords({ n: 2 ** 10, r: 8, p: 1 })
const setting = {
  ...{ keys: [], totp: 'required' as const, secondPerson: [], approvalHours: 24 },
  ...{ idleMinutes: 30, sessionHours: 12, maskPersons: true, passwordWords: [] },
}

async function house({ keys = [] as ConfiguredKey[] } = {}) {
  const file = join(await tempDir('sessions'), 'ledger.db')
  const ledger = await openSqliteLedger({ file, log })
  onTestFinished(() => ledger.close())
  const clock = { at: Date.parse('2026-11-29T00:00:00Z') }
  const now = () => new Date(clock.at)
  /** What happens at the very moment a session is written; what the ledger waits for before it is read. */
  const between: { session?: () => Promise<unknown>; read?: Promise<void> } = {}
  const watched: typeof ledger = {
    ...ledger,
    async putOperatorSession(session) {
      const happens = between.session
      delete between.session
      await happens?.()
      return ledger.putOperatorSession(session)
    },
    async operatorAccounts() {
      await between.read
      return ledger.operatorAccounts()
    },
  }
  const build = (configured: ConfiguredKey[]) => {
    const accounts = createAccounts({ ledger: watched, keys: configured, agencyCodes: ['gacc'], log, now })
    const signIn = createSignIn({
      ...{ ledger: watched, accounts, setting, oidc: undefined, agencyCodes: ['gacc'], log, now, passwords },
    })
    return { accounts, signIn }
  }
  const { accounts, signIn } = build(keys)
  await accounts.prepare()
  const code = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.at + steps * 30_000 })
  async function person(name: string, role: OperatorRole = 'operator') {
    const { welcome } = await accounts.addOperator({ name, role }, boss)
    const token = welcome.path.replace(/^.*=/, '')
    const { secret } = await signIn.welcome(token)
    const begun = await signIn.choose({ token, password, code: code(secret) }, from)
    // 128 bits each.
    for (const one of begun.recoveryCodes!) expect(one).toMatch(/^([A-Z2-7]{7}-){3}[A-Z2-7]{5}$/)
    // The code the device was enrolled with is used up.
    clock.at += minuteMs
    return { name, secret, begun }
  }
  const enter = ({ name, secret }: { name: string; secret: string }, steps = 0) =>
    signIn.byPassword({ name, password, code: code(secret, steps) }, from)
  const isIn = async (begun: NewSession | undefined) =>
    begun === undefined ? undefined : (await signIn.bySession(begun.cookie))?.role
  return { ledger, clock, between, build, accounts, signIn, code, person, enter, isIn }
}

test('a session nobody uses has ended after its idle time, to the second, and does not come back', async () => {
  const { clock, signIn, person, isIn } = await house()
  const { begun } = await person('wei')
  clock.at += 25 * minuteMs
  await signIn.used((await signIn.bySession(begun.cookie))!.session!)
  clock.at += 30 * minuteMs - 1
  expect(await isIn(begun)).toBe('operator')
  clock.at += 1
  expect(await isIn(begun)).toBeUndefined()
  clock.at -= 10 * minuteMs
  expect(await isIn(begun)).toBeUndefined()
})

test('a session that is used all the time has ended after its longest time all the same', async () => {
  const { clock, signIn, person, isIn } = await house()
  const { begun } = await person('wei')
  const start = clock.at - minuteMs
  while (clock.at < start + 12 * 3_600_000 - 20 * minuteMs) {
    clock.at += 20 * minuteMs
    await signIn.used((await signIn.bySession(begun.cookie))!.session!)
  }
  clock.at = start + 12 * 3_600_000 - 1
  expect(await isIn(begun)).toBe('operator')
  clock.at += 1
  expect(await isIn(begun)).toBeUndefined()
})

test('a code is good once within its window, none older is taken, and of five at once one comes in', async () => {
  const { clock, person, enter } = await house()
  const li = await person('li')
  expect(await enter(li, -2)).toBeUndefined()
  expect(await enter(li, 2)).toBeUndefined()
  expect(await enter(li, -1)).toBeDefined()
  expect(await enter(li, -1)).toBeUndefined()
  expect(await enter(li, 1)).toBeDefined()
  // Of this step and not used yet, but older than the one that was: it may have been looked at over a shoulder.
  expect(await enter(li, 0)).toBeUndefined()
  // Within its window still, half a minute later.
  clock.at += 30_000
  expect(await enter(li, 0)).toBeUndefined()
  clock.at += 16 * minuteMs
  const all = await Promise.all(Array.from({ length: 5 }, () => enter(li)))
  expect(all.filter((one) => one !== undefined)).toHaveLength(1)
})

test('of codes guessed at once behind the right password five are looked at', async () => {
  const { clock, between, accounts, signIn, person, enter } = await house()
  const li = await person('li')
  await accounts.all()
  let go = () => {}
  between.read = new Promise<void>((resolve) => (go = resolve))
  const guesses = Array.from({ length: 7 }, (_, n) =>
    signIn.byPassword({ name: 'li', password, code: String(n).padStart(6, '0') }, from),
  )
  const right = enter(li)
  // Each has its password looked at, two at a time; those that get further wait for the ledger. A hub that lets the
  // right one wait there too is let go on after a while.
  const released = setTimeout(go, 10_000)
  expect(await right).toBeUndefined()
  clearTimeout(released)
  go()
  expect((await Promise.all(guesses)).every((one) => one === undefined)).toBe(true)
  clock.at += 15 * minuteMs + 1
  expect(await enter(li)).toBeDefined()
})

test('five wrong codes make the account wait at every hub, also one that was started since', async () => {
  const { clock, build, ledger, person, code } = await house()
  const li = await person('li')
  const hubs = [build([]).signIn, build([]).signIn]
  const tries = (n: number, shown: string) => hubs[n % 2]!.byPassword({ name: 'li', password, code: shown }, from)
  for (let n = 0; n < 5; n++) expect(await tries(n, '000000')).toBeUndefined()
  for (const n of [0, 1]) expect(await tries(n, code(li.secret))).toBeUndefined()
  hubs.push(build([]).signIn)
  expect(await hubs[2]!.byPassword({ name: 'li', password, code: code(li.secret) }, from)).toBeUndefined()
  expect((await ledger.audits(9, 'li', { action: 'sign-in.locked' })).map(({ detail }) => detail)).toEqual([
    { what: 'codes', minutes: '15' },
  ])
  clock.at += 15 * minuteMs + 1
  expect(await tries(1, code(li.secret))).toBeDefined()
  // The right one has taken the count back.
  clock.at += minuteMs
  for (let n = 0; n < 4; n++) expect(await tries(n, '000000')).toBeUndefined()
  expect(await tries(0, code(li.secret))).toBeDefined()
})

test('who signs in while the account is reset, disabled or changed is not in afterwards', async () => {
  const { clock, between, ledger, accounts, signIn, person, enter, isIn } = await house()
  const acts: Record<string, (name: string) => Promise<unknown>> = {
    reset: (name) => accounts.resetOperator(name, boss),
    disabled: (name) => accounts.setDisabled(name, true, boss),
    'given another password': (name) =>
      signIn.changePassword(
        { name, role: 'operator', by: 'password' },
        { old: password, password: 'noch ein pferd batterie 8' },
        from,
      ),
  }
  await person('admin', 'admin')
  for (const [what, act] of Object.entries(acts)) {
    const one = await person(`person-${what}`)
    between.session = () => act(one.name)
    const begun = await enter(one)
    expect([what, begun]).toEqual([what, undefined])
    // And the one of before is out too, also when the account is let in again.
    await accounts.setDisabled(one.name, false, boss)
    clock.at += 5_000
    expect([what, await isIn(one.begun)]).toEqual([what, undefined])
    expect((await ledger.audits(20, one.name)).map(({ action }) => action)).toContain('sign-in.ended')
  }
})

test('a session that a key began ends when the key is replaced, and when hub.yaml has another one', async () => {
  const old = 'a key of the configuration, long enough 1'
  const key = (secret: string): ConfiguredKey => ({ name: 'ops', digest: digestOf(secret), role: 'admin' })
  const { between, build, accounts, signIn, person, isIn } = await house({ keys: [key(old)] })
  const li = await person('li')
  const { secret } = await accounts.newOperatorKey('li', boss)
  const begun = await signIn.byKey(secret, from)
  expect(await isIn(begun)).toBe('operator')
  between.session = () => accounts.newOperatorKey('li', boss)
  expect(await signIn.byKey(secret, from)).toBeUndefined()
  expect(await isIn(begun)).toBeUndefined()
  // What the password began goes on.
  expect(await isIn(li.begun)).toBe('operator')

  const configured = await signIn.byKey(old, from)
  expect(await isIn(configured)).toBe('admin')
  const restarted = build([key('a key of the configuration, long enough 2')])
  expect(await restarted.signIn.bySession(configured!.cookie)).toBeUndefined()
  expect(await restarted.signIn.bySession(li.begun.cookie)).toBeDefined()
})

test('a cookie that was made up, cut, or put together from others’ opens nothing', async () => {
  const { accounts, signIn, person, isIn } = await house()
  const [li, mei] = [await person('li'), await person('mei')]
  const keyed = (await signIn.byKey((await accounts.newOperatorKey('li', boss)).secret, from))!
  const [secret, tag] = keyed.cookie.split('.') as [string, string]
  const madeUp = [
    '',
    '.',
    `.${tag}`,
    secret,
    `${secret}.`,
    `${secret}.0000000000000000`,
    `${li.begun.cookie}.${tag}`,
    `${mei.begun.cookie}.${tag}`,
    li.begun.cookie.slice(0, -1),
    `${li.begun.cookie}A`,
    digestOf(li.begun.cookie),
    'a'.repeat(43),
  ]
  for (const cookie of madeUp) expect([cookie, await signIn.bySession(cookie)]).toEqual([cookie, undefined])
  expect([await isIn(li.begun), await isIn(keyed)]).toEqual(['operator', 'operator'])
})

test('a session follows its role at once, and signing out everywhere ends those of one person', async () => {
  const { accounts, signIn, person, enter, isIn } = await house()
  await person('admin', 'admin')
  const [li, mei] = [await person('li'), await person('mei')]
  const second = await enter(li)
  await accounts.setRole('li', { role: 'viewer' }, boss)
  expect([await isIn(li.begun), await isIn(second), await isIn(mei.begun)]).toEqual(['viewer', 'viewer', 'operator'])
  const { session } = (await signIn.bySession(second!.cookie))!
  await signIn.signOut({ name: 'li', session: session!, everywhere: false })
  expect([await isIn(li.begun), await isIn(second)]).toEqual(['viewer', undefined])
  await accounts.signOutOperator('li', boss)
  signIn.forget()
  expect([await isIn(li.begun), await isIn(mei.begun)]).toEqual([undefined, 'operator'])
})
