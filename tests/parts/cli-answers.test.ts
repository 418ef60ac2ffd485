// What the command line makes of an answer: it is what its view says, or the command ends with a sentence.
import { expect, test } from 'vitest'
import { answerAs, CliError } from '../../hub/cli/client.js'
import { FoundMessages, QueuesView } from '../../messages/views/index.js'

const queues = { reachable: true, queues: [{ queue: 'gacc', waiting: 1, active: 0, delayed: 0, paused: false }] }

test('an answer is read by its view; what a newer hub says beside it is kept', async () => {
  const newer = { ...queues, since: '2026-11-28T12:07:52.310Z' }
  expect(await answerAs(QueuesView, Response.json(newer))).toEqual(newer)
})

test('what is no answer of a hub ends the command with a sentence, which names the place and the remedy', async () => {
  const sentence = async (response: Response) => {
    const error: unknown = await answerAs(QueuesView, response).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CliError)
    return (error as CliError).message
  }
  expect(await sentence(new Response('<html>Sign in</html>'))).toMatch(/no JSON.*<html>.*\n.*HUB_URL.*应答格式不符/)
  expect(await sentence(Response.json({ ...queues, reachable: 'yes' }))).toContain('/reachable must be boolean')
  await expect(answerAs(FoundMessages, Response.json(queues))).rejects.toThrow('messages')
})
