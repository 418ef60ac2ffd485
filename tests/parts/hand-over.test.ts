// A try that hangs at an agency's share and comes back late takes nothing away from the try behind it: what was handed
// over stays known as handed over. (promise 3)
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OutboundMessage } from '../../adapters/connectors/connector.js'
import { createHandOver } from '../../adapters/connectors/files/hand-over.js'
import type { FilePlace } from '../../adapters/connectors/files/place.js'
import { localPlace } from '../../adapters/connectors/folder/local-place.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const message: OutboundMessage = {
  submissionId: 'sub_01JBROKER0000000000000001',
  messageId: 'msg_01JBROKER0000000000000001',
  reference: 'EDI260001',
  operation: '1.1.1.1.1',
  documentType: 'DecMessage',
  bytes: Buffer.from('<DecMessage/>'),
  attachments: [],
}

/** The import folders of an agency, whose share hangs where the test says. */
async function importFolders(hangs: 'write' | 'sync' | 'remove') {
  const home = await tempDir('share')
  const drop = { out: join(home, 'OutBox'), stage: join(home, 'OutBox'), in: [join(home, 'InBox')] }
  for (const dir of [drop.out, ...drop.in]) await mkdir(dir)
  let goOn = (): void => {}
  let hanging = new Promise<void>((resolve) => (goOn = resolve))
  let held = 0
  const hold = async (): Promise<void> => {
    held += 1
    await hanging
  }
  const share: FilePlace = {
    ...localPlace,
    async write(path, bytes) {
      if (hangs === 'write') await hold()
      await localPlace.write(path, bytes)
    },
    async sync(dir) {
      if (hangs === 'sync') await hold()
      await localPlace.sync(dir)
    },
    async remove(path) {
      if (hangs === 'remove') await hold()
      return localPlace.remove(path)
    },
  }
  const handOver = createHandOver({
    place: async () => share,
    dropOf: () => drop,
    drops: () => [drop],
    prefix: '',
    deadlineMs: 50,
    temporaryEndings: ['.tmp'],
    stuck: () => undefined,
  })
  return {
    ...handOver,
    outBox: drop.out,
    held: () => held,
    /** The share answers again. */
    goOn() {
      goOn()
      hanging = Promise.resolve()
    },
  }
}

test.each(['write', 'sync'] as const)(
  'a try whose %s hung is over before the next begins, and a declaration that was fetched is not sent again',
  async (hangs) => {
    const agency = await importFolders(hangs)
    const never = new AbortController().signal
    expect(await agency.send(message, never)).toMatchObject({ outcome: 'transient' })
    expect(agency.held()).toBe(1)
    // Tried again while it hangs: nothing is begun that it could take away.
    expect(await agency.send(message, never)).toMatchObject({
      outcome: 'transient',
      detail: expect.stringContaining('a call before this has not come to its end') as string,
    })
    expect(agency.held()).toBe(1)
    agency.goOn()
    await until('the late try is over, and the next is taken', async () => {
      const said = await agency.send(message, never)
      return said.outcome === 'taken'
    })
    // The import client fetches the file and keeps no copy.
    const fetched = (await readdir(agency.outBox)).filter((name) => !name.startsWith('.'))
    expect(fetched).toEqual([`${message.submissionId}.xml`])
    await rm(join(agency.outBox, fetched[0]!))
    expect(await agency.query(message.submissionId)).toBe('taken')
  },
)

test('while a question about a declaration hangs, it is not sent: the late question takes no mark away', async () => {
  const agency = await importFolders('remove')
  const never = new AbortController().signal
  // Left by a try that was killed before the hand-over: asked about, it is taken away.
  await writeFile(join(agency.outBox, `.${message.submissionId}.xml.tmp`), message.bytes)
  const asked = agency.query(message.submissionId)
  await until('the question to hang', () => agency.held() === 1)
  expect(await agency.send(message, never)).toMatchObject({ outcome: 'transient' })
  // Whoever asked does not wait for a share that hangs.
  expect(await asked).toBe('unknown')
  expect(await agency.send(message, never)).toMatchObject({ outcome: 'transient' })
  agency.goOn()
  await until('the late question to end', async () => (await agency.send(message, never)).outcome === 'taken')
  await rm(join(agency.outBox, `${message.submissionId}.xml`))
  expect(await agency.query(message.submissionId)).toBe('taken')
})
