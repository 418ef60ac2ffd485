// docs/asvs.md, docs/mlps.md: complete, counted right, and every test they name is one. A page that claims what no test
// shows is found here.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/hub.js'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const states = ['proved', 'met', 'not met', 'n/a'] as const
type State = (typeof states)[number]

/** Lines of tables, cell by cell, without heads and rules. */
const tableRows = (page: string) =>
  read(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .replace(/^\| | \|$/g, '')
        .split(' | ')
        .map((cell) => cell.trim()),
    )

interface Row {
  /** Requirement numbers, or a clause with its letters. */
  name: string
  state: State
  how: string
  test: string
}
const isState = (text: string | undefined): text is State => states.some((state) => state === text)
const asvs = tableRows('docs/asvs.md').flatMap(([name, level, state, how, test]): (Row & { level: string })[] =>
  isState(state) && /^\d/.test(name!) ? [{ name: name!, level: level!, state, how: how!, test: test ?? '' }] : [],
)
const mlps = tableRows('docs/mlps.md').flatMap(([name, state, , how, test]): Row[] =>
  isState(state) && /^\d/.test(name!) ? [{ name: name!, state, how: how!, test: test ?? '' }] : [],
)

const plain = (text: string) => text.replaceAll('’', "'").replaceAll("\\'", "'").replaceAll('\\"', '"')

/** The titles of a file: of its tests, and of the attacks that a suite runs by their names. */
function titlesOf(file: string): string[] {
  const text = read(file)
  const calls =
    /(?:\b(?:test|describe)(?:\.\w+)*\(|\b(?:title|name):)\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`([^`]*)`)/g
  const each = /\]\)\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`([^`]*)`)/g
  return [...text.matchAll(calls), ...text.matchAll(each)].map(([, a, b, c]) => plain(a ?? b ?? c ?? ''))
}
const filesOf = (path: string): string[] => {
  const found = [`tests/${path}.test.ts`, `tests/${path}.ts`].filter((file) => existsSync(join(root, file)))
  if (found.length > 0 || !existsSync(join(root, 'tests', path))) return found
  return readdirSync(join(root, 'tests', path)).flatMap((name) =>
    name.endsWith('.ts') ? [`tests/${path}/${name}`] : [],
  )
}

/** `file “part of a title”`, as pages name a test. */
function faultOf(named: string): string | undefined {
  const [, path, part] = /^([\w/-]+) “(.+)”$/.exec(named) ?? []
  if (!path || !part) return `${named}: not “file “title””`
  const files = filesOf(path)
  if (files.length === 0) return `${named}: no such file`
  return files.flatMap(titlesOf).some((title) => title.includes(plain(part))) ? undefined : `${named}: no such title`
}

test('every requirement of ASVS 5.0.0, levels 1 and 2, stands in the table once, under its level', () => {
  const wanted = read('tests/parts/standards/asvs-5.0.0.txt')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(' ') as [string, string])
  expect([wanted.length, wanted.filter(([, level]) => level === '1').length]).toEqual([253, 70])
  const levels = new Map(wanted)
  const found = asvs.flatMap(({ name, level }) =>
    [...name.matchAll(/(?:^|, )(\d+\.\d+\.\d+)/g)].map(([, id]) => ({ id: id!, level })),
  )
  expect(found.map(({ id }) => id).sort()).toEqual([...levels.keys()].sort())
  expect(found.filter(({ id, level }) => !level.split(', ').includes(levels.get(id)!))).toEqual([])
})

test('the clauses of GB/T 22239-2019 that concern software all stand in the table', () => {
  const chapters = ['8.1.2.2', ...range('8.1.3', 6), ...range('8.1.4', 11), ...range('8.1.5', 4)]
  for (const chapter of chapters)
    expect(
      mlps.some(({ name }) => name.startsWith(`${chapter} `)),
      chapter,
    ).toBe(true)
})
const range = (chapter: string, last: number) => Array.from({ length: last }, (_, n) => `${chapter}.${n + 1}`)

test.each([
  ['docs/asvs.md', asvs],
  ['docs/mlps.md', mlps],
])(
  '%s names for each row that is proved a test that is there, and says of every other how it stands',
  (_page, rows) => {
    expect(rows.length).toBeGreaterThan(40)
    const faults = rows.flatMap(({ name, state, how, test: named }) => {
      if (how === '') return [`${name}: nothing is said`]
      if ((named === '') === (state === 'proved')) return [`${name} is ${state} and names ${named || 'no test'}`]
      return state === 'proved' ? (faultOf(named) ?? []) : []
    })
    expect(faults).toEqual([])
  },
)

test('a title that is not there, or a file, would be found', () => {
  expect(faultOf('journeys/tls “TLS 1.3 and 1.2 with forward secrecy are spoken”')).toBeUndefined()
  expect(faultOf('journeys/tls “a title that nobody wrote”')).toContain('no such title')
  expect(faultOf('journeys/none “TLS 1.3”')).toContain('no such file')
  expect(faultOf('journeys/tls')).toContain('not “file')
})

test('the counts at the head of both pages are those of their rows', () => {
  const counted = (rows: readonly { state: State; of: number }[]) =>
    states.map((state) => rows.reduce((sum, row) => sum + (row.state === state ? row.of : 0), 0))
  const levels = new Map(
    read('tests/parts/standards/asvs-5.0.0.txt')
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
  const heads = tableRows('docs/asvs.md').filter(([, second]) => /^\d+$/.test(second ?? ''))
  for (const level of ['1', '2']) {
    const rows = asvs.map(({ name, state }) => {
      const ids = [...name.matchAll(/(?:^|, )(\d+\.\d+\.\d+)/g)].map(([, id]) => id!)
      return { state, of: ids.filter((id) => levels.get(id) === level).length }
    })
    const [, all, ...said] = heads.find(([first]) => first === level)!.map(Number)
    expect([level, all, said]).toEqual([level, said.reduce((a, b) => a + b), counted(rows)])
  }
  const [all, ...said] = tableRows('docs/mlps.md')
    .find(([first]) => /^\d+$/.test(first ?? ''))!
    .map(Number)
  const rows = mlps.map(({ name, state }) => ({ state, of: name.match(/[a-f]\)/g)?.length ?? 1 }))
  expect([all, said]).toEqual([said.reduce((a, b) => a + b), counted(rows)])
})
