// setting-text — one fault of a value somebody wrote, as a sentence: its name, what was written, what is wrong.
import type { ValueFault } from './value-fault.js'

/** `agencies.gacc.url = "x": must be …`, in both languages. What may be a secret is not shown. */
export function settingText(name: string, { en, zh, value }: ValueFault): string {
  const written = value === undefined || isSecret(name) ? '' : ` = ${shown(value)}`
  return `${name === '' ? '' : `${name}${written}: `}${en} ${zh}`
}

/** `/agencies/gacc/url` as people write it: `agencies.gacc.url`. */
export function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** What may be a secret somebody wrote where only its name belongs: headers, passwords, addresses with a password. */
const isSecret = (name: string) => /headers\.|password|passphrase|token|secret|_KEY|redis_?url/i.test(name)

function shown(value: unknown): string {
  const text = JSON.stringify(value).replace(/\/\/[^/@"]*:[^/@"]*@/, '//…@')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
