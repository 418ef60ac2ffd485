// The listing of a flat file: what a person reads who asks what is wrong with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectFlat } from '../../../messages/flatfile/inspect.js'
import { listFlat } from '../../../messages/flatfile/listing.js'
import { flatTables } from '../../support/flatfile.js'
import { root } from '../../support/hub.js'

const folder = join(root, 'xsd/families/flatfile/samples')
const sample = (name: string) => readFileSync(join(folder, `${name}.txt`))
const listed = (bytes: Uint8Array, most?: number) =>
  listFlat(bytes, flatTables(), inspectFlat(bytes, flatTables()).faults, most === undefined ? {} : { most }).split('\n')

test('each record has its number and title, each field its name and meaning, then the fault', () => {
  const lines = listed(sample('invalid/IFCSUM-status'))
  expect(lines[0]).toBe('File 文件  IFCSUM  舱单 Manifest  ·  gbk')
  expect(lines[1]).toBe('    1 00  头记录 Header  (line 1)')
  expect(lines.find((line) => line.includes('VesselName'))).toMatch(/^ {8}:3 {4}船名 VesselName +CESHI YUANYANG$/)
  expect(lines.find((line) => line.includes('FileFunction'))).toMatch(/ 9 {2}\(原始\)$/)
  const fault = lines.findIndex((line) => line.startsWith('    ✗ 51(13):6  [HUB_FLAT_VALUE'))
  expect(lines.slice(0, fault).findLast((line) => /^ {1,4}\d+ \d\d /.test(line))).toMatch(
    /^ {3}13 51 {2}箱信息 Container/,
  )
  expect(lines.slice(-3)).toEqual(['合计 28 条记录，1 处错误', 'Total: 28 records, 1 error', ''])
})

test('of a long file only the first records are listed, and behind them the faulty ones', () => {
  const lines = listed(sample('invalid/IFCSUM-status'), 3)
  expect(lines.filter((line) => /^ {1,4}\d+ \d\d /.test(line)).map((line) => Number(line.slice(0, 5)))).toEqual([
    1, 2, 3, 13,
  ])
  expect(lines).toContain('      … 9 records without a fault left out')
  expect(lines).toContain('      … 15 records without a fault left out')
})

test('what is wrong with the form of a record stands under it, whether it could be read or not', () => {
  const text = sample('IFCSUM-export').toString('latin1')
  const unended = listed(Buffer.from(text.replace(/(\n10:[^']*)'/, '$1'), 'latin1'))
  const at = (lines: string[], start: string) => lines.findIndex((line) => line.startsWith(start))
  expect([
    at(unended, '    2 10 ') >= 0,
    at(unended, '    2 10 ') < at(unended, '    ✗ 10(2)'),
    at(unended, '    ✗ 10(2)') < at(unended, '    3 12 '),
  ]).toEqual([true, true, true])
  const untagged = listed(Buffer.from(text.replace(/\n13:/, '\nX3:'), 'latin1'))
  expect(at(untagged, '    3 12 ')).toBeLessThan(at(untagged, '    ✗ ??(4)'))
  expect(at(untagged, '    ✗ ??(4)')).toBeLessThan(at(untagged, '    5 16 '))
})

test('a file made to be long is not answered with a listing of many times its size', () => {
  const hostile = Buffer.from(`00:IFCSUM:MANIFEST:9:A:B:202611230915'${`12${':x'.repeat(499)}'`.repeat(1000)}99:1002'`)
  const lines = listed(hostile)
  expect(lines.join('\n').length).toBeLessThan(2 * hostile.length)
  expect(lines.some((line) => /… \d+ records left out/.test(line))).toBe(true)
})

describe('whatever is wrong, each fault is told once and no terminal is harmed', () => {
  const broken = readdirSync(join(folder, 'invalid'))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -4))
  test.each(broken)('%s', (name) => {
    const bytes = sample(`invalid/${name}`)
    const lines = listed(bytes)
    expect(lines.filter((line) => line.startsWith('    ✗ '))).toHaveLength(
      inspectFlat(bytes, flatTables()).faults.length,
    )
  })
  test.each([
    ['nothing', ''],
    ['no record', 'hello'],
    ['a type nobody knows', "00:NOPE:X:9:A:B:202611230915'99:2'"],
    ['a terminal’s commands', "00:IFCSUM:\u001b[2J:9:A:B:202611230915'10:\u001b]0;x\u0007'99:3'"],
  ])('%s', (_, text) => {
    const lines = listed(Buffer.from(text))
    expect(lines.filter((line) => line.startsWith('    ✗ ')).length).toBeGreaterThan(0)
    expect(lines.join('')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/)
  })
})
