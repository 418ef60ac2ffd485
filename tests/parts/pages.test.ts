// Every page of the repository: its links lead somewhere, the files and npm scripts it names are there, its `hub`
// commands are commands, and no line of prose is too long. The links of the code too: a part that is handed on says who
// makes it.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { root } from '../support/hub.js'

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
const files = new Set(listed.split('\0').filter((file) => file !== ''))
const folders = new Set([...files].flatMap((file) => foldersOf(file)))
const pages = [...files].filter((file) => file.endsWith('.md'))
const text = (page: string) => readFileSync(join(root, page), 'utf8')
/** Lines outside of blocks of code, each with its place. */
const prose = (page: string) => {
  let code = false
  return text(page)
    .split('\n')
    .map((line, index) => {
      const fence = /^\s*```/.test(line)
      if (fence) code = !code
      return { line: code || fence ? '' : line, at: `${page}:${index + 1}` }
    })
}

function foldersOf(file: string): string[] {
  const folder = posix.dirname(file)
  return folder === '.' ? [] : [folder, ...foldersOf(folder)]
}

/** The anchor GitHub gives a heading: small letters, no punctuation, a dash for each blank. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replace(/ /g, '-')

const anchorsOf = (page: string) => {
  const times = new Map<string, number>()
  return new Set(
    prose(page).flatMap(({ line }) => {
      const heading = /^#{1,6} (.*)$/.exec(line)?.[1]
      if (heading === undefined) return [...line.matchAll(/<a (?:id|name)="([^"]+)"/g)].map((named) => named[1]!)
      const anchor = anchorOf(heading)
      const before = times.get(anchor) ?? 0
      times.set(anchor, before + 1)
      return [before === 0 ? anchor : `${anchor}-${before}`]
    }),
  )
}

test('every link of every page leads to a file of the repository and, where it names one, to a heading of it', () => {
  const anchors = new Map(pages.map((page) => [page, anchorsOf(page)]))
  let links = 0
  const broken = pages.flatMap((page) =>
    prose(page).flatMap(({ line, at }) =>
      [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
        if (/^[a-z]+:/.test(link!)) return []
        links++
        const [path, anchor] = link!.split('#')
        const target = path === '' ? page : posix.join(posix.dirname(page), decodeURI(path!)).replace(/\/$/, '')
        if (!files.has(target) && !folders.has(target)) return [`${at} ${link}: no such file`]
        if (anchor === undefined) return []
        return anchors.get(target)?.has(decodeURIComponent(anchor)) ? [] : [`${at} ${link}: no such heading`]
      }),
    ),
  )
  expect(broken).toEqual([])
  expect(links).toBeGreaterThan(500)
})

test('no line of prose is longer than 120 characters, unless it has no blank where it could be broken', () => {
  /** `hub form print` writes these. */
  const printed = (page: string) => page.startsWith('docs/forms/')
  const written = pages.filter((page) => !printed(page))
  const long = written.flatMap((page) =>
    prose(page)
      .filter(({ line }) => line.length > 120 && !/^\s*(\||#|<)/.test(line))
      .filter(({ line }) => {
        const words = line.replace(/^\s*([-*+]|\d+\.)?\s*/, '')
        return / /.test(words.replace(/`[^`]*`|\]\([^)]*\)/g, 'x'))
      })
      .map(({ at }) => at),
  )
  expect(long).toEqual([])
  expect(written.length).toBeGreaterThan(50)
})

test('every file, folder and npm script that a page names is there', () => {
  const top = [...folders].filter((folder) => !folder.includes('/') && !folder.startsWith('.'))
  const named = new RegExp(`\`((?:${top.join('|')})/[\\w./-]+)\``, 'g')
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }
  const missing = pages.flatMap((page) =>
    prose(page).flatMap(({ line, at }) => [
      ...[...line.matchAll(named)]
        .map((match) => match[1]!.replace(/\/$/, ''))
        .filter((path) => !files.has(path) && !folders.has(path))
        .map((path) => `${at} ${path}`),
      ...[...line.matchAll(/npm run (?:--silent )?([\w:-]+)/g)]
        .filter((match) => !(match[1]! in scripts))
        .map((match) => `${at} ${match[0]}`),
    ]),
  )
  expect(missing).toEqual([])
})

