// Large deliveries: their bytes are gathered without a moment at which all are copied, and are worked on in their
// partner's turn.
import { describe, expect, test } from 'vitest'
import { gather, isShared, sharedFrom } from '../../messages/shared-bytes.js'
import { createLargeWork } from '../../hub/steps/accept/large-work.js'

const mb = 1 << 20

describe('what is large is worked on few at a time', () => {
  test('one of each partner, two in all; the next is of the partner that has had least', async () => {
    const work = createLargeWork()
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    for (const name of ['flood 1', 'flood 2', 'flood 3', 'other 1', 'third 1'])
      void work.turn(name.split(' ')[0]!, 31 * mb).then((end) => {
        begun.push(name)
        ends.set(name, end)
      })
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    await settled()
    expect(begun).toEqual(['flood 1', 'other 1'])
    ends.get('flood 1')!()
    ends.get('flood 1')!()
    await settled()
    expect(begun).toEqual(['flood 1', 'other 1', 'third 1'])
    ends.get('other 1')!()
    ends.get('third 1')!()
    await settled()
    expect(begun).toEqual(['flood 1', 'other 1', 'third 1', 'flood 2'])
  })
})

describe('bytes that come piece by piece', () => {
  const pieces = (size: number) =>
    Array.from({ length: Math.ceil(size / 65_536) }, (_, i) => Buffer.alloc(65_536, i % 251))

  test.each([
    ['whose number is known', 3 * mb, true],
    ['whose number is not known', 3 * mb, false],
    ['that are few', 65_536, false],
  ])('%s are one, and only large ones are shared among threads', (_, size, known) => {
    const gathered = gather({ ...(known ? { expected: size } : {}), most: 32 * mb })
    for (const piece of pieces(size)) gathered.push(piece)
    expect(gathered.whole().equals(Buffer.concat(pieces(size)))).toBe(true)
    expect(isShared(gathered.whole())).toBe(size >= sharedFrom)
  })

  test('more than was promised fits, more than may be does not', () => {
    const gathered = gather({ expected: 10, most: 100 })
    gathered.push(Buffer.alloc(90, 1))
    expect(gathered.size).toBe(90)
    expect(() => gathered.push(Buffer.alloc(11))).toThrow(RangeError)
    expect(gathered.whole()).toEqual(Buffer.alloc(90, 1))
  })
})
