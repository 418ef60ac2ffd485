// The mappings as data: what is wrong with one is told at the start, all of it, and not at the first message.
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadRouting, RoutingDataError } from '../../../routing/load.js'
import { mappings } from '../../support/data.js'
import { root } from '../../support/hub.js'
import { mappingFaults } from '../../../xsd/mapping-faults.js'
import { tempDir } from '../../support/temp.js'

test('a mapping that makes no sense stops the start, every fault of it named', async () => {
  const dir = await tempDir('families')
  await cp(join(root, 'xsd/families'), dir, { recursive: true, filter: (file) => !file.endsWith('.xml') })
  await writeFile(
    join(dir, 'edifact/mappings/wrong.yaml'),
    `
mapping: wrong
from: { document: CUSCAR, when: { colour: red } }
to: { document: MT9, root: Manifest, namespace: x }
write:
  - { to: A, from: "BGM//1" }
  - { to: B, from: "BGM/1:1", codes: none }
`,
  )
  const faults = (() => {
    try {
      loadRouting({ routing: join(root, 'routing'), families: dir })
      return []
    } catch (error) {
      return (error as RoutingDataError).faults.map((fault) => fault.replace(/^.*wrong.yaml: /, ''))
    }
  })()
  expect(faults).toEqual([
    'wrong asks for colour, which CUSCAR does not give',
    'wrong makes the unknown document MT9',
    'wrong asks for the codes none, which are not there',
    "wrong 'BGM//1' is no place: ''",
  ])
})

test('every mapping has a name of its own', () => {
  const names = mappings.map(({ mapping }) => mapping)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(8)
})

test('a mapping to EDIFACT writes only what its release has; what it has not is told by name', () => {
  expect(mappings.filter(({ to }) => to.release !== undefined).length).toBeGreaterThan(8)
  expect(mappingFaults(mappings)).toEqual([])
  const wrong = {
    mapping: 'wrong',
    from: { document: 'MT3101' },
    to: { document: 'CODECO', root: 'M_CODECO', namespace: 'urn:singlewindow:edifact:CODECO', release: 'D00B' },
  }
  expect(
    mappingFaults([
      {
        ...wrong,
        write: [
          { to: 'BGM/2:9', value: 'x' },
          {
            to: 'EQD[CN]',
            each: 'A',
            write: [
              { to: 'CNI/1:1', from: 'B' },
              { to: 'DTM[137]', dtm: 'C' },
              { to: 'FTX/9:*', from: 'D' },
            ],
          },
        ],
      },
    ]),
  ).toEqual([
    'mapping wrong: BGM/2:9: BGM of D00B has no such value',
    'mapping wrong: EQD[CN]/CNI/1:1: CODECO of D00B has no segment CNI',
    'mapping wrong: EQD[CN]/FTX/9:*: FTX of D00B has no such value',
  ])
  expect(mappingFaults([{ ...wrong, to: { ...wrong.to, release: 'D99Z' }, write: [] }])).toEqual([
    'mapping wrong: no directory has CODECO of D99Z',
  ])
})
