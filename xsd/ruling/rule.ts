// rule — what an XSD cannot say of a message, as data (xsd/rules/<family>.yaml): what is required when, what must agree with what.
// A small closed set of kinds. A rule only ever finds faults in what the XSD has found valid.
//
// A *path* is as in messages/document-type.ts, and relative to the entry that `for` names (the root where there is no `for`); with a leading
// `/` it starts below the root. Of a repeated element the first is meant, except where a kind says every.
import { Type, type Static } from 'typebox'
import { checkDigits, type CheckDigitName } from '../../messages/check-digits/index.js'
import { Bilingual } from '../../messages/text.js'

const Path = Type.String({ pattern: '^/?[^/@\\s]*(/[^/@\\s]+)*(@[^/@\\s]+)?$', minLength: 1 })
const Paths = Type.Union([Path, Type.Array(Path, { minItems: 1 })])

/** A value, `/a regular expression/` over the whole of it, or the words `present` and `absent` (missing or blank); a list means any of them. */
const Value = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])
export const Wanted = Type.Union([Value, Type.Object({ not: Value }, { additionalProperties: false })])
export type Wanted = Static<typeof Wanted>

/** path → what it must hold. All of them; of a list of such, any. */
const Conditions = Type.Record(Path, Wanted)
export type Conditions = Static<typeof Conditions>

/** yyyyMMdd, yyyy-MM-dd[ HH:mm:ss] … */
const DateForm = Type.String({ pattern: '^yyyy-?MM-?dd' })

const open = { additionalProperties: false }
/** The kinds. Blank counts as missing everywhere; a kind that compares passes where one side is missing, which `require` is for. */
export const kinds = {
  /** Every path must be there and hold something; of repeated elements on the way, in each of them. */
  require: Paths,
  /** At least one of the paths must. */
  either: Type.Array(Path, { minItems: 2 }),
  /** No path may hold anything. */
  forbid: Paths,
  /** path → what every occurrence must hold, where it holds something. */
  value: Type.Record(Path, Wanted),
  /** No two occurrences may hold the same; with `each`, no two of these may hold the same in all of `by`. */
  unique: Type.Union([Path, Type.Object({ each: Path, by: Type.Array(Path, { minItems: 1 }) }, open)]),
  /** The occurrences hold 1, 2, 3 … each once, in whatever order they stand. */
  sequence: Path,
  /** At most so many occurrences. */
  most: Type.Object({ of: Path, count: Type.Integer({ minimum: 0 }) }, open),
  /** `total` is the sum of every `of` without every `less`, times `by`; give or take `tolerance`. Default: 0.01, with `by` what rounding explains. */
  sum: Type.Object(
    {
      total: Path,
      of: Paths,
      less: Type.Optional(Paths),
      by: Type.Optional(Path),
      tolerance: Type.Optional(Type.Number({ minimum: 0 })),
    },
    open,
  ),
  /** Two paths hold the same. */
  equal: Type.Tuple([Path, Path]),
  /** The first path's value begins with the second's. */
  begins: Type.Tuple([Path, Path]),
  /** Every occurrence is a number that can exist, where it has the form of one (messages/check-digits). */
  check: Type.Object(
    {
      path: Paths,
      as: Type.Unsafe<CheckDigitName>(Type.Union(Object.keys(checkDigits).map((name) => Type.Literal(name)))),
    },
    open,
  ),
  /** This element, an XML signature, is there and holds a value. Whether it holds, the agency says. Not asked where the message is signed later on its way. */
  signed: Path,
  /** Every occurrence is a day or a time that exists, written in one of these forms (date.ts); `open`: or in another, which is left alone. */
  date: Type.Object(
    {
      path: Paths,
      as: Type.Union([DateForm, Type.Array(DateForm, { minItems: 1 })]),
      open: Type.Optional(Type.Boolean()),
    },
    open,
  ),
  /** Dates compare by their digits as far as both go; anything else as numbers. The right side may be a number. */
  compare: Type.Tuple([
    Path,
    Type.Union([Type.Literal('<'), Type.Literal('<='), Type.Literal('>='), Type.Literal('>')]),
    Type.Union([Path, Type.Number()]),
  ]),
} as const
export type Kind = keyof typeof kinds

const Common = {
  id: Type.String({
    pattern: '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$',
    description: 'Told in the fault, so that a partner can ask about it',
  }),
  documents: Type.Array(Type.String(), { minItems: 1 }),
  for: Type.Optional(Path),
  when: Type.Optional(Type.Union([Conditions, Type.Array(Conditions, { minItems: 1 })])),
  text: Bilingual,
}
export const Rule = Type.Union(
  Object.entries(kinds).map(([kind, shape]) => Type.Object({ ...Common, [kind]: shape }, open)),
)
export type Rule = {
  id: string
  documents: string[]
  for?: string
  when?: Conditions | Conditions[]
  text: Bilingual
} & { [K in Kind]?: Static<(typeof kinds)[K]> }

export interface RuleFamily {
  family: string
  /** Document → where in it everything stands that the rules name, for documents that wrap what another is by itself. */
  within?: Record<string, string>
  rules: Rule[]
}
