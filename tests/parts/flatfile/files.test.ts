// Port flat files as they are sent: what is right passes and becomes XML its schema takes; what is wrong is told in the
// sender's words.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { afterAll, describe, expect, test } from 'vitest'
import { inspectFlat } from '../../../messages/flatfile/inspect.js'
import { flatSchema } from '../../../messages/flatfile/to-xsd.js'
import { flatTables } from '../../support/flatfile.js'
import { root } from '../../support/hub.js'

const folder = join(root, 'xsd/families/flatfile/samples')
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))
const invalid = readdirSync(join(folder, 'invalid')).filter((name) => name.endsWith('.txt'))
const validators = new Map<string, XsdValidator>()

function validatorOf(type: string): XsdValidator {
  let found = validators.get(type)
  if (!found) {
    using schema = XmlDocument.fromString(
      readFileSync(join(root, 'xsd/families/flatfile/schemas', `${type}.xsd`), 'utf8'),
    )
    validators.set(type, (found = XsdValidator.fromDoc(schema)))
  }
  return found
}

afterAll(() => {
  for (const validator of validators.values()) validator.dispose()
})

describe('the samples', () => {
  test('every message type has at least three, in GBK and in UTF-8', () => {
    for (const type of flatTables().keys()) {
      const own = files
        .filter((name) => name.startsWith(`${type}-`))
        .map((name) => inspectFlat(readFileSync(join(folder, name)), flatTables()))
      expect(own.length, type).toBeGreaterThanOrEqual(3)
      expect(new Set(own.map(({ charset }) => charset)), type).toEqual(new Set(['gbk', 'utf-8']))
    }
  })

  test.each(files)('%s is right, and its XML is what the schema of its type takes', (name) => {
    const found = inspectFlat(readFileSync(join(folder, name)), flatTables())
    expect(found.faults).toEqual([])
    expect(found.type).toBe(name.slice(0, name.indexOf('-')))
    using xml = XmlDocument.fromString(found.xml ?? '')
    expect(() => validatorOf(found.type ?? '').validate(xml)).not.toThrow()
  })

  test.each(invalid)('%s is refused for just what is wrong with it, at the place its sender knows', (name) => {
    const expected = JSON.parse(
      readFileSync(join(folder, 'invalid', name.replace('.txt', '.expected.json')), 'utf8'),
    ) as unknown
    const found = inspectFlat(readFileSync(join(folder, 'invalid', name)), flatTables())
    expect(found.faults.map(({ code, path }) => ({ code, path }))).toEqual(expected)
  })
})

test('the schemas in the repository are those the tables make', () => {
  const kept = join(root, 'xsd/families/flatfile/schemas')
  const made = mkdtempSync(join(tmpdir(), 'flat-'))
  try {
    for (const [type, table] of flatTables()) {
      writeFileSync(join(made, `${type}.xsd`), flatSchema(table))
      expect(readFileSync(join(kept, `${type}.xsd`), 'utf8'), `${type}: rerun, the new one is in ${made}`).toBe(
        flatSchema(table),
      )
    }
    expect(readdirSync(kept).sort()).toEqual([...flatTables().keys()].map((type) => `${type}.xsd`).sort())
  } finally {
    rmSync(made, { recursive: true })
  }
})
