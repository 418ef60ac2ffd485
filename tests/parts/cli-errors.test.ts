// What the command line says of a wrong option or argument: in English and Chinese, whatever the slip.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { expect, test } from 'vitest'
import { inBothLanguages } from '../../hub/cli/parser-errors.js'

/** What is printed when these words are typed. */
function said(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  let text = ''
  const whole = (given: string): number => {
    if (!/^\d+$/.test(given)) throw new InvalidArgumentError('')
    return Number(given)
  }
  const program = new Command('hub').exitOverride().configureOutput({
    outputError: (error, write) => write(inBothLanguages(error)),
    writeErr: (written) => void (text += written),
  })
  program
    .command('search')
    .argument('[text]')
    .option('--from <day>', 'from')
    .addOption(new Option('-s, --state <state>').choices(['accepted', 'refused']))
    .addOption(new Option('--csv').conflicts('json'))
    .option('--json')
    .addOption(new Option('--page <n>').env('TEST_PAGE').argParser(whole))
    .action(() => undefined)
  program
    .command('drop')
    .addArgument(new Argument('<count>').argParser(whole))
    .requiredOption('-w, --why <reason>')
    .action(() => undefined)
  Object.assign(process.env, env)
  try {
    program.parse([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
  } finally {
    for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name)
  }
  return text
}

test.each([
  ['search --form 2026-06-01', "unknown option '--form'", '错误：没有选项 --form，是否应为 --from？'],
  ['serch', "unknown command 'serch'", '错误：没有命令 serch，是否应为 search？'],
  ['search --from', "option '--from <day>' argument missing", '错误：选项 --from <day> 缺少值。'],
  ['search --state lost', "'lost' is invalid", '的值“lost”无效，可用的值：accepted, refused。'],
  ['search a b c', 'too many arguments', '错误：参数过多：应有 1 个，实有 3 个。'],
  ['search --csv --json', 'cannot be used with', '错误：选项 --csv 与 --json 不能同时使用。'],
  ['drop -w x', "missing required argument 'count'", '错误：缺少参数 count。'],
  ['drop 1', 'not specified', '错误：必须给出选项 -w, --why <reason>。'],
  ['drop many -w x', "'many' is invalid", '错误：参数 count 的值“many”无效。'],
])('hub %s: %s, and the same in Chinese', (words, en, zh) => {
  const text = said(words.split(' '))
  expect(text).toContain(en)
  expect(text).toContain(zh)
})

test('a wrong value of the environment is said with its variable', () => {
  expect(said(['search'], { TEST_PAGE: 'two' })).toContain(
    '错误：选项 --page <n> 的值“two”（来自环境变量 TEST_PAGE）无效。',
  )
})

test('an error the table does not know stands as it was said', () => {
  expect(inBothLanguages('error: something else\n')).toBe('error: something else\n')
})
