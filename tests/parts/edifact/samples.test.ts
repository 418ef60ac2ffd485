// samples — every sample interchange is what a carrier, a terminal or a broker could send: read, checked, turned into
// XML and back, and written again byte for byte.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { type CharsetName } from '../../../messages/edifact/charset.js'
import { messageFromXml } from '../../../messages/edifact/from-xml.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { type Segment } from '../../../messages/edifact/segment.js'
import { messageToXml } from '../../../messages/edifact/to-xml.js'
import { Tokenizer } from '../../../messages/edifact/tokenizer.js'
import { writeSegments } from '../../../messages/edifact/writer.js'
import { directories } from '../../support/edifact.js'
import { schemaFaults } from '../../support/edifact-xsd.js'
import { root } from '../../support/hub.js'

const dir = join(root, 'xsd/families/edifact/samples')
const files = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.edi'))
    .sort()
const typeOf = (file: string) => file.slice(0, file.indexOf('-'))
const types = (
  'CUSCAR CUSREP CUSDEC CUSRES CUSEXP CUSPED IFCSUM IFTMIN IFTMBF IFTDGN IFTIAG PAXLST PNRGOV BERMAN CODECO ' +
  'COARRI COPARN COPRAR COSTCO COREOR COPINO BAPLIE MOVINS VESDEP CALINF WASDIS VERMAS APERAK CONTRL GENRAL'
).split(' ')

/** `-gbk` samples hold GBK bytes under a UNB that says UNOA: read by the partner's setting, as the hub is told to. */
const charset = (file: string): { charset?: CharsetName } => (file.includes('-gbk') ? { charset: 'gb18030' } : {})

function segmentsOf(bytes: Uint8Array, file: string): { segments: Segment[]; tokenizer: Tokenizer } {
  const tokenizer = new Tokenizer(charset(file))
  return { segments: [...tokenizer.push(bytes), ...tokenizer.end()], tokenizer }
}

/** Tag and values, without where they stood. */
const bare = (segments: readonly Segment[]) => segments.map(({ tag, elements }) => ({ tag, elements }))

describe('samples a partner could send', () => {
  test('there are at least four of every message type, of different releases, and three broken ones', () => {
    for (const type of types) {
      const own = files(dir).filter((file) => typeOf(file) === type)
      expect(own.length, type).toBeGreaterThanOrEqual(4)
      expect(new Set(own.map((file) => file.split('-')[1])).size, type).toBeGreaterThanOrEqual(
        type === 'CONTRL' ? 3 : 4,
      )
      expect(files(join(dir, 'invalid')).filter((file) => typeOf(file) === type).length, type).toBeGreaterThanOrEqual(3)
    }
    expect([...new Set(files(dir).map(typeOf))].sort()).toEqual([...types].sort())
  })

  describe.each(types)('%s', (type) => {
    const own = files(dir).filter((file) => typeOf(file) === type)
    test.each(own)('%s has no fault, and its XML is valid by the schema of its release', (file) => {
      const [, release] = file.split('-')
      const found = readInterchanges(readFileSync(join(dir, file)), charset(file))
      expect(found).toHaveLength(1)
      expect(found[0]?.end.faults).toEqual([])
      for (const message of found[0]!.messages) {
        const { faults, spec, xml } = messageToXml(message, directories())
        expect(faults).toEqual([])
        // The airlines' PAXLST has a table of its own in every release.
        expect([spec?.type, spec?.codesOf ?? spec?.release]).toEqual([type, release])
        expect(schemaFaults(xml!.xml, spec!)).toEqual([])
        expect(bare(messageFromXml(xml!.xml, directories()).segments)).toEqual(bare(message.segments))
      }
    })
    test.each(own)('%s is written byte for byte as it was read', (file) => {
      const bytes = readFileSync(join(dir, file))
      const { segments, tokenizer } = segmentsOf(bytes, file)
      const { una, characters, newline } = tokenizer.layout
      expect(tokenizer.broken).toBeUndefined()
      expect(Buffer.from(writeSegments(segments, { una, characters, newline, ...charset(file) })).equals(bytes)).toBe(
        true,
      )
    })
  })
})

describe('samples that are broken', () => {
  const broken = files(join(dir, 'invalid'))
  test.each(broken)('%s is refused with exactly the faults written beside it', (file) => {
    const expected: unknown = JSON.parse(
      readFileSync(join(dir, 'invalid', file.replace(/\.edi$/, '.expected.json')), 'utf8'),
    )
    const found = readInterchanges(readFileSync(join(dir, 'invalid', file)), charset(file))
    const faults = found.flatMap(({ messages, end }) => [
      ...messages.flatMap((message) => checkMessage(message, directories()).faults),
      ...end.faults,
    ])
    const errors = faults.filter((fault) => fault.severity === 'error').map(hubFault)
    expect(errors.map(({ code, path }) => ({ code, path }))).toEqual(expected)
    for (const { text } of errors)
      expect(text).toEqual({
        zh: expect.stringMatching(/[\u4e00-\u9fff]/) as string,
        en: expect.stringMatching(/[a-z]/) as string,
      })
  })
})
