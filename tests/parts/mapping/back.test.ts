// The way back: what was filed as published XML, as a receiver who takes EDIFACT is sent it, and read again the same.
import { describe, expect, test } from 'vitest'
import { engine, ownOut, sampleFile, wayBack } from '../../support/way-back.js'

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
const told = ({ faults }: { faults: { code: string; path?: string }[] }) => faults.map(({ code, path }) => `${code} ${path ?? ''}`)
/** The XML without these elements, wherever they stand. */
const without = (xml: Buffer, ...names: string[]) => names.reduce((all, name) => all.replace(new RegExp(`\\s*<${name}(?: [^>]*)?>.*?</${name}>`, 'gs'), ''), xml.toString())
const compact = (xml: string) => xml.replace(/>\s+</g, '><').trim()

describe('EDIFACT made into XML, back, and into XML again is the same XML', () => {
  test.each(['CODECO-D95B-arrival'])('%s', (name) => {
    const first = engine.inspect(sampleFile(`edifact/${name}.edi`))
    expect(first.faults).toEqual([])
    const back = wayBack(first.derived!.bytes)
    expect(back.faults).toEqual([])
    const again = engine.inspect(back.derived!.bytes)
    expect(again.faults).toEqual([])
    expect(ownOut(again.derived!.bytes)).toBe(ownOut(first.derived!.bytes))
  })
})

describe('the arrival report MT3101 as CODECO', () => {
  const report = without(sampleFile('manifest/MT3101-2.xml'), 'Consignment')

  test('read again is the report', () => {
    const made = wayBack(report)
    expect([made.faults, made.derived!.mapping]).toEqual([[], 'mt3101-codeco'])
    expect(compact(ownOut(engine.inspect(made.derived!.bytes).derived!.bytes))).toBe(compact(ownOut(report)))
  })

  test('is addressed as the agency wants it, and asks for a CONTRL', () => {
    expect(text(wayBack(report).derived!.bytes).split('\r\n').slice(0, 4)).toEqual([
      "UNB+UNOW:4+TESTHUB:ZZZ+TESTPORT:ZZZ+20261123:1015+REF1++++1'",
      "UNH+REF1+CODECO:D:00B:UN'",
      "BGM+34+1101919999999_20250322090412000+9'",
      "DTM+137:20250322090412:204'",
    ])
  })

  test('with bills, which CODECO cannot tell, is refused at each of their values', () => {
    const faults = wayBack(sampleFile('manifest/MT3101-2.xml')).faults
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['HUB_MAP_LOST']))
    expect(faults.map(({ path }) => path)).toContain('/Manifest/Declaration/Consignment[2]/TotalGrossMassMeasure')
  })

  test('without containers is refused: a CODECO tells of containers', () => {
    expect(told(wayBack(sampleFile('manifest/MT3101-2-minimal.xml')))).toEqual(['HUB_MAP_MISSING /Manifest'])
  })

  test('in a character set without Chinese is refused where the Chinese stands', () => {
    expect(told(wayBack(report, { syntax: 'UNOC:3' }))).toEqual(['HUB_EDI_CHARACTER /Manifest/Declaration/AdditionalInformation/Content'])
    expect(wayBack(report, { syntax: 'UNOA:3', charset: 'gbk' }).faults).toEqual([])
  })

  test.each([
    ['of containers deletes those', without(sampleFile('manifest/MT3101-3.xml'), 'Consignment'), '3'],
    ['as a whole cancels it', sampleFile('manifest/MT3101-3-minimal.xml').toString(), '1'],
  ])('a deletion %s', (_, deletion, code) => {
    const made = wayBack(deletion)
    expect([made.faults, made.derived?.mapping]).toEqual([[], 'mt3101-codeco-deletion'])
    expect(text(made.derived!.bytes)).toMatch(new RegExp(`BGM\\+34\\+[^']*\\+${code}'`))
    expect(compact(ownOut(engine.inspect(made.derived!.bytes).derived!.bytes))).toBe(compact(ownOut(deletion)))
  })
})
