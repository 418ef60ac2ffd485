// Several hubs hand over at one share. A call of one that hangs there, and is done when another hub has tried again,
// takes nothing of that try and adds nothing to it: a declaration is neither lost nor filed twice. (promises 2, 3)
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import type { OutboundMessage } from '../../adapters/connectors/connector.js'
import { createHandOver } from '../../adapters/connectors/files/hand-over.js'
import type { FilePlace } from '../../adapters/connectors/files/place.js'
import { localPlace } from '../../adapters/connectors/folder/local-place.js'
import { tempDir } from '../support/temp.js'

const submissionId = 'sub_01JBROKER0000000000000001'
const declaration: OutboundMessage = {
  submissionId,
  messageId: 'msg_01JBROKER0000000000000001',
  reference: 'EDI260001',
  operation: '1.1.1.1.1',
  documentType: 'DecMessage',
  bytes: Buffer.from('<DecMessage>'.padEnd(4096, '.') + '</DecMessage>'),
  attachments: [],
}
const never = new AbortController().signal
const [first, second] = ['att_01JTRY1', 'att_01JTRY2']

type Call = 'write' | 'sync' | 'remove' | 'rename'

/** The import folders of an agency, which several hubs have mounted. */
async function importFolders() {
  const home = await tempDir('share')
  const drop = { out: join(home, 'OutBox'), stage: join(home, '.hub'), in: [join(home, 'InBox')] }
  for (const dir of [drop.out, drop.stage, ...drop.in]) await mkdir(dir)
  const inOutBox = () => readdir(drop.out)
  return {
    drop,
    inOutBox,
    /** The import client takes what lies there, and keeps no copy. @returns what it has taken */
    async fetch() {
      const names = await inOutBox()
      const taken = await Promise.all(names.map((name) => readFile(join(drop.out, name), 'utf8')))
      for (const name of names) await rm(join(drop.out, name))
      return taken
    },
    /** @param deadlineMs a hub that waits for hung calls has a short one */
    hub(deadlineMs = 30_000) {
      let stall: { call: Call; path: RegExp; reached: () => void; over: Promise<void> } | undefined
      const hang = async (call: Call, path: string): Promise<void> => {
        if (stall?.call !== call || !stall.path.test(basename(path))) return
        const { reached, over } = stall
        stall = undefined
        reached()
        await over
      }
      const under: Promise<unknown>[] = []
      const noted = <T>(work: Promise<T>): Promise<T> => {
        under.push(work.catch(() => {}))
        return work
      }
      const share: FilePlace = {
        ...localPlace,
        // Made and emptied, and then nothing for a while.
        write: (path, bytes) =>
          noted(
            (async () => {
              if (stall?.call === 'write') await (await open(path, 'w')).close()
              await hang('write', path)
              await localPlace.write(path, bytes)
            })(),
          ),
        sync: (dir) => noted(hang('sync', dir).then(() => localPlace.sync(dir))),
        remove: (path) => noted(hang('remove', path).then(() => localPlace.remove(path))),
        rename: (from, to) => noted(hang('rename', to).then(() => localPlace.rename(from, to))),
      }
      const { send, query } = createHandOver({
        place: async () => share,
        dropOf: () => drop,
        drops: () => [drop],
        prefix: '',
        deadlineMs,
        temporaryEndings: ['.tmp'],
        stuck: () => undefined,
      })
      return {
        send: (attemptId: string) => send({ ...declaration, attemptId }, never),
        query: (attemptId: string | undefined) => query(submissionId, attemptId),
        /** The next such call hangs. */
        hangs(call: Call, path = /./) {
          let goOn = (): void => {}
          let reached = (): void => {}
          const hung = new Promise<void>((resolve) => (reached = resolve))
          const over = new Promise<void>((resolve) => (goOn = resolve))
          stall = { call, path, reached, over }
          return {
            hung,
            /** It is done now, and whatever its hub does after it. */
            async goOn() {
              goOn()
              for (let seen = -1; seen < under.length;) {
                seen = under.length
                await Promise.all(under)
                await new Promise((resolve) => setImmediate(resolve))
              }
            },
          }
        },
      }
    },
  }
}

