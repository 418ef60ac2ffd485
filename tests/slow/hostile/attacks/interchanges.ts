// interchanges — many small things in one body: interchanges, messages, groups, files of a zip. All are answered, or
// the delivery is refused as a whole.
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import type { RunningHub } from '../../../support/hub.js'
import { until } from '../../../support/until.js'
import { zipOf } from '../../../support/zip.js'
import { expectRefused, sized, type Attack } from '../attack.js'

const type = 'application/edifact'
/** Below the limit of 5,000; files of a zip above theirs. */
const many = sized(4900, 1500)
const files = sized(65_000, 10_000)
const empty = (n: number) => "UNB+UNOC:3+A+B+200101:0000+1'UNZ+0+1'".repeat(n)
/** Messages of no known type, each wrong in as many places. */
const messages = (n: number, faults = 0) =>
  Array.from(
    { length: n },
    (_, i) => `UNH+${i}+CUSCAR:D:95B:UN'BGM+85+R${i}+9'${"QQQ+1'".repeat(faults)}UNT+${3 + faults}+${i}'`,
  ).join('')
const interchange = (body: string, n: number, extra = '') => `UNB+UNOC:3+A+B+200101:0000+1${extra}'${body}UNZ+${n}+1'`

/** Every CONTRL of the answer, in order: the reference it answers and what it says. */
async function contrls(hub: RunningHub, body: string): Promise<string[]> {
  const { status, body: answered } = await hub.send(body, { type, headers: { accept: type } })
  expect([207, 413, 422]).toContain(status)
  return [...String(answered.text).matchAll(/UCI\+([^+']*)\+/g)].map(([, reference]) => reference!)
}

const attacks: Attack[] = [
  {
    name: '12,000 empty interchanges',
    async run({ hub }) {
      expectRefused(await hub.send(empty(12_000), { type }), 413, 'HUB_TOO_MANY')
      expect(await contrls(hub, empty(12_000)), 'one CONTRL rejects the delivery').toHaveLength(1)
      return { tried: '0.4 MB twice', survived: 'refused: too many' }
    },
  },
  {
    name: '500,000 empty interchanges',
    async run({ hub }) {
      expectRefused(await hub.send(empty(500_000), { type }), 413, 'HUB_TOO_MANY')
      return { tried: '18 MB', survived: 'refused: too many' }
    },
  },
  {
    name: `${many.said} interchanges, each answered`,
    async run({ hub }) {
      const body = Array.from({ length: many.count }, (_, i) => empty(1).replaceAll('+1', `+${i}`)).join('')
      const answered = await hub.send(body, { type })
      expect([answered.status, answered.receipts.length]).toEqual([207, many.count])
      expect(await contrls(hub, body)).toEqual(Array.from({ length: many.count }, (_, i) => String(i)))
      return { tried: `${(body.length / 1e6).toFixed(1)} MB twice`, survived: `${many.said} CONTRLs in order` }
    },
  },
  {
    name: `${many.said} interchanges over SFTP`,
    async run({ hub, dir }) {
      const file = join(dir, 'many.edi')
      await writeFile(file, empty(many.count))
      const { code } = await hub.sftp(`put ${file} OutBox/many.edi`)
      expect(code).toBe(0)
      const listing = await until(
        'the receipts',
        async () => {
          const { stdout } = await hub.sftp('ls -l InBox')
          return /Failed_many\S*\.xml/.test(stdout) && stdout
        },
        120_000,
      )
      expect(listing).toMatch(/many\S*\.edi/)
      return { tried: '0.2 MB', survived: 'CONTRLs and receipts in InBox' }
    },
  },
  {
    name: `an interchange of ${many.said} messages, 100 faults each`,
    async run({ hub }) {
      const { status, receipts } = await hub.send(interchange(messages(many.count, 100), many.count), { type })
      expect([status, receipts.length]).toEqual([207, many.count])
      return { tried: `${((many.count * 640) / 1e6).toFixed(0)} MB`, survived: 'each refused' }
    },
  },
  {
    name: 'an interchange of 50,000 messages',
    async run({ hub }) {
      expectRefused(await hub.send(interchange(messages(50_000), 50_000), { type }), 413, 'HUB_TOO_MANY')
      return { tried: '2 MB', survived: 'refused: too many' }
    },
  },
  {
    name: '300,000 groups without a message',
    async run({ hub }) {
      const groups = "UNG+CUSCAR+A+B+200101:0000+1+UN+D:95B'UNE+0+1'".repeat(300_000)
      expectRefused(await hub.send(interchange(groups, 300_000), { type }), 413, 'HUB_TOO_MANY')
      return { tried: '14 MB', survived: 'refused: too many' }
    },
  },
  {
    name: '4,900 messages behind a UNB of 60 kB',
    async run({ hub }) {
      const body = interchange(messages(4900), 4900, `++${'X'.repeat(60_000)}`)
      const { status, receipts } = await hub.send(body, { type })
      expect([413, 422]).toContain(status)
      expect(receipts).toHaveLength(1)
      return { tried: '0.3 MB', survived: 'refused as a whole' }
    },
  },
  {
    name: 'a zip of 900 files of 500 interchanges',
    async run({ hub }) {
      const zip = zipOf(Array.from({ length: 900 }, (_, i) => [`${i}.edi`, empty(500)] as const))
      expectRefused(await hub.send(zip, { type: 'application/zip' }), 413, 'HUB_TOO_MANY')
      return { tried: '17 MB unpacked', survived: 'refused: too many' }
    },
  },
  {
    name: `a zip of ${files.said} files`,
    async run({ hub }) {
      const zip = zipOf(Array.from({ length: files.count }, (_, i) => [`${i}.xml`, '<a/>'] as const))
      expectRefused(await hub.send(zip, { type: 'application/zip' }), 422, 'HUB_ZIP_UNSAFE')
      return { tried: '8 MB', survived: 'refused: too many files' }
    },
  },
]
export default attacks
