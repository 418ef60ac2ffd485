// text — everything a partner reads is said twice, in Chinese and in English.
import { Type, type Static } from 'typebox'

/** A sentence in Chinese and English. */
export const Bilingual = Type.Object(
  {
    zh: Type.String({ description: 'In Chinese', examples: ['报文已接收。'] }),
    en: Type.String({ description: 'In English', examples: ['Taken.'] }),
  },
  { title: 'Bilingual', description: 'The same sentence in Chinese and English' },
)
export type Bilingual = Static<typeof Bilingual>

/**
 * Fills `{name}` places in both languages. An unknown place is left as it stands. Chinese has a space between a Chinese
 * character and a Latin one, and none between two Chinese ones: what is filled in decides.
 */
export function fill(text: Bilingual, values: Record<string, string | number | undefined>): Bilingual {
  const valueOf = (name: string, language: 'Zh' | 'En') => {
    const value = values[`${name}${language}`] ?? values[name]
    return value === undefined ? undefined : String(value)
  }
  const zh = text.zh.replace(/( ?)\{(\w+)\}( ?)/g, (place, before: string, name: string, after: string, at: number) => {
    const value = valueOf(name, 'Zh')
    if (value === undefined) return place
    const closeUp = (wide: string, neighbour: string | undefined) => isWide(wide) && isWide(neighbour)
    return [
      closeUp(value[0]!, text.zh[at - 1]) ? '' : before,
      value,
      closeUp(value.at(-1)!, text.zh[at + place.length]) ? '' : after,
    ].join('')
  })
  const en = text.en.replace(/\{(\w+)\}/g, (place, name: string) => valueOf(name, 'En') ?? place)
  return { zh, en }
}

/** A Chinese character or sign of punctuation. */
const isWide = (one: string | undefined) =>
  one !== undefined && /^[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”]/.test(one)

/** Without this character at its end. One pass, where a pattern such as /0+$/ begins anew at each of them. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}
