// The names that partners' webhooks and servers have: one whose name server is silent holds up nobody who is looked up
// in another way, and nobody else for long.
import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { createNamesOfOthers } from '../../adapters/names-of-others.js'

const here: LookupAddress[] = [{ address: '192.0.2.7', family: 4 }]

/** Names that wait until they are told what they lead to. */
function system() {
  const asked: { name: string; found: (addresses: LookupAddress[]) => void; failed: (error: Error) => void }[] = []
  let now = 0
  const names = createNamesOfOthers({
    ask: (name) => new Promise((found, failed) => asked.push({ name, found, failed })),
    now: () => now,
  })
  return { names, asked, pass: (ms: number) => (now += ms) }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one name is looked up at a time, so that a silent one holds one thread of the machine and no more', async () => {
  const { names, asked } = system()
  const all = ['a.example', 'b.example', 'a.example'].map((name) => names.addressesOf(name))
  await settled()
  expect(asked.map(({ name }) => name)).toEqual(['a.example'])
  asked[0]!.found(here)
  await settled()
  expect(asked.map(({ name }) => name)).toEqual(['a.example', 'b.example'])
  asked[1]!.found(here)
  expect(await Promise.all(all)).toEqual([here, here, here])
})

test('an answer is used for a minute, then asked for again', async () => {
  const { names, asked, pass } = system()
  const first = names.addressesOf('a.example')
  await settled()
  asked[0]!.found(here)
  await first
  pass(59_000)
  expect(await names.addressesOf('a.example')).toEqual(here)
  pass(2_000)
  void names.addressesOf('a.example')
  await settled()
  expect(asked).toHaveLength(2)
  asked[1]!.found(here)
})

test('a name that was silent rests, longer each time; one that is unknown at once is asked again at once', async () => {
  const { names, asked, pass } = system()
  const ask = async (silentMs: number) => {
    const asking = names.addressesOf('a.example')
    const heard = expect(asking).rejects.toThrow('EAI_AGAIN')
    await settled()
    pass(silentMs)
    asked.at(-1)!.failed(new Error('EAI_AGAIN'))
    await heard
  }
  await ask(5)
  await ask(20_000)
  await expect(names.addressesOf('a.example')).rejects.toThrow('asked again in 60 s')
  expect(asked).toHaveLength(2)
  pass(60_000)
  await ask(20_000)
  pass(60_000)
  await expect(names.addressesOf('a.example')).rejects.toThrow('asked again in 60 s')
  const other = names.addressesOf('b.example')
  await settled()
  asked.at(-1)!.found(here)
  expect(await other).toEqual(here)
})
