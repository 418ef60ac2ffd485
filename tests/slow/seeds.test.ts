// Histories made from seeds, and the simulation itself: rules broken on purpose must be seen to break a promise.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../support/hub.js'

/** How a run of the simulation ended, and what it said. */
function simulate(...args: string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'tests/seeds/run.mjs'), ...args], { stdio: 'pipe' })
    let said = ''
    child.stdout.on('data', (text) => (said += String(text)))
    child.stderr.on('data', (text) => (said += String(text)))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, said }))
  })
}

test('the same seed is the same history, alone or behind others', async () => {
  const alone = await simulate('--seed', '7', '--trace')
  const again = await simulate('--seed', '7', '--trace')
  const some = await simulate('--from', '201', '--count', '50', '--trace')
  const behind = await simulate('--from', '1', '--count', '250', '--trace')
  // Ids are drawn by the process: who comes later draws others.
  const events = (said: string) =>
    said
      .split('\n')
      .filter((line) => /^ +\d+\.\d{3} s/.test(line))
      .map((line) => line.replace(/\b([a-z]{3})_\w{26}\b/g, '$1_…'))
  expect(events(alone.said).length).toBeGreaterThan(20)
  expect(events(again.said)).toEqual(events(alone.said))
  expect(events(behind.said).join('\n')).toContain(events(alone.said).join('\n'))
  // What a partner that was silent in the two hundred before left in a hub's memory is no part of these fifty.
  expect(events(behind.said).slice(-events(some.said).length)).toEqual(events(some.said))
})

describe('a rule that is broken on purpose breaks a promise', () => {
  test.each([
    ['answer-before-write', 'accepted is said before anything is on disk', 1],
    ['no-claim', 'a try that did not come back is simply made again', 3],
    ['doubt-is-no', 'doubt counts as surely not sent', 3],
    ['no-known-check', 'an answer that is known is settled as if it were new', 7],
    ['reply-before-write', 'the agency hears "taken" before its answer is kept', 2],
    ['no-sweep', 'nobody makes the queues again from the ledger', 2],
    ['return-forgotten', 'a receipt that could not be given back is believed to be', 4],
    ['newest-hears-all', 'of messages that share a number the newest hears all answers', 2],
    ['no-order', 'changes do not wait for their original', 3],
  ])('%s: %s', async (name, _, promise) => {
    const { code, said } = await simulate(
      '--break',
      name,
      '--count',
      '400',
      '--failures',
      '400',
      '--until',
      String(promise),
    )
    expect(said).toContain(`promise ${promise}: `)
    expect(said).toMatch(/npm run simulate:seeds -- --seed \d+ --trace --break/)
    expect(code).toBe(1)
  })
})

test('an answer that counts as kept before it is written is found when its write fails', async () => {
  const { code, said } = await simulate('--nth-write', '--count', '20', '--break', 'reply-before-write')
  expect(said).toContain('promise 2: ')
  expect(said).toMatch(/npm run simulate:seeds -- --seed \d+ --trace --break reply-before-write --nth-write --nth \d+/)
  expect(code).toBe(1)
})
