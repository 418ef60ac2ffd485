// client — what the Single Window client does with import folders: takes what appears in OutBox, moves it to SentBox or
// FailBox, and puts `Successed_`, `Failed_` and `Receipt_` files into InBox. It can hang, refuse, hold answers back and
// write them slowly.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type, type Static } from 'typebox'
import type { XmlDocument } from '../../../messages/xml-reading.js'
import { readMessage, render, type AnswerBook } from '../answers.js'
import type { Stage } from '../book-data.js'
import { printAll } from '../print/print.js'
import type { Boxes } from './boxes.js'
import { openZip } from './open-zip.js'

/** What the client is told by POST /control. */
export const ClientBehaviour = Type.Object(
  {
    /** Does nothing at all until told otherwise, as the real one is known to. */
    hang: Type.Optional(Type.Boolean()),
    /** Turns everything down with this text. */
    refuse: Type.Optional(Type.String()),
    /** Moves everything to FailBox and says nothing. */
    failInSilence: Type.Optional(Type.Boolean()),
    /** Takes files and says nothing. */
    mute: Type.Optional(Type.Boolean()),
    /** Writes answers under their final name, the second half this much later. */
    slowWriteMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
export type ClientBehaviour = Static<typeof ClientBehaviour>

/** What it has taken, by base name. */
export interface TakenFile {
  base: string
  folder: string
  /** How often a file of this name was taken. */
  times: number
  sha256: string
  attachments: number
}

/** @see `client/main.ts`, a process of its own */
interface ClientParts {
  boxes: () => Promise<Boxes[]>
  book: AnswerBook
  everyMs: number
  log: (event: string, ids: object) => void
}

/** Plays the Single Window's client: looks into its folders every `everyMs` milliseconds until it is stopped. */
export function createClient({ boxes, book, everyMs, log }: ClientParts) {
  const taken = new Map<string, TakenFile>()
  const ended = new AbortController()
  let behaviour: ClientBehaviour = {}

  async function round(): Promise<void> {
    for (const box of await boxes()) {
      for (const name of (await readdir(box.out)).sort()) {
        if (behaviour.hang) return
        if (/\.(xml|zip)$/i.test(name) && !name.startsWith('.')) await take(box, name)
      }
    }
  }

  async function take(box: Boxes, name: string): Promise<void> {
    const base = name.slice(0, -4)
    const bytes = await readFile(join(box.out, name))
    const content = /\.zip$/i.test(name) ? await openZip(bytes, `${base}.xml`) : { message: bytes, attachments: 0 }
    const document = content && readOrNot(content.message)
    const refused = behaviour.refuse ?? (document ? undefined : '报文无法解析')
    const bad = refused !== undefined || behaviour.failInSilence === true
    const to = bad ? box.fail : box.sent
    if (to === undefined) await unlink(join(box.out, name))
    else await mkdir(to, { recursive: true }).then(() => rename(join(box.out, name), join(to, name)))
    const before = taken.get(base)
    taken.set(base, {
      base,
      folder: box.out,
      times: (before?.times ?? 0) + 1,
      sha256: createHash('sha256')
        .update(content?.message ?? bytes)
        .digest('hex'),
      attachments: content?.attachments ?? 0,
    })
    log('taken', { name, bad })
    if (behaviour.mute || behaviour.failInSilence) return
    if (refused !== undefined || !document)
      return answer(box, `Failed_${base}_${stamp()}.xml`, Buffer.from(failure(refused ?? '')))
    await course(box, base, document)
  }

  async function course(box: Boxes, base: string, document: XmlDocument): Promise<void> {
    const documentType = book.identify(document)
    const stages = (documentType === undefined ? undefined : book.find(documentType, document))?.stages ?? []
    const [first, ...later] = stages.some((stage) => stage.sync)
      ? [stages.find((stage) => stage.sync)!, ...stages.filter((stage) => !stage.sync)]
      : stages
    const at = new Date()
    const bytes = (stage: Stage) =>
      render(stage, document, { submissionId: base, at: new Date(at.getTime() + (stage.afterMs ?? 0)) })
    const speak = async (stage: Stage, name: string) => {
      const said = bytes(stage)
      // The files an answer names lie there before it.
      if (documentType !== undefined)
        for (const file of await printAll(book.orders(documentType, { stage, message: document, answer: said })))
          await answer(box, file.name, file.bytes)
      await answer(box, name, said)
    }
    if (first) await speak(first, `Successed_${base}_${stamp()}.xml`)
    else
      await answer(
        box,
        `Successed_${base}_${stamp()}.xml`,
        Buffer.from('<CommonResponeMessage><DealFlag>0</DealFlag></CommonResponeMessage>'),
      )
    for (const stage of later)
      void sleep(stage.afterMs ?? 0, undefined, { signal: ended.signal }).then(
        () => speak(stage, `Receipt_${randomUUID()}_${stamp()}.xml`),
        () => {},
      )
  }

  async function answer(box: Boxes, name: string, bytes: Buffer): Promise<void> {
    const path = join(box.in, name)
    if (behaviour.slowWriteMs !== undefined) {
      const half = Math.floor(bytes.length / 2)
      await writeFile(path, bytes.subarray(0, half))
      await sleep(behaviour.slowWriteMs)
      await writeFile(path, bytes.subarray(half), { flag: 'a' })
    } else {
      await writeFile(`${path}.tmp`, bytes)
      await rename(`${path}.tmp`, path)
    }
    log('answered', { name })
  }

  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      if (!behaviour.hang) await round().catch((error: unknown) => log('round failed', { error: String(error) }))
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  }

  return {
    taken,
    behave: (next: ClientBehaviour) => void (behaviour = next),
    running: loop(),
    stop: () => ended.abort(),
  }
}

/** Root and two fields: the client's own failure file. */
function failure(text: string): string {
  const escaped = text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Root><failCode>-1</failCode><failInfo>${escaped}</failInfo></Root>`
}

let counter = 0
/** yyyyMMddHHmmssSSS in China time, and four digits. */
function stamp(): string {
  counter = (counter + 1) % 10_000
  return new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/\D/g, '') + String(counter).padStart(4, '0')
}

function readOrNot(bytes: Buffer): XmlDocument | undefined {
  try {
    return readMessage(bytes)
  } catch {
    return undefined
  }
}
