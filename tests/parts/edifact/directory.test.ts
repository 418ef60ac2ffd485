// The directories' tables against recorded facts of the UN's own files, and items that a segment's table repeats, in
// both ways to write them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkElements } from '../../../messages/edifact/check-elements.js'
import { checkMessage } from '../../../messages/edifact/check-message.js'
import { placeNotation } from '../../../messages/edifact/hub-fault.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { messageToXml } from '../../../messages/edifact/to-xml.js'
import { type ItemSpec } from '../../../messages/edifact/directory/spec.js'
import { writeSegments } from '../../../messages/edifact/writer.js'
import { segment } from '../../../messages/edifact/segment.js'
import { directories } from '../../support/edifact.js'
import { schemaFaults } from '../../support/edifact-xsd.js'
import { root } from '../../support/hub.js'

const { releases } = directories()

/** `C076 M3 (3148 M an..512 3155 M an..3)`, `1004 C an..35` */
function itemFact({ id, mandatory, composite, components, max }: ItemSpec): string {
  const status = `${mandatory ? 'M' : 'C'}${max > 1 ? max : ''}`
  const part = (one: ItemSpec['components'][number]) => `${one.type}${one.min === one.max ? '' : '..'}${one.max}`
  if (!composite) return `${id} ${status} ${part(components[0]!)}`
  return `${id} ${status} (${components.map((one) => `${one.id} ${one.mandatory ? 'M' : 'C'} ${part(one)}`).join(' ')})`
}

/** Every segment of a release's messages: tag → its items. */
function factsOf(release: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const type of directories().types(release) ?? []) {
    const spec = directories().message(type, release)!
    const visit = (nodes: typeof spec.structure): void => {
      for (const node of nodes)
        if (node.kind === 'group') visit(node.children)
        else if (!['UNH', 'UNT', 'UNS', '*'].includes(node.tag))
          found.set(node.tag, spec.segment(node.tag)!.items.map(itemFact).join('; '))
    }
    visit(spec.structure)
  }
  return found
}

describe('the tables say what the directories of the UN say', () => {
  // `COM D99B-D24A C076 M3 (3148 M an..512 3155 M an..3)`: compared with EDSD, EDCD and EDED of the releases where they
  // could be had.
  const recorded = readFileSync(join(root, 'tests/parts/edifact/segment-facts.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, tag, from, to, fact] = /^(\w{3}) (D\d\d[A-C])-(D\d\d[A-C]) (.*)$/.exec(line)!
      return { tag: tag!, from: releases.indexOf(from!), to: releases.indexOf(to!), fact: fact! }
    })

  test.each(releases)('every segment of %s', (release) => {
    const at = releases.indexOf(release)
    const expected = recorded.filter(({ from, to }) => from <= at && at <= to).map(({ tag, fact }) => `${tag} ${fact}`)
    const found = [...factsOf(release)].map(([tag, fact]) => `${tag} ${fact}`)
    expect(found.sort()).toEqual(expected.sort())
    expect(found.length).toBeGreaterThan(50)
  })
})

const interchange = (version: number, type: string, release: string, body: string) => {
  const segments = body.split("'").filter((line) => line.trim() !== '').length
  return Buffer.from(
    `UNB+UNOC:${version}+TESTA+TESTB+${version === 4 ? '20' : ''}261128:1000+R1'UNH+1+${type}:D:${release}:UN'` +
      `${body}UNT+${segments + 2}+1'UNZ+1+R1'`,
  )
}
function judged(version: number, type: string, release: string, body: string) {
  const [read] = readInterchanges(interchange(version, type, release, body))
  const message = read!.messages[0]!
  const { faults } = checkMessage(message, directories())
  return [...read!.end.faults, ...faults]
    .filter(({ severity }) => severity === 'error')
    .map((one) => `${placeNotation(one)} ${one.code}`)
}