/** What the command line prints for each with --help. One process asks for all: each alone costs a start of Node. */
async function helpOf(commands: string[]): Promise<string[]> {
  const program = pathToFileURL(join(root, 'dist/hub/cli/program.js')).href
  const script = `
    const [program, commands] = process.argv.slice(1)
    const helps = []
    // Commander counts arguments otherwise where it sees -e.
    process.execArgv = []
    process.stdout.setMaxListeners(0)
    const write = process.stdout.write
    for (const [index, command] of JSON.parse(commands).entries()) {
      let help = ''
      process.stdout.write = (text) => ((help += text), true)
      process.exit = () => { throw new Error('over') }
      process.argv = [process.execPath, 'hub', ...command.trim().split(' '), '--help']
      await import(program + '?' + index).catch(() => {})
      helps.push(help)
    }
    process.stdout.write = write
    process.stdout.write(JSON.stringify(helps))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, program, JSON.stringify(commands)],
    { env: { ...process.env, COLUMNS: '500' }, maxBuffer: 64 * 1024 * 1024 },
  )
  return JSON.parse(stdout) as string[]
}

test('every `hub` command and every option of it that a page names is one of the command line', async () => {
  const commands = new Map<string, Set<string>>()
  for (const page of pages) {
    for (const [, span] of text(page).matchAll(/`hub ([a-z][^`\n]*)`/g)) {
      const words = span!.split(/\s+/)
      // `hub partner keys|key|revoke`: three commands.
      const [first, second] = words.map((word) => word.split('|').filter((part) => /^[a-z][a-z-]*$/.test(part)))
      for (const group of first!) {
        for (const verb of second?.length ? second : ['']) {
          const options = commands.get(`${group} ${verb}`) ?? new Set()
          for (const [option] of span!.matchAll(/(?<=\s\[?)--[a-z-]+/g)) options.add(option)
          commands.set(`${group} ${verb}`, options)
        }
      }
    }
  }
  expect(commands.size).toBeGreaterThan(50)
  /** For whoever works on the hub: no help shows it. */
  const hidden = ['--readme']
  const helps = await helpOf([...commands.keys()])
  const wrong: string[] = []
  for (const [index, [command, options]] of [...commands].entries()) {
    const words = command.trim().split(' ')
    const help = helps[index]!
    const usage = /^Usage: hub(.*)$/m.exec(help)?.[1]?.trim().split(/\s+/) ?? []
    // A second word may be a value (`hub audit gacc`): then the first is a command without commands.
    const taken = usage[words.length - 1] === words.at(-1) || (usage[0] === words[0] && !usage.includes('[command]'))
    if (!taken) wrong.push(`hub ${words.join(' ')}`)
    for (const option of options)
      if (!help.includes(option) && !hidden.includes(option)) wrong.push(`hub ${words.join(' ')} ${option}`)
  }
  expect(wrong).toEqual([])
})

test('the code says of each part that is handed on who makes it; what it links to is in the file it names', () => {
  const sources = [...files].filter((file) =>
    /^(hub|queues|adapters|monitoring|store|xsd|messages)\/.*\.ts$/.test(file),
  )
  const seen: string[] = []
  const wrong = sources.flatMap((source) =>
    [...text(source).matchAll(/\[(\w+)\]\((\.{1,2}\/[^)\s]+\.ts)\)/g)].flatMap(([link, name, path]) => {
      seen.push(name!)
      const target = posix.join(posix.dirname(source), path!)
      const makes = new RegExp(`^(export )?(async )?(function\\*?|const|class|interface) ${name}\\b`, 'm')
      return files.has(target) && makes.test(text(target)) ? [] : [`${source} ${link}`]
    }),
  )
  expect(wrong).toEqual([])
  // From the door to the agency and back.
  expect(seen).toEqual(expect.arrayContaining(['createAccept', 'createSubmit', 'createSettle', 'createGiveBack']))
})

test('whatever is given verbs says at the verb or at the head of its parts where they are made', () => {
  /** Clocks and logs are the same everywhere, and what only a test gives is made there. */
  const known = /^(now|today|log)$/
  const sources = [...files].filter((file) => /^(hub|queues|adapters|monitoring|store|xsd)\/.*\.ts$/.test(file))
  let verbs = 0
  const silent = sources.flatMap((file) => {
    const source = text(file)
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest)
    /** With the comment before it. */
    const whole = (node: ts.Node) => source.slice(node.getFullStart(), node.end)
    const comment = (node: ts.Node) => source.slice(node.getFullStart(), node.getStart(tree))
    return tree.statements
      .filter((one) => ts.isInterfaceDeclaration(one))
      .filter((one) => one.name.text.endsWith('Parts'))
      .flatMap((one) =>
        one.members
          .filter((member) => /=>/.test(whole(member)) && !known.test(member.name?.getText(tree) ?? ''))
          .filter((member) => ++verbs && ![one, member].some((node) => comment(node).includes('@see')))
          .map((member) => `${file} ${one.name.text}.${member.name!.getText(tree)}`),
      )
  })
  expect(silent).toEqual([])
  expect(verbs).toBeGreaterThan(300)
})

test('each folder at the top has a README of a few lines that says what belongs there', () => {
  const top = [...folders].filter((folder) => !folder.includes('/'))
  const linesOf = (page: string) => (files.has(page) ? text(page).split('\n').length : 0)
  expect(top.filter((folder) => linesOf(`${folder}/README.md`) < 5)).toEqual([])
})

test('the page on security quotes titles of tests as they are: an attack that once held has its test by name', () => {
  const tests = [...files].filter((file) => file.startsWith('tests/') && file.endsWith('.ts')).map((file) => text(file))
  const [, table] = text('docs/security.md').split('## Which test holds what')
  const quoted = [...table!.matchAll(/“([^”]+)”/g)].map(([, part]) => part!)
  // A number may be made from the attack's size; … stands for what is left out.
  const piecesOf = (part: string) => part.split(/…|\d+/).map((piece) => piece.trim())
  const held = (part: string) => tests.some((test) => piecesOf(part).every((piece) => test.includes(piece)))
  expect(quoted.length).toBeGreaterThan(40)
  expect(quoted.filter((part) => !held(part))).toEqual([])
})
