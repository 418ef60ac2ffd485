// What anybody may ask without a key is looked at once for all who ask meanwhile, and nobody is told what was before.
import { expect, test } from 'vitest'
import { sharedLook } from '../../hub/base/shared-look.js'

test('a thousand who ask while a look is under way share the next one, which begins after it', async () => {
  const looks: ((seen: number) => void)[] = []
  const ask = sharedLook(() => new Promise<number>((resolve) => looks.push(resolve)), 0)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const first = ask()
  await turn()
  const others = Array.from({ length: 1000 }, ask)
  await turn()
  expect(looks).toHaveLength(1)
  looks[0]!(1)
  expect(await first).toBe(1)
  await turn()
  expect(looks).toHaveLength(2)
  looks[1]!(2)
  expect(new Set(await Promise.all(others))).toEqual(new Set([2]))
})

test('a look that fails tells those who asked for it, and the next one begins', async () => {
  let times = 0
  const ask = sharedLook(async () => {
    times += 1
    if (times === 1) throw new Error('away')
    return times
  }, 0)
  await expect(ask()).rejects.toThrow('away')
  expect(await ask()).toBe(2)
})
