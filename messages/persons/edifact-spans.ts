// edifact-spans — what names a person in UN/EDIFACT, also in an interchange that is broken: the persons to contact and
// how to reach them, parties that show no organisation's name, and everybody on a list of passengers or crew.
import { defaultCharacters, levelBCharacters, parseUna } from '../edifact/service-characters.js'
import { isOrganisation } from './organisation.js'
import type { Spans } from './span.js'

/** Messages that list persons: what a party of them is called is a person's name. */
const listsPersons = /^(PAXLST|PNRGOV|APIS)$/

/** A place of a segment where a person can stand. */
interface EdifactPlace {
  tag: string
  /** The first component of the first element. */
  qualifier: string
  /** From 1, the tag not counted. */
  element: number
  component: number
}

/** Does what stands there name a person? */
export function edifactNamesPerson(
  { tag, qualifier, element, component }: EdifactPlace,
  value: string,
  personList: boolean,
): boolean {
  switch (tag) {
    case 'CTA':
      return element === 2
    case 'COM':
      return component === 1
    case 'NAD':
    case 'PNA':
      if (element < 3) return personList && element === 2 && component === 1
      if (element > 5) return false
      // A street alone names nobody; that of somebody who is travelling does.
      if (element === 5) return personList
      return personList || !isOrganisation(value)
    case 'DOC':
      return personList && element === 2 && component === 1
    case 'TIF':
      return element <= 2 && component === 1
    case 'SSR':
      return element >= 2 || (/^(DOC|CTC|FOID|PCTC)/.test(qualifier) && component >= 8)
    case 'IFT':
    case 'ADD':
      return personList && element >= 2
    case 'FTI':
    case 'FOP':
      return personList && component >= 2
    case 'RFF':
      return /^(AHP|ABW|AGW|PPT|AEA|AIF)$/.test(qualifier) && component === 2 && personList
    default:
      return false
  }
}

const segmentsInOneGo = 2_000

/** @param text decoded; begins with UNA or UNB, or with any segment */
export function* edifactSpans(text: string): Spans {
  const una = text.startsWith('UNA') ? parseUna(Buffer.from(text.slice(3, 9), 'latin1')) : undefined
  const marks = una ?? (/^[\s\S]{0,200}?\u001d/.test(text.slice(0, 200)) ? levelBCharacters : defaultCharacters)
  const { component: colon, element: plus, release, terminator, repetition } = marks
  let personList = /^[\s\S]{0,2000}?\b(PAXLST|PNRGOV)\b/.test(text.slice(0, 2_000))
  let segments = 0
  let at = una ? 9 : 0
  while (at < text.length) {
    if (++segments % segmentsInOneGo === 0) yield undefined
    while (at < text.length && text.charCodeAt(at) <= 0x20 && text.charCodeAt(at) !== terminator) at += 1
    let tag = ''
    let qualifier = ''
    let element = 0
    let component = 1
    let from = at
    let done = false
    while (!done) {
      const c = at < text.length ? text.charCodeAt(at) : terminator
      if (c === release && release !== 0 && at < text.length) {
        at += 2
        continue
      }
      const ends = c === terminator
      if (!ends && c !== plus && c !== colon && !(c === repetition && repetition !== 0 && element > 0)) {
        at += 1
        continue
      }
      const value = text.slice(from, at)
      if (element === 0 && component === 1) tag = value.trim()
      else {
        if (element === 1 && component === 1) qualifier = value
        if (tag === 'UNH' && element === 2 && component === 1) personList = listsPersons.test(value)
        const place = { tag, qualifier, element, component }
        if (value.trim() !== '' && edifactNamesPerson(place, value, personList)) yield { from, to: at }
      }
      done = ends || at >= text.length
      if (c === plus) {
        element += 1
        component = 1
      } else if (c === colon) component += 1
      else if (!ends) component = 1
      at += 1
      from = at
    }
  }
}
