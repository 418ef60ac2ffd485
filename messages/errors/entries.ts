// entries — the codes with their sentences. A code that has none is found when the hub, or a test, first loads them:
// tests run without the compiler.
import type { Bilingual } from '../text.js'
import type { CodeEntry, Sentences } from './codes.js'

/** A code with what it means and what is to be done. */
export interface ErrorEntry extends CodeEntry {
  /** What is wrong. */
  text: Bilingual
  /** What to do. */
  remedy: Bilingual
}

type Language = Readonly<Record<string, Sentences | undefined>>

/** @throws Error that names every code without a sentence, and the file it belongs into */
export function entriesOf<Code extends string>(
  codes: Readonly<Record<Code, CodeEntry>>,
  { zh, en }: Readonly<Record<'zh' | 'en', Language>>,
): Record<Code, ErrorEntry> {
  const names = Object.keys(codes) as Code[]
  const missing = Object.entries({ zh, en }).flatMap(([language, sentences]) =>
    names.filter((code) => !sentences[code]).map((code) => `${code} has no sentence in messages/errors/${language}.ts`),
  )
  if (missing.length > 0) throw new Error(missing.join('; '))
  const both = (code: Code, part: keyof Sentences): Bilingual => ({ zh: zh[code]![part], en: en[code]![part] })
  return Object.fromEntries(
    names.map((code) => [code, { ...codes[code], text: both(code, 'text'), remedy: both(code, 'remedy') }]),
  ) as Record<Code, ErrorEntry>
}
