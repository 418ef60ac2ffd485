// parser-errors — what commander says of a wrong option or argument, in English and Chinese.

/** How commander words a slip, and what that is in Chinese; `$1` … are what it names. */
const slips: readonly (readonly [RegExp, string])[] = [
  [/^unknown option '(.+?)'/, '没有选项 $1'],
  [/^unknown command '(.+?)'/, '没有命令 $1'],
  [/^missing required argument '(.+?)'/, '缺少参数 $1'],
  [/^option '(.+?)' argument missing/, '选项 $1 缺少值'],
  [/^required option '(.+?)' not specified/, '必须给出选项 $1'],
  [/^option '(.+?)' argument '([^]*?)' is invalid/, '选项 $1 的值“$2”无效'],
  [/^option '(.+?)' value '([^]*?)' from env '(.+?)' is invalid/, '选项 $1 的值“$2”（来自环境变量 $3）无效'],
  [/^command-argument value '([^]*?)' is invalid for argument '(.+?)'/, '参数 $2 的值“$1”无效'],
  [/^too many arguments.*? Expected (\d+) arguments? but got (\d+)/, '参数过多：应有 $1 个，实有 $2 个'],
  [/^option '(.+?)' cannot be used with option '(.+?)'/, '选项 $1 与 $2 不能同时使用'],
]

/** What commander adds to some of them. */
const additions: readonly (readonly [RegExp, string])[] = [
  [/\(Did you mean (?:one of )?(.+)\?\)/, '，是否应为 $1？'],
  [/Allowed choices are (.+)\./, '，可用的值：$1'],
]

/** A sentence of the parser, `error: unknown option '--x'`, and the same in Chinese on a line of its own. */
export function inBothLanguages(said: string): string {
  const text = said.trimEnd().replace(/^error: /, '')
  const zh = inChinese(text, slips)
  if (zh === undefined) return said
  const more = additions.map((one) => inChinese(text, [one]) ?? '').join('')
  return `${said.trimEnd()}\n错误：${zh}${more}${/[？。]$/.test(more) ? '' : '。'}\n`
}

/** What the first that fits makes of it. */
function inChinese(text: string, known: readonly (readonly [RegExp, string])[]): string | undefined {
  for (const [form, zh] of known) {
    const found = form.exec(text)
    if (found) return zh.replace(/\$(\d)/g, (_, n: string) => found[Number(n)]!)
  }
  return undefined
}
