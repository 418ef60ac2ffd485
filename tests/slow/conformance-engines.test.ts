// Two engines that know nothing of each other, libxml2 and Xerces, say the same of every schema, of every sample, and
// of every sample with one thing wrong. CONFORMANCE_MUTANTS bounds the last (messages made of each sample, default 40);
// CONFORMANCE_SEED chooses them.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeXml } from '../../messages/charset.js'
import { edifactSchema } from '../../xsd/edi-tables.js'
import { tempDir } from '../support/temp.js'
import { mutate, mutations, seeded, type Mutation } from './conformance/mutate.js'
import { routing } from '../support/data.js'
import { allSamples, engine, libxml2, schemaPath, schemas } from './conformance/samples.js'
import { byFamily, print } from './conformance/table.js'
import { openXerces, type Verdict, type Xerces } from './conformance/xerces.js'

const perSample = Number(process.env.CONFORMANCE_MUTANTS ?? 40)
const seed = Number(process.env.CONFORMANCE_SEED ?? 20260101)

const samples = allSamples()
let xerces: Xerces | undefined
let skipped = 0

beforeAll(async () => {
  xerces = await openXerces()
  process.stdout.write(xerces ? `Xerces: ${xerces.how}\n` : 'Java is not installed: libxml2 is asked alone\n')
})
afterAll(() => {
  xerces?.close()
  if (skipped > 0) process.stdout.write(`\n${skipped} checks by Xerces were SKIPPED\n`)
})

let asked = 0
const second = (schema: string, bytes: Uint8Array) => secondAt(schemaPath(schema), bytes)
async function secondAt(path: string, bytes: Uint8Array): Promise<Verdict | undefined> {
  if (xerces && asked++ < xerces.most) return xerces.check(path, bytes)
  skipped++
  return undefined
}

/**
 * What libxml2 takes and Xerces does not is no difference where the hub's rules refuse it: base64 is read more strictly
 * there.
 */
const differ = (one: Verdict, other: Verdict | undefined, bytes: Uint8Array) =>
  other !== undefined && one.valid !== other.valid && !(one.valid && engine.inspect(bytes).faults.length > 0)

describe('both engines agree', () => {
  test('on every schema: it compiles', async () => {
    const broken: string[] = []
    for (const file of schemas.list) {
      const verdict = await second(file, new Uint8Array())
      if (verdict && !verdict.valid) broken.push(`${file}: ${verdict.detail}`)
      engine.compile(file)
    }
    expect(broken).toEqual([])
  })

  test('on the schema made for every EDIFACT message that is taken: it compiles', async () => {
    const dir = await tempDir('xsd')
    const files = [
      ...new Set(routing.documents.flatMap((f) => f.documents).flatMap((d) => d.schemas.map((s) => s.file))),
    ].filter((file) => file.startsWith('edifact/'))
    const broken: string[] = []
    for (const file of files) {
      const path = join(dir, basename(file))
      writeFileSync(path, edifactSchema(file)!)
      const verdict = await secondAt(path, new Uint8Array())
      if (verdict && !verdict.valid) broken.push(`${file}: ${verdict.detail}`)
      using doc = XmlDocument.fromBuffer(readFileSync(path))
      XsdValidator.fromDoc(doc).dispose()
    }
    process.stdout.write(`\n${schemas.list.length} schemas and ${files.length} made from EDIFACT directories compile\n`)
    expect(broken).toEqual([])
    expect(files.length).toBeGreaterThan(0)
  })

  test('on every sample, good and broken', async () => {
    const rows: { family: string; good: number; broken: number; unplaced: number }[] = []
    const apart: object[] = []
    for (const { family, file, bytes, valid, schema } of samples) {
      rows.push({ family, good: Number(valid), broken: Number(!valid), unplaced: Number(schema === undefined) })
      if (schema === undefined) continue
      const decoded = decodeXml(bytes)
      if ('fault' in decoded) continue
      const one = libxml2(schema, bytes)
      const other = await second(schema, bytes)
      if (differ(one, other, bytes) || (valid && !one.valid)) apart.push({ file, libxml2: one, xerces: other })
    }
    print(
      'samples both engines were asked about',
      ['family', 'good', 'broken', 'no schema'],
      byFamily(rows, [(r) => sum(r, 'good'), (r) => sum(r, 'broken'), (r) => sum(r, 'unplaced')]),
    )
    expect(apart).toEqual([])
  })

  test(`on ${perSample} messages made of each good sample with one thing wrong (seed ${seed})`, async () => {
    const rows: { family: string; mutation: Mutation; refused: number }[] = []
    const apart: object[] = []
    const random = seeded(seed)
    for (const { family, file, bytes, valid, schema } of samples) {
      const decoded = decodeXml(bytes)
      if (!valid || schema === undefined || 'fault' in decoded) continue
      const text = Buffer.from(decoded.utf8)
        .toString()
        .replace(/^\ufeff?(<\?xml[^>]*?) encoding=(['"]).*?\2/, '$1')
      for (let i = 0; i < perSample; i++) {
        const mutation = mutations[i % mutations.length]!
        const mutant = mutate(text, mutation, random)
        if (!mutant || mutant.xml === text) continue
        const made = Buffer.from(mutant.xml)
        const one = libxml2(schema, made)
        const other = await second(schema, made)
        if (differ(one, other, made)) apart.push({ file, mutation, what: mutant.what, libxml2: one, xerces: other })
        rows.push({ family, mutation, refused: Number(!one.valid || engine.inspect(made).faults.length > 0) })
      }
    }
    const share = (some: readonly (typeof rows)[number][]) =>
      some.length === 0 ? '-' : `${Math.round((100 * sum(some, 'refused')) / some.length)} %`
    print(
      'messages with one thing wrong, and the share of them refused',
      ['family', 'messages', ...mutations, 'all'],
      byFamily(rows, [
        (r) => r.length,
        ...mutations.map((m) => (r: readonly (typeof rows)[number][]) => share(r.filter((x) => x.mutation === m))),
        share,
      ]),
    )
    expect(apart.slice(0, 20)).toEqual([])
    expect(rows.length).toBeGreaterThan(0)
  })
})

function sum<K extends string>(rows: readonly Record<K, unknown>[], key: K): number {
  return rows.reduce((total, row) => total + Number(row[key]), 0)
}