test('a try that comes back late takes nothing away by which the newer one is known as handed over', async () => {
  const agency = await importFolders()
  const [late, newer, asker] = [agency.hub(50), agency.hub(), agency.hub()]
  const call = late.hangs('sync')
  expect(await late.send(first)).toMatchObject({ outcome: 'transient' })
  await call.hung
  expect(await newer.send(second)).toEqual({ outcome: 'taken' })
  expect(await agency.fetch()).toHaveLength(1)
  await call.goOn()
  // The newer hub was killed before it could write that down.
  expect(await asker.query(second)).toBe('taken')
})

test('a file that a late try leaves at the share does not say that the newer one was not handed over', async () => {
  const agency = await importFolders()
  const [late, newer, asker] = [agency.hub(50), agency.hub(), agency.hub()]
  const call = late.hangs('write')
  expect(await late.send(first)).toMatchObject({ outcome: 'transient' })
  await call.hung
  expect(await newer.send(second)).toEqual({ outcome: 'taken' })
  expect(await agency.fetch()).toHaveLength(1)
  // Written at last, and then the late hub is killed.
  const killed = late.hangs('write', /mark/)
  void call.goOn()
  await killed.hung
  expect(await asker.query(second)).toBe('taken')
})

test('two tries let go at the same moment by a share that hung: the newer is handed over, and whole', async () => {
  const agency = await importFolders()
  const [late, newer] = [agency.hub(50), agency.hub()]
  const lateCall = late.hangs('sync')
  expect(await late.send(first)).toMatchObject({ outcome: 'transient' })
  await lateCall.hung
  // The late one has taken its mark away, and not its file yet.
  const halfWay = late.hangs('remove', /xml/)
  void lateCall.goOn()
  await halfWay.hung
  const renaming = newer.hangs('rename')
  const sent = newer.send(second)
  await renaming.hung
  await halfWay.goOn()
  await renaming.goOn()
  expect(await sent).toEqual({ outcome: 'taken' })
  expect(await agency.fetch()).toEqual([declaration.bytes.toString()])
})

test('a late try that begins to write does not empty what the newer one hands over', async () => {
  const agency = await importFolders()
  const [late, newer] = [agency.hub(50), agency.hub()]
  const renaming = newer.hangs('rename')
  const sent = newer.send(second)
  await renaming.hung
  const call = late.hangs('write')
  expect(await late.send(first)).toMatchObject({ outcome: 'transient' })
  await call.hung
  await renaming.goOn()
  expect(await sent).toEqual({ outcome: 'taken' })
  expect(await agency.fetch()).toEqual([declaration.bytes.toString()])
  await call.goOn()
  expect(await agency.inOutBox()).toEqual([])
})

test('a rename that is done late hands over nothing of the newer try', async () => {
  const agency = await importFolders()
  const [late, newer, asker] = [agency.hub(), agency.hub(), agency.hub()]
  const call = late.hangs('rename')
  void late.send(first)
  await call.hung
  expect(await asker.query(first)).toBe('not-taken')
  const marking = newer.hangs('write', /mark/)
  void newer.send(second)
  await marking.hung
  await call.goOn()
  // The newer hub is killed here: what it has left must not be both filed and sent again.
  expect(await agency.fetch()).toEqual([])
  expect(await asker.query(second)).toBe('not-taken')
})

test('a question that hung takes nothing of a newer try away', async () => {
  const agency = await importFolders()
  const [asker, other, newer] = [agency.hub(), agency.hub(), agency.hub()]
  const killed = newer.hangs('rename')
  void newer.send(first)
  await killed.hung
  const removal = asker.hangs('remove')
  const asked = asker.query(first)
  await removal.hung
  expect(await other.query(first)).toBe('not-taken')
  const next = agency.hub()
  expect(await next.send(second)).toEqual({ outcome: 'taken' })
  expect(await agency.fetch()).toHaveLength(1)
  await removal.goOn()
  expect(await asked).not.toBe('taken')
  expect(await other.query(second)).toBe('taken')
})

test('whatever a try has left is found where nobody knows which was the last: after a restore', async () => {
  const agency = await importFolders()
  const hub = agency.hub()
  const killed = hub.hangs('rename')
  void hub.send(first)
  await killed.hung
  const asker = agency.hub()
  expect(await asker.query(undefined)).toBe('not-taken')
  expect(await readdir(agency.drop.stage)).toEqual([])
  expect(await agency.hub().send(second)).toEqual({ outcome: 'taken' })
  await agency.fetch()
  expect(await asker.query(undefined)).toBe('taken')
})
