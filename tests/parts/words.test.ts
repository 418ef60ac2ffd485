// The words of messages/README.md are those of the code: each is used there, none means two things, and a newcomer who
// meets a name of one word finds it in the list.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'messages/README.md'), 'utf8')
const folders = ['messages', 'xsd', 'routing', 'store', 'queues', 'adapters', 'hub', 'monitoring']
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
)
const source = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
/** Without comments: a word that only they use is no word of the code. */
const code = [...source.values()].map((text) => text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')).join('\n')

const rows = [...page.matchAll(/^\| (.+) \|$/gm)].map(([, cells]) => cells!.split(' | '))
const users = rows.filter((cells) => cells.length === 3 && /\p{Script=Han}/u.test(cells[1]!))
const ofCode = rows.filter((cells) => cells.length === 2 && /^[a-z]/.test(cells[0]!) && cells[0] !== 'word')
const words = [...users, ...ofCode].flatMap(([word]) => word!.split(', '))

const singular = (word: string) => word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1')

const exported = new Map<string, string[]>()
for (const [file, text] of source)
  for (const [, name] of text.matchAll(/^export (?:interface|type|class) (\w+)/gm))
    exported.set(name!, [...(exported.get(name!) ?? []), file])

test('every word of the list is one the code uses, and stands in it once', () => {
  expect(words.length).toBeGreaterThan(100)
  const unused = words.filter((word) => !new RegExp(word.replace(/[ -]/g, '[ _-]?'), 'i').test(code))
  expect(unused).toEqual([])
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([])
})

test('each word has a Chinese one of its own', () => {
  const chinese = users.map(([, zh]) => zh!)
  expect(chinese.filter((zh, i) => chinese.indexOf(zh) !== i)).toEqual([])
})

test('a type named by one word, where messages, ledger, queues and routing meet, stands in the list', () => {
  const known = new Set(words.map(singular))
  const mentioned = (name: string) =>
    known.has(singular(name.toLowerCase())) ||
    page.includes(`\`${name.toLowerCase()}\``) ||
    page.includes(`**${name.toLowerCase()}**`)
  const meet = /^(messages\/(?!edifact|flatfile|mapping|check-digits)|store\/ledger\/|queues\/|routing\/)/
  const single = [...exported].filter(
    ([name, where]) => /^[A-Z][a-z]+$/.test(name) && where.some((file) => meet.test(file)),
  )
  expect(single.length).toBeGreaterThan(40)
  expect(single.map(([name]) => name).filter((name) => !mentioned(name))).toEqual([])
})

test('a name of a type means one thing: only both engines, and doors with their makers, share one', () => {
  const sameIdea = (where: string[]) =>
    ['store/sqlite/', 'store/postgres/'].every((engine) => where.some((file) => file.startsWith(engine))) &&
    where.length === 2
  const several = [...exported].filter(([, where]) => where.length > 1 && !sameIdea(where)).map(([name]) => name)
  // What each folder asks of a log, since none may import another's; and what a door and its maker call their parts.
  expect(several.filter((name) => name !== 'Log' && !/Parts$/.test(name))).toEqual([])
})

test('every ending in the list is that of several types', () => {
  const endings = rows.flatMap(([first]) => [...first!.matchAll(/`…(\w+)`/g)].map(([, ending]) => ending!))
  expect(endings.length).toBeGreaterThan(8)
  expect(endings.filter((ending) => [...exported.keys()].filter((name) => name.endsWith(ending)).length < 3)).toEqual(
    [],
  )
})

test('each folder of the top two floors is told of on a page', () => {
  const pages = ['docs/architecture.md', ...folders.map((folder) => `${folder}/README.md`), 'CONTRIBUTING.md']
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  const second = new Set(
    files
      .map((file) => file.split('/'))
      .filter((parts) => parts.length > 2)
      .map((parts) => parts[1]!),
  )
  expect([...second].filter((folder) => !pages.includes(`${folder}/`) && !pages.includes(`\`${folder}\``))).toEqual([])
})
