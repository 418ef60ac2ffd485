// Who stands behind what is done: known to all that an act leads to, and to nothing else.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createScope } from '../../messages/scope.js'

test('everything an act leads to knows who acts, whatever waits in between, and nobody else does', async () => {
  const scope = createScope<string>()
  const seen = async (who: string) =>
    scope.run(who, async () => {
      const before = scope.current()
      await turn()
      await Promise.all([sleep(1), Promise.resolve()])
      return [before, scope.current()]
    })
  const both = Promise.all([seen('one'), seen('other')])
  expect(scope.current()).toBeUndefined()
  expect(await both).toEqual([
    ['one', 'one'],
    ['other', 'other'],
  ])
  expect(scope.current()).toBeUndefined()
  expect(await seen('again'), 'it can be entered again').toEqual(['again', 'again'])
})

test('one act within another knows the inner, and afterwards the outer', async () => {
  const scope = createScope<string>()
  const seen: unknown[] = []
  await scope.run('outer', async () => {
    await scope.run('inner', async () => void seen.push(await turn(scope.current()), scope.current()))
    await turn()
    seen.push(scope.current())
  })
  expect(seen).toEqual(['inner', 'inner', 'outer'])
})

test('an act that fails is over as one that succeeds', async () => {
  const scope = createScope<string>()
  const refused = () => {
    throw new Error('refused')
  }
  expect(() => scope.run('one', refused)).toThrow('refused')
  await expect(scope.run('one', async () => refused())).rejects.toThrow('refused')
  expect(scope.current()).toBeUndefined()
  expect(await scope.run('two', async () => turn(scope.current()))).toBe('two')
})

test('what nobody waits for is outside once the act is over; an act may last longer than its call', async () => {
  const scope = createScope<string>()
  let look = () => {}
  const stray = (seen: (who: string | undefined) => void) =>
    new Promise<void>((resolve) => (look = resolve)).then(() => seen(scope.current()))
  let left: Promise<string | undefined> | undefined
  const leaves = () => void (left = new Promise((seen) => void stray(seen)))
  scope.run('one', leaves)
  look()
  expect(await left).toBeUndefined()

  let end = () => {}
  const over = new Promise<void>((resolve) => (end = resolve))
  scope.run('two', leaves, over)
  look()
  expect(await left).toBe('two')
  scope.run('three', leaves, over)
  end()
  await over
  await turn()
  look()
  expect(await left).toBeUndefined()
})
