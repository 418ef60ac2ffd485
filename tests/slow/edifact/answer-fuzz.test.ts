// Whatever an interchange looks like, answering it neither fails nor gives an answer with a fault: a failure would keep
// the message from being taken.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { businessAnswer } from '../../../messages/edifact/answers/business-answer.js'
import { buildContrl } from '../../../messages/edifact/answers/contrl.js'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { listInterchanges } from '../../../messages/edifact/listing.js'
import { cutInterchanges } from '../../../messages/edifact/parts.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { type CharsetName } from '../../../messages/edifact/charset.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const seed = Number(process.env.EDIFACT_SEED ?? 20261123)
/** EDIFACT_ROUNDS lengthens it (`npm run test:edifact`). */
const rounds = Number(process.env.EDIFACT_ROUNDS ?? 1)
let state = seed
/** 0 to n - 1 (xorshift). */
const random = (n: number) => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % n
}

/** A few bytes of the beginning put, taken or changed: separators, control characters, anything. */
function spoilt(bytes: Buffer): Buffer {
  let now = bytes
  for (let i = 1 + random(4); i > 0; i--) {
    const at = random(Math.min(now.length, 400))
    const one = random(3) === 0 ? random(256) : ":+'?*.- \r\n\x1d\x00\x7fAz0UN".charCodeAt(random(20))
    const kind = random(3)
    now = Buffer.concat([
      now.subarray(0, at),
      ...(kind === 0 ? [] : [Buffer.from([one])]),
      now.subarray(kind === 1 ? at : at + 1),
    ])
  }
  return now
}

function rightInItself(what: string, bytes: Uint8Array | undefined, charset: CharsetName | undefined): number {
  if (!bytes) return 0
  for (const { end, messages } of readInterchanges(bytes, charset ? { charset } : {})) {
    const faults = [
      ...end.faults,
      ...messages.flatMap((message) => checkMessage(message, directories()).faults),
    ].filter(({ severity }) => severity === 'error')
    if (faults.length > 0)
      throw new Error(`seed ${seed}: ${what} has ${faults[0]!.text.en}\n${Buffer.from(bytes).toString('latin1')}`)
    expect([what, messages.length]).toEqual([what, 1])
  }
  return 1
}

test(
  'damaged interchanges, over a thousand, are answered by sound CONTRL, CUSRES and APERAK',
  () => {
    const dir = join(root, 'xsd/families/edifact/samples')
    const samples = readdirSync(dir)
      .filter((file) => file.endsWith('.edi'))
      .map((file) => ({ file, bytes: readFileSync(join(dir, file)) }))
    const una = (characters: string) =>
      Buffer.from(`UNA${characters}UNB+UNOA:3+S+R+261123:0900+R1'UNH+1+CUSCAR:D:95B:UN'BGM+785+M1+9'UNT+3+1'UNZ+1+R1'`)
    const damaged = [
      ...[":+.  '", ":+.? '", ":+,?*'"].map((c) => ({ file: c, bytes: una(c) })),
      ...Array.from({ length: 1_200 * rounds }, () => samples[random(samples.length)]!).map(({ file, bytes }) => ({
        file,
        bytes: spoilt(bytes),
      })),
    ]
    let contrls = 0
    let answers = 0
    for (const { file, bytes } of damaged) {
      const charset = file.includes('-gbk') ? ('gb18030' as const) : undefined
      for (const { interchange, groups, faults, parts, bytes: whole } of cutInterchanges(
        bytes,
        charset ? { charset } : {},
      )) {
        const checked = parts.map((part) => ({
          part,
          faults:
            readInterchanges(part.bytes, charset ? { charset } : {})[0]?.messages.flatMap(
              (message) => checkMessage(message, directories()).faults,
            ) ?? [],
        }))
        contrls += rightInItself(
          `the CONTRL to ${file}`,
          buildContrl({
            interchange,
            groups,
            faults,
            messages: checked.map(({ part: { reference, id, group }, faults: own }) => ({
              reference,
              id,
              group,
              faults: own,
            })),
            at: new Date(),
            reference: 'A1',
          }),
          charset,
        )
        for (const { part, faults: own } of checked.length > 0
          ? checked.slice(0, 2)
          : [{ part: { bytes: whole }, faults: [] }]) {
          const receipt = {
            receiptId: 'rcp_1',
            status: 'refused' as const,
            code: 'HUB_EDI_REFUSED',
            text: { zh: '报文有错误：“详见”。', en: "It's refused: see below" },
            time: '2026-11-23T04:05:00.000Z',
            faults: own.slice(0, 20).map(hubFault),
          }
          answers += rightInItself(`the answer to ${file}`, businessAnswer(receipt, part.bytes, charset), charset)
        }
      }
      expect(listInterchanges(bytes, directories(), charset ? { charset } : {})).toContain('Total: ')
    }
    expect(contrls, `seed ${seed}`).toBeGreaterThan(300)
    expect(answers, `seed ${seed}`).toBeGreaterThan(300)
  },
  300_000 * rounds,
)
