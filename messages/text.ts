// text — everything a partner reads is said twice, in Chinese and in English.
import { Type, type Static } from 'typebox'

export const Bilingual = Type.Object(
  {
    zh: Type.String({ description: 'In Chinese', examples: ['报文已接收。'] }),
    en: Type.String({ description: 'In English', examples: ['Taken.'] }),
  },
  { title: 'Bilingual', description: 'The same sentence in Chinese and English' },
)
export type Bilingual = Static<typeof Bilingual>

/** Fills `{name}` places in both languages. An unknown place is left as it stands. */
export function fill(text: Bilingual, values: Record<string, string | number | undefined>): Bilingual {
  const one = (s: string, language: 'Zh' | 'En') =>
    s.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[`${name}${language}`] ?? values[name]
      return value === undefined ? place : String(value)
    })
  return { zh: one(text.zh, 'Zh'), en: one(text.en, 'En') }
}
