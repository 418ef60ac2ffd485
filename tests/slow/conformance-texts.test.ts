// What senders are told, over every sample of every family and every way of breaking it: a good message passes, a
// broken one is refused in words of our own, the same faults each time. CONFORMANCE_MUTANTS bounds the mutants of a
// sample (default 40), CONFORMANCE_SEED chooses them.
import { expect, test } from 'vitest'
import { foreignWords } from '../support/raw-text.js'
import { Random } from '../support/seeded.js'
import { mutantsOf } from '../support/xml-mutants.js'
import { allSamples, engine } from './conformance/samples.js'

const perSample = Number(process.env.CONFORMANCE_MUTANTS ?? 40)
const random = new Random(Number(process.env.CONFORMANCE_SEED ?? 20260101))
const pick = (below: number) => random.int(0, below - 1)

test('no word of a library reaches a sender, whatever is wrong with a message', () => {
  const odd: object[] = []
  let mutants = 0
  let refused = 0
  for (const { file, bytes, valid } of allSamples()) {
    if (!valid || !/^\s*</.test(bytes.subarray(0, 20).toString())) continue
    const all = mutantsOf(bytes.toString(), pick)
    for (let i = 0; i < Math.min(perSample, all.length); i++) {
      const { what, text } = all[pick(all.length)]!
      const { faults } = engine.inspect(Buffer.from(text))
      mutants++
      if (faults.length > 0) refused++
      for (const one of faults) {
        const words = foreignWords(one)
        if (words.length > 0) odd.push({ file, what, words, text: one.text })
      }
      expect(engine.inspect(Buffer.from(text)).faults, `${file}: ${what}`).toEqual(faults)
    }
  }
  process.stdout.write(`\n${mutants} broken messages, ${refused} refused\n`)
  expect(odd.slice(0, 20)).toEqual([])
  expect(refused / mutants).toBeGreaterThan(0.6)
}, 3_600_000)
