// faults — what is wrong with a flat file, in its sender's words: which record of the file, which tag, which field.
// Never a path of XML.
import { errorCodes, type ErrorCode } from '../errors.js'
import { limited } from '../fault-limit.js'
import type { Fault } from '../fault.js'
import { fill } from '../text.js'

type FlatCode = Extract<ErrorCode, `HUB_FLAT_${string}`>

/**
 * Where. `field` counts the tag as field 1, as the published tables do; 0 is the record as a whole. `row` is a `^`
 * line, 0 for all.
 */
export interface FlatPlace {
  tag: string
  record: number
  line: number
  field?: number
  row?: number
  /** What the field or record is called. */
  name?: { zh: string; en: string }
}

/**
 * `51(12):3` is field 3 of the twelfth record, whose tag is 51; `51(12):3^2` its second line; `99` a record that is not
 * there.
 */
export function flatPlace({
  tag,
  record,
  field = 0,
  row = 0,
}: Pick<FlatPlace, 'tag' | 'record' | 'field' | 'row'>): string {
  return tag + (record > 0 ? `(${record})` : '') + (field > 0 ? `:${field}` : '') + (row > 0 ? `^${row}` : '')
}

interface FlatDetails {
  value?: string
  rule?: string
}

/** One fault. */
function flatFault(code: FlatCode, place: FlatPlace, { value, rule }: FlatDetails = {}): Fault {
  const zhPlace = [
    ...(place.record > 0 ? [`第 ${place.record} 条记录`] : ['记录']),
    place.tag,
    ...(place.field ? [`第 ${place.field} 项`] : []),
    ...(place.row ? [`第 ${place.row} 行`] : []),
  ]
  const enPlace = [
    ...(place.record > 0 ? [`record ${place.record}, tag`] : ['record']),
    place.tag,
    ...(place.field ? [`field ${place.field}`] : []),
    ...(place.row ? [`line ${place.row}`] : []),
  ]
  const values = { value: value?.slice(0, 60) ?? '', rule: rule ?? '' }
  const { text } = errorCodes[code]
  return {
    code,
    path: flatPlace(place),
    line: Math.max(1, place.line),
    ...(rule === undefined ? {} : { rule }),
    ...(value === undefined ? {} : { value: value.slice(0, 200) }),
    text: {
      zh: fill(text, { ...values, place: zhPlace.join(' ') + (place.name ? `（${place.name.zh}）` : '') }).zh,
      en: fill(text, { ...values, place: enPlace.join(' ') + (place.name ? ` (${place.name.en})` : '') }).en,
    },
  }
}

/** The faults of one file, as many as a person reads: a hostile file is not answered with a list of its own size. */
export class FlatFaults {
  /** One more than are listed, at most. */
  readonly #kept: Fault[] = []
  readonly #limit: number
  #met = 0

  constructor(limit = 500) {
    this.#limit = limit
  }

  /** Notes a fault at its record, tag and field. */
  add(code: FlatCode, place: FlatPlace, details: FlatDetails = {}): void {
    this.#met++
    if (this.#met <= this.#limit + 1) this.#kept.push(flatFault(code, place, details))
  }

  /** Those that are listed; after the limit one more that says so (HUB_FAULT_LIMIT). */
  get list(): Fault[] {
    return limited(this.#kept, this.#limit)
  }

  /** Whether there was one, listed or not. */
  get any(): boolean {
    return this.#met > 0
  }

  /** As many as are listed, and one more: reading on would only cost time. */
  get full(): boolean {
    return this.#met > this.#limit
  }
}
