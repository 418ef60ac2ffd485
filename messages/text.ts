// text — everything a partner reads is said twice, in Chinese and in English.
import { Type, type Static } from 'typebox'

export const Bilingual = Type.Object(
  { zh: Type.String(), en: Type.String() },
  { description: 'The same sentence in Chinese and English' },
)
export type Bilingual = Static<typeof Bilingual>

/** Fills `{name}` places in both languages. An unknown place is left as it stands. */
export function fill(text: Bilingual, values: Record<string, string | number | undefined>): Bilingual {
  const one = (s: string) =>
    s.replace(/\{(\w+)\}/g, (place, name: string) => (values[name] === undefined ? place : String(values[name])))
  return { zh: one(text.zh), en: one(text.en) }
}