describe('an item that its segment repeats is read in both ways to write it', () => {
  const paxlst = (com: string) => `BGM+745'NAD+MS+++TEST'${com}TDT+20+XX1'DTM+189:2611281000:201'`
  test.each([
    [4, "COM+021:TE*022:FX*a?@b.test:EM'", []],
    [4, "COM+021:TE+022:FX+A:EM'", []],
    [3, "COM+021:TE+022:FX+A:EM'", []],
    [3, "COM+021:TE++A:EM'", []],
    [4, "COM+021:TE*022:FX+A:EM'", []],
    [4, "COM+021:TE*022:FX*A:EM*B:EM'", ['COM(4)+1*4 35']],
    [4, "COM+021:TE*022:FX+A:EM*B:EM'", ['COM(4)+2*2 35']],
    [3, "COM+021:TE+022:FX+A:EM+B:EM'", ['COM(4)+4 16']],
    [3, "COM+021:TE+:FX+A:EM'", ['COM(4)+2:1 13']],
    [4, "COM+021:TE*:FX'", ['COM(4)+1*2:1 13']],
    [3, "COM+021:TE+022:TOOLONG'", ['COM(4)+2:2 39']],
    [3, "COM+021:TE+022:FX:X'", ['COM(4)+2:3 16']],
    [3, "COM+++'", ['COM(4)+1 13']],
  ])('syntax %i: %s', (version, com, expected) => {
    expect(judged(version, 'PAXLST', '05B', paxlst(com))).toEqual(expected)
  })

  test('before D.99B nothing repeats', () => {
    for (const release of releases)
      for (const type of directories().types(release)!)
        for (const { max } of directories().message(type, release)!.segment('COM')?.items ?? [])
          expect([release, max]).toEqual([release, releases.indexOf(release) < releases.indexOf('D99B') ? 1 : 3])
    const com = (version: number, text: string) =>
      judged(version, 'PAXLST', '99A', paxlst(text)).filter((one) => one.startsWith('COM'))
    expect(com(3, "COM+1:TE+2:FX'")).toEqual(['COM(4)+2 16'])
    expect(com(4, "COM+1:TE*2:FX'")).toEqual(['COM(4)+1*2 35'])
  })

  test('what follows a repeated item stands behind its places, or behind its only place', () => {
    const spec = directories().message('SANCRT', 'D05B')!.segment('ADR')!
    expect(spec.items.map(({ id, max }) => `${id}*${max}`).join()).toBe(
      'C817*1,C090*1,3164*1,3251*1,3207*1,C819*5,C517*5',
    )
    const faults = (elements: string[][]) => {
      const found: string[] = []
      checkElements(segment('ADR', ...elements), spec, {
        scope: 'message',
        position: 1,
        report: (code, _, { element, component }) => found.push(`${code} ${element}:${component}`),
      })
      return found
    }
    const head = [[''], [''], ['CITY'], ['200000'], ['CN']]
    const [region, place] = [['REGION'], ['A NAME OF A PLACE THAT IS LONG', '', '', 'PLACE']]
    expect(faults([...head, region, place])).toEqual([])
    expect(faults([...head, region, [''], [''], [''], [''], place])).toEqual([])
    expect(faults([...head, region, region, region, region, region, place, place, place, place, place])).toEqual([])
    expect(faults([...head, region, place, place])).toEqual(['39 7:1', '39 8:1'])
    expect(
      faults([...head, ...Array.from({ length: 5 }, () => region), ...Array.from({ length: 6 }, () => place)]),
    ).toEqual(['16 16:0'])
  })

  test('in XML they are the same element again, whichever way they came, and the schema takes it', () => {
    const xmls = [
      [4, "COM+021:TE*022:FX'"],
      [3, "COM+021:TE+022:FX'"],
      [4, "COM+021:TE+022:FX'"],
    ].map(([version, com]) => {
      const [read] = readInterchanges(interchange(Number(version), 'PAXLST', '05B', paxlst(String(com))))
      return messageToXml(read!.messages[0]!, directories())
    })
    expect(xmls[0]!.xml!.xml.match(/<C_C076>/g)).toHaveLength(2)
    expect(new Set(xmls.map(({ xml }) => xml!.xml)).size).toBe(1)
    expect(schemaFaults(xmls[0]!.xml!.xml, xmls[0]!.spec!)).toEqual([])
  })

  test('a writer below version 4 does not write *', () => {
    const com = segment('COM', {
      repeat: [
        ['021', 'TE'],
        ['022', 'FX'],
      ],
    })
    expect(() => writeSegments([segment('UNB', ['UNOC', '3']), com])).toThrow('not in the character set')
  })
})
